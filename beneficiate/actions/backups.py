"""What a restored backup may not bring back."""

from datetime import datetime

from beneficiate.actions import audit, erasures
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import SignIn, StaffInvitation, User, UserConnection
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.notices import PushSubscription
from beneficiate.models.second_factors import SignInChallenge
from beneficiate.unit_of_work import UnitOfWork


def record_restore(uow: UnitOfWork, backed_up_at: datetime) -> None:
    """End what a token opens, forget the connections of that time, and record the restore with the time of the backup.

    Tokens and links that were ended or used up after the backup would work again otherwise: of sign-ins, of those that
    wait for a second step, of e-mails and of invitations. Nobody is connected: no process serves yet. Those whose data
    wait to be erased have seven days anew: they may have cancelled it after the backup.
    """
    SignIn.update(ended_at=uow.now).where(SignIn.ended_at.is_null()).execute()
    User.update(tokens_valid_after=uow.now).execute()
    SignInChallenge.delete().execute()
    AccountEmail.update(token_hash="").where(AccountEmail.token_hash != "").execute()
    StaffInvitation.update(token_hash="").where(StaffInvitation.token_hash != "").execute()
    UserConnection.delete().execute()
    # Their files are in no backup. One that was being written is begun again.
    DataCopy.update(expires_at=uow.now).where(DataCopy.expires_at > uow.now).execute()
    DataCopy.update(file_id="").where(DataCopy.file_id != "").execute()
    PushSubscription.delete().execute()
    erasures.begin_regret_anew(uow)
    audit.record_act(uow, "backups.restore", "backup", changes={"backed_up_at": (None, backed_up_at.isoformat())})
