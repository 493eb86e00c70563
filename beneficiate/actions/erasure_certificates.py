"""The end of an erasure: its certificate, the last e-mail, and what is forgotten later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beneficiate.actions import audit, emails
from beneficiate.actions.account_endings import end_account
from beneficiate.actions.erasure_rows import ERASED_BODY, erase_payment_details, is_unerased_message
from beneficiate.domain.erasures import CERTIFICATE_LIFETIME, EMAILS_FIRST, ERASED_TEXT, kept_until
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.base import lock_rows
from beneficiate.models.chats import CLOSED, Attachment, Chat, Message, Note
from beneficiate.models.consents import Consent
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.erasures import ERASED, ERASING, REQUESTED, Erasure, ErasureEmail
from beneficiate.models.payments import Payment, PaymentTransaction, WompiEvent
from beneficiate.queries.erasures import (
    build_certificate,
    find_last_payment,
    hash_account,
    hash_document,
    is_message_of,
    own_chats,
    select_files,
)
from beneficiate.queries.undelivered_emails import REFUSED_TRIES
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.erasures import Certificate

SCRUBBED_PER_RUN = 200


@dataclass(frozen=True, slots=True)
class FinishErasure:
    """An erasure whose rows are erased, the ids of the files that were deleted, and when that was."""

    erasure_id: int
    file_ids: list[str]
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureAgain:
    """An erasure of the list, whose person a restored backup has brought back."""

    code: str
    user_id: int
    owner_hash: str
    account_hash: str
    requested_at: datetime
    erased_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PendingCertificate:
    """A certificate that is due, and to whom it goes. `key` is that of the message."""

    email_id: int
    key: str
    email: str
    certificate: Certificate


def finish_erasure(uow: UnitOfWork, command: FinishErasure) -> bool:
    """Finish an erasure and queue its certificate; return whether it is finished. A second time changes nothing.

    It is not while something is left, such as a message that was under way as the account was closed.
    """
    user_id = Erasure.select(Erasure.user).where(Erasure.id == command.erasure_id).scalar()
    User.lock_rows([user_id])
    row = lock_rows(Erasure.select().where(Erasure.id == command.erasure_id)).get()
    if row.state == ERASED:
        return True
    Attachment.delete().where(Attachment.id.in_(command.file_ids)).execute()
    is_gone = (DataCopy.file_id == "") | DataCopy.file_id.in_(command.file_ids)
    DataCopy.delete().where(DataCopy.user == user_id, is_gone).execute()
    if _has_remains(user_id):
        return False
    if row.email:
        ErasureEmail.create(erasure=row.id, email=row.email, created_at=uow.now)
    columns = {"state": ERASED, "erased_at": command.erased_at, "email": "", "waits_for": ""}
    until = kept_until(command.erased_at, find_last_payment(user_id))
    Erasure.update(**columns, kept_until=until).where(Erasure.id == row.id).execute()
    audit.record_act(uow, "people.erase", f"user:{user_id}", person_id=user_id)
    return True


def begin_again(uow: UnitOfWork, listed: ErasureAgain) -> int | None:
    """Return the id of the erasure to carry out for an entry of the list; None when it was carried out here.

    The person gets no second certificate. Raises NotFound when the database has another person under the id.
    """
    User.lock_rows([listed.user_id])
    known = lock_rows(Erasure.select().where(Erasure.code == listed.code)).first()
    if known is not None and known.state == ERASED:
        return None
    user = User.get_or_none(User.id == listed.user_id)
    if user is None or not _is_person_of(uow, user, known, listed):
        raise NotFound
    # First, since the end of a chat is a message too.
    end_account(uow, user.id)
    columns = {
        "state": ERASING,
        # Nobody is told of appointments that a backup has brought back.
        "closed_at": listed.erased_at - EMAILS_FIRST,
        "counts": json.dumps(dict(listed.counts)),
        "owner_hash": listed.owner_hash,
        "erased_at": listed.erased_at,
    }
    if known is not None:
        # Who was sent the certificate before the restore gets no other one.
        Erasure.update(columns, email="").where(Erasure.id == known.id).execute()
        return int(known.id)
    # One that the person asked for, cancelled and asked for again has another code.
    Erasure.delete().where(Erasure.user == user.id, Erasure.state.in_([REQUESTED, ERASING])).execute()
    times = {"requested_at": listed.requested_at, "due_at": uow.now}
    return int(Erasure.create(user=user.id, code=listed.code, **times, **columns).id)


def claim_certificates(uow: UnitOfWork) -> list[PendingCertificate]:
    """Claim the certificates that are due; the caller sends them. Those of two days ago are given up."""
    ErasureEmail.delete().where(ErasureEmail.created_at < uow.now - CERTIFICATE_LIFETIME).execute()
    rows = emails.claim_emails(uow, ErasureEmail)
    return [
        PendingCertificate(row.id, emails.email_key(row), row.email, build_certificate(row.erasure)) for row in rows
    ]


def forget_sent_certificates(uow: UnitOfWork, email_ids: list[int]) -> None:
    """Forget the addresses to which certificates were sent."""
    ErasureEmail.delete().where(ErasureEmail.id.in_(email_ids)).execute()


def record_certificate_failure(uow: UnitOfWork, failed: emails.FailedEmail) -> None:
    """Record that a certificate may have arrived; of one that was refused for good, forget the address."""
    emails.record_email_failure(ErasureEmail, failed)
    ErasureEmail.delete().where(ErasureEmail.tries == REFUSED_TRIES).execute()


def scrub_late_payment_details(uow: UnitOfWork) -> None:
    """Erase what Wompi has sent about people since they were erased: an event may come again days later."""
    erased = Erasure.select(Erasure.user).join(Payment, on=Payment.user == Erasure.user)
    is_said = (PaymentTransaction.method_detail != "") | (PaymentTransaction.reason != "")
    transactions = erased.join(PaymentTransaction).where(Erasure.state == ERASED, is_said)
    events = erased.join(WompiEvent).where(Erasure.state == ERASED, WompiEvent.body != ERASED_BODY)
    for late in (transactions, events):
        for (user_id,) in list(late.distinct().limit(SCRUBBED_PER_RUN).tuples()):
            erase_payment_details(uow, user_id)


def forget_old_proofs(uow: UnitOfWork) -> None:
    """Forget by whose document an erasure is found, when nothing has to be proved any more."""
    is_over = (Erasure.state == ERASED) & (Erasure.kept_until < uow.now) & (Erasure.owner_hash != "")
    over = Erasure.select(Erasure.user).where(is_over)
    Consent.update(address="").where(Consent.user.in_(over)).execute()
    Erasure.update(owner_hash="").where(is_over).execute()


def _is_person_of(uow: UnitOfWork, user: User, known: Erasure | None, listed: ErasureAgain) -> bool:
    """Return whether a user is whom the list means: by the document, the account or, half erased, the erasure."""
    if known is not None:
        return bool(known.user_id == user.id)
    is_owner = hash_document(uow, user.document_type, user.document_number) == listed.owner_hash
    return is_owner or hash_account(uow, user) == listed.account_hash


def _has_remains(user_id: int) -> bool:
    is_open_chat = ((Chat.user == user_id) | (Chat.peer == user_id)) & (Chat.status != CLOSED)
    return bool(
        Message.select(Message.id).where(is_message_of(user_id), is_unerased_message()).exists()
        or Attachment.select().where(Attachment.id.in_(select_files(user_id))).exists()
        or DataCopy.select().where(DataCopy.user == user_id).exists()
        or Note.select(Note.id).where(Note.chat.in_(own_chats(user_id)), Note.text != ERASED_TEXT).exists()
        or DataRequest.select().where(DataRequest.user == user_id, DataRequest.text != ERASED_TEXT).exists()
        or Chat.select(Chat.id).where(is_open_chat).exists()
        or User.select(User.id).where(User.id == user_id, User.password_hash != "").exists()
    )
