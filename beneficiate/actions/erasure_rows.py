"""Erasing the data of a member where they are stored: rows stay, what they say of the person goes.

Nothing that figures, money or the audit count is deleted. `docs/erasure.md` lists every column, and a test compares it
with the tables. Each action changes nothing when it is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from peewee import Expression, fn

from beneficiate.actions.account_endings import end_account
from beneficiate.actions.email_requests import forget_email_requests
from beneficiate.actions.member_changes import emit_member_changed
from beneficiate.actions.sign_in_throttles import forget_account_throttles
from beneficiate.domain.erasures import (
    ERASED_DOCUMENT_TYPE,
    ERASED_EMAIL_DOMAIN,
    ERASED_FIRST_NAME,
    ERASED_LAST_NAME,
    ERASED_NAME,
    ERASED_TEXT,
)
from beneficiate.models.account_emails import AccountEmail, Registration
from beneficiate.models.accounts import Beneficiary, SignIn, User, UserConnection
from beneficiate.models.appointments import Appointment, AppointmentChange, AppointmentEmail, Hold, Reminder
from beneficiate.models.audit import AuditText
from beneficiate.models.chats import Attachment, Chat, ChatEvent, ChatTag, Message, Note, Rating, Tag
from beneficiate.models.consents import Consent
from beneficiate.models.data_copies import FAILED_COPY, PENDING_COPY, DataCopy
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.erasures import ERASING, Erasure
from beneficiate.models.form_creations import FormCreation
from beneficiate.models.imports import MemberImportRow
from beneficiate.models.notices import AwayNotice, NoticePreferences, PushSubscription
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, PlanEmail, WompiEvent
from beneficiate.models.people import PersonWord
from beneficiate.models.quotas import QuotaUse
from beneficiate.models.second_factors import SecondFactor, SignInChallenge
from beneficiate.queries.erasures import is_message_of, own_chats, select_files
from beneficiate.unit_of_work import UnitOfWork

MESSAGES_PER_RUN = 500
"""So many messages are rewritten in one transaction, some 30 ms: others who write wait no longer."""
ERASED_BODY = "{}"
ATTACHMENT_NAME = "archivo"
HASH_CHARS = 64


@dataclass(frozen=True, slots=True)
class EraseRows:
    """An erasure that goes on, and the ids of events of Wompi without a payment that name the person."""

    erasure_id: int
    event_ids: list[int]


def erase_messages(uow: UnitOfWork, erasure_id: int) -> int:
    """Erase at most 500 messages of the person, whoever wrote them, and return how many there were."""
    user_id = _find_person(erasure_id)
    left = Message.select(Message.id).where(is_message_of(user_id), is_unerased_message())
    ids = [id_ for (id_,) in left.order_by(Message.id).limit(MESSAGES_PER_RUN).tuples()]
    is_it = Message.id.in_(ids)
    Message.update(message=ERASED_TEXT, client_id=None).where(is_it).execute()
    Message.update(sender_name=ERASED_NAME).where(is_it, Message.sender_type == "USER").execute()
    return len(ids)


def is_unerased_message() -> Expression:
    """Return the condition that a message still says something of its person."""
    is_named = (Message.sender_type == "USER") & (Message.sender_name != ERASED_NAME)
    return (Message.message != ERASED_TEXT) | Message.client_id.is_null(False) | is_named


def erase_rows(uow: UnitOfWork, command: EraseRows) -> None:
    """Erase everything about the person but messages and files. What came in before the account closed ends too."""
    user_id = _find_person(command.erasure_id)
    User.lock_rows([user_id])
    if Erasure.select(Erasure.state).where(Erasure.id == command.erasure_id).scalar() != ERASING:
        return
    end_account(uow, user_id)
    for erase in _STEPS:
        erase(uow, user_id)
    WompiEvent.update(body=ERASED_BODY).where(WompiEvent.id.in_(command.event_ids)).execute()
    # Last: what the steps before have found by the address or the document is gone.
    _erase_account(uow, user_id)
    emit_member_changed(uow, user_id)


def erase_payment_details(uow: UnitOfWork, user_id: int) -> None:
    """Erase how somebody paid and what Wompi wrote about them; what was paid, when and for what stays."""
    payments = Payment.select(Payment.id).where(Payment.user == user_id)
    transactions = PaymentTransaction.select(PaymentTransaction.id).where(PaymentTransaction.payment.in_(payments))
    is_said = (PaymentTransaction.method_detail != "") | (PaymentTransaction.reason != "")
    PaymentTransaction.update(method_detail="", reason="").where(
        PaymentTransaction.payment.in_(payments), is_said
    ).execute()
    is_theirs = WompiEvent.payment.in_(payments) | WompiEvent.transaction_id.in_(transactions)
    WompiEvent.update(body=ERASED_BODY).where(is_theirs, WompiEvent.body != ERASED_BODY).execute()
    is_written = (PaymentReview.note != "") & (PaymentReview.note != ERASED_TEXT)
    PaymentReview.update(note=ERASED_TEXT).where(PaymentReview.payment.in_(payments), is_written).execute()


def _find_person(erasure_id: int) -> int:
    return int(Erasure.select(Erasure.user).where(Erasure.id == erasure_id).scalar())


def _erase_chats(uow: UnitOfWork, user_id: int) -> None:
    chats = own_chats(user_id)
    any_chat = Chat.id.in_(chats) | (Chat.user == user_id) | (Chat.peer == user_id)
    Chat.update(last_line=ERASED_TEXT).where(any_chat, Chat.last_line != "").execute()
    ChatEvent.update(note="").where(ChatEvent.chat.in_(chats), ChatEvent.note != "").execute()
    Note.update(text=ERASED_TEXT, client_id=None).where(Note.chat.in_(chats)).execute()
    Rating.update(comment="").where(Rating.chat.in_(chats), Rating.comment != "").execute()
    Attachment.update(name=ATTACHMENT_NAME).where(Attachment.id.in_(select_files(user_id))).execute()
    _delete_own_tags(user_id)


def _delete_own_tags(user_id: int) -> None:
    """Delete the tags that are on chats of this person alone: they may say something of them. No figure counts tags."""
    chats = own_chats(user_id)
    of_others = ChatTag.select(ChatTag.tag).where(ChatTag.chat.not_in(chats))
    own = ChatTag.select(ChatTag.tag).where(ChatTag.chat.in_(chats), ChatTag.tag.not_in(of_others))
    ids = [tag_id for (tag_id,) in own.distinct().tuples()]
    ChatTag.delete().where(ChatTag.tag.in_(ids)).execute()
    Tag.delete().where(Tag.id.in_(ids)).execute()


def _erase_appointments(uow: UnitOfWork, user_id: int) -> None:
    own = Appointment.select(Appointment.id).where(Appointment.user == user_id)
    Appointment.update(notes="", request_key=None).where(Appointment.user == user_id).execute()
    AppointmentChange.update(reason="").where(AppointmentChange.appointment.in_(own)).execute()
    Reminder.update(sent_at=uow.now).where(Reminder.appointment.in_(own), Reminder.sent_at.is_null()).execute()
    unsent = AppointmentEmail.appointment.in_(own) & AppointmentEmail.sent_at.is_null()
    AppointmentEmail.update(sent_at=uow.now).where(unsent).execute()
    PlanEmail.update(sent_at=uow.now).where(PlanEmail.user == user_id, PlanEmail.sent_at.is_null()).execute()
    Hold.delete().where(Hold.user == user_id).execute()


def _erase_requests(uow: UnitOfWork, user_id: int) -> None:
    """Erase what was written in requests about the data; which ones there were, when and how they ended stays."""
    own = DataRequest.select(DataRequest.id).where(DataRequest.user == user_id)
    events = DataRequestEvent.request.in_(own)
    DataRequest.update(text=ERASED_TEXT).where(DataRequest.id.in_(own)).execute()
    DataRequest.update(answer=ERASED_TEXT).where(DataRequest.id.in_(own), DataRequest.answer != "").execute()
    DataRequestEvent.update(text=ERASED_TEXT).where(events, DataRequestEvent.text != "").execute()
    is_theirs = DataRequestEvent.actor_role == "member"
    DataRequestEvent.update(actor_name=ERASED_NAME).where(events, is_theirs).execute()


def _erase_beneficiaries(uow: UnitOfWork, user_id: int) -> None:
    Beneficiary.update(
        first_name=ERASED_FIRST_NAME,
        last_name=ERASED_LAST_NAME,
        document_type=ERASED_DOCUMENT_TYPE,
        document_number="",
        birth_date=None,
        relationship="",
        township=None,
        removed_at=fn.COALESCE(Beneficiary.removed_at, Beneficiary.removed_at.db_value(uow.now)),
    ).where(Beneficiary.user == user_id).execute()


def _erase_proof(uow: UnitOfWork, user_id: int) -> None:
    """Keep of each consent from which address it came only the keyed hash of that."""
    plain = Consent.select().where(Consent.user == user_id, fn.LENGTH(Consent.address) < HASH_CHARS)
    for consent in plain:
        digest = uow.rules.hashes.digest("address", consent.address)
        Consent.update(address=digest).where(Consent.id == consent.id).execute()


def _delete_what_nothing_counts(uow: UnitOfWork, user_id: int) -> None:
    # What was on its way as a push or an e-mail goes with its notice.
    of_notices = (AwayNotice, PushSubscription, NoticePreferences)
    of_sign_ins = (UserConnection, SignIn, SignInChallenge, SecondFactor)
    # Whoever writes a copy finds that it is wanted no more, and deletes the file.
    DataCopy.update(status=FAILED_COPY, claim="").where(
        DataCopy.user == user_id, DataCopy.status == PENDING_COPY
    ).execute()
    for table in (*of_notices, *of_sign_ins, QuotaUse, FormCreation, Dialogue):
        table.delete().where(table.user == user_id).execute()
    AuditText.delete().where(AuditText.person_id == user_id).execute()


def _erase_account(uow: UnitOfWork, user_id: int) -> None:
    user = User.get_by_id(user_id)
    is_document = (Registration.document_type == user.document_type) & (
        Registration.document_number == user.document_number
    )
    registrations = Registration.select(Registration.id).where((Registration.email == user.email) | is_document)
    ids = [id_ for (id_,) in registrations.tuples()]
    is_theirs = (AccountEmail.user == user_id) | (AccountEmail.email == user.email)
    AccountEmail.delete().where(is_theirs | AccountEmail.registration.in_(ids)).execute()
    Registration.delete().where(Registration.id.in_(ids)).execute()
    is_number = (MemberImportRow.document_type == user.document_type) & (
        MemberImportRow.document_number == user.document_number
    )
    MemberImportRow.delete().where((MemberImportRow.email == user.email) | is_number).execute()
    forget_account_throttles(uow, user.email)
    forget_email_requests(uow, user.email)
    User.update(
        email=f"{user_id}@{ERASED_EMAIL_DOMAIN}",
        password_hash="",
        first_name=ERASED_FIRST_NAME,
        last_name=ERASED_LAST_NAME,
        document_type=ERASED_DOCUMENT_TYPE,
        # No document has a hyphen, so that nobody's is taken.
        document_number=f"borrado-{user_id}",
        phone="",
        birth_date=None,
        township=None,
        online_status=False,
        last_seen=None,
    ).where(User.id == user_id).execute()
    # The triggers have just written the new names.
    PersonWord.delete().where(PersonWord.user == user_id).execute()


_STEPS: tuple[Callable[[UnitOfWork, int], None], ...] = (
    _erase_chats,
    _erase_appointments,
    _erase_requests,
    _erase_beneficiaries,
    erase_payment_details,
    _erase_proof,
    _delete_what_nothing_counts,
)
