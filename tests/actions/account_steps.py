"""Steps of the tests of accounts: what was asked for is sent, and who it was sent to."""

from beneficiate.actions.account_emails import claim_account_emails, mark_account_emails_sent
from beneficiate.unit_of_work import SYSTEM, UnitOfWork


def send_all(now):
    """Send every e-mail about accounts that is due, and return what was sent."""
    uow = UnitOfWork(SYSTEM, now)
    sent = claim_account_emails(uow)
    mark_account_emails_sent(uow, [one.email_id for one in sent])
    return sent
