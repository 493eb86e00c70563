"""Erasures: what one would do, which are due, their certificates, and whom a document belonged to."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from peewee import Expression, ModelSelect, fn

from beneficiate.domain.billing.outcome import PENDING, UNKNOWN
from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.erasures import EMAILS_FIRST, PAYMENT, REGRET, REVIEW
from beneficiate.errors import NotFound
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import Agent, Beneficiary, SignIn, Supervisor, User
from beneficiate.models.appointments import Appointment, AppointmentEmail
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Attachment, Chat, Message, Note, Rating
from beneficiate.models.consents import Consent
from beneficiate.models.data_copies import DataCopy
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.erasures import ERASED, ERASING, REQUESTED, Erasure
from beneficiate.models.payments import Payment, PaymentReview, PaymentTransaction, PlanEmail, WompiEvent
from beneficiate.queries import appointments, beneficiaries
from beneficiate.queries.access import require_supervisor
from beneficiate.queries.administration import page_newest
from beneficiate.queries.undelivered_emails import MAX_EMAIL_TRIES
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters, NewestRows
from beneficiate.views.erasures import Certificate, ErasureEffect, ErasureRow, ErasureState

DUE_PER_READ = 20
ERASURES_PER_PAGE = 100


class ErasureOfAccount(NamedTuple):
    """An erasure, and the keyed hash of the account."""

    row: Erasure
    account_hash: str


def find_open_erasure(uow: UnitOfWork) -> Erasure | None:
    """Return the erasure of the actor that waits or goes on."""
    is_open = (Erasure.user == uow.actor.user_id) & Erasure.state.in_([REQUESTED, ERASING])
    row: Erasure | None = Erasure.get_or_none(is_open)
    return row


def load_erasure_state(uow: UnitOfWork) -> ErasureState | None:
    """Return what the actor asked for and is not done yet; None without such a request."""
    row = find_open_erasure(uow)
    return None if row is None else ErasureState(row.requested_at, row.due_at, row.waits_for)


def has_staff_row(user_id: int) -> bool:
    """Return whether a person is or was of the staff, or is invited."""
    return any(table.select().where(table.user == user_id).exists() for table in (Agent, Supervisor))


def load_erasure_effect(uow: UnitOfWork) -> ErasureEffect:
    """Return what an erasure of the actor would do if they asked for it now."""
    user_id, due_at = uow.actor.user_id, uow.now + REGRET
    state = find_open_erasure(uow)
    due_at = state.due_at if state else due_at
    periods = beneficiaries.list_plan_periods(user_id, uow.now)
    is_open = (Appointment.user == user_id) & Appointment.status.in_(list(OPEN_STATUSES))
    is_after = Appointment.starts_at.is_null() | (Appointment.starts_at > due_at)
    ending = appointments.list_appointments_with_expiry(
        [is_open & is_after], (Appointment.id,), appointments.MAX_USER_APPOINTMENTS
    )
    open_chats = Chat.select().where(Chat.user == user_id, Chat.kind == SUPPORT, Chat.status != CLOSED)
    return ErasureEffect(
        counts=count_personal_rows(uow, user_id),
        plan_ends_at=max((one.ends_at for one in periods), default=None),
        appointments=[one for one, _ in ending],
        has_open_chat=open_chats.exists(),
        waits_for=find_what_it_waits_for(uow, user_id),
        due_at=due_at,
        is_staff=has_staff_row(user_id),
    )


def find_what_it_waits_for(uow: UnitOfWork, user_id: int) -> str:
    """Return what of the money of a person has to be settled first: a payment, a review; or nothing."""
    mine = Payment.user == user_id
    in_progress = PaymentTransaction.select(PaymentTransaction.payment).where(PaymentTransaction.status == PENDING)
    may_be_paid = Payment.is_open | Payment.status.in_([PENDING, UNKNOWN]) | Payment.id.in_(in_progress)
    if Payment.select().where(mine, may_be_paid).exists():
        return PAYMENT
    reviews = PaymentReview.select().join(Payment).where(mine, PaymentReview.resolved_at.is_null())
    return REVIEW if reviews.exists() else ""


def count_personal_rows(uow: UnitOfWork, user_id: int) -> dict[str, int]:
    """Return how much there is of a person, by the keys of `ERASED_KINDS` and `KEPT_KINDS`."""
    chats = own_chats(user_id)
    payments = Payment.select(Payment.id).where(Payment.user == user_id)
    own = Appointment.select(Appointment.id).where(Appointment.user == user_id)
    emails = (
        AccountEmail.select().where(AccountEmail.user == user_id),
        AppointmentEmail.select().where(AppointmentEmail.appointment.in_(own)),
        PlanEmail.select().where(PlanEmail.user == user_id),
    )
    queries: dict[str, ModelSelect] = {
        "account": User.select().where(User.id == user_id),
        "beneficiaries": Beneficiary.select().where(Beneficiary.user == user_id),
        "reasons": Appointment.select().where(Appointment.user == user_id, Appointment.notes.not_in(["", NO_REASON])),
        "chats": Chat.select().where(Chat.id.in_(chats)),
        "messages": Message.select().where(is_message_of(user_id)),
        "files": select_files(user_id),
        "requests": DataRequest.select().where(DataRequest.user == user_id),
        "notes": Note.select().where(Note.chat.in_(chats)),
        "ratings": Rating.select().where(Rating.chat.in_(chats), Rating.comment != ""),
        "devices": SignIn.select().where(SignIn.user == user_id),
        "audit_texts": AuditText.select().where(AuditText.person_id == user_id),
        "payment_details": PaymentTransaction.select().where(
            PaymentTransaction.payment.in_(payments), PaymentTransaction.method_detail != ""
        ),
        "payments": payments,
        "consents": Consent.select().where(Consent.user == user_id),
        "appointments": own,
        "audit": AuditEntry.select().where(AuditEntry.person_id == user_id),
    }
    counts = {name: int(query.count()) for name, query in queries.items()}
    return {**counts, "emails": sum(int(query.count()) for query in emails)}


def own_chats(user_id: int) -> ModelSelect:
    """Return the ids of the support chats of a person: all that was written there is about them."""
    return Chat.select(Chat.id).where(Chat.user == user_id, Chat.kind == SUPPORT)


def is_message_of(user_id: int) -> Expression:
    """Return the condition for the messages of a person's support chats, and for what they wrote to colleagues."""
    direct = Chat.select(Chat.id).where(Chat.kind == DIRECT, (Chat.user == user_id) | (Chat.peer == user_id))
    is_theirs = (Message.sender_type == "USER") & (Message.sender_id == user_id)
    return Message.chat.in_(own_chats(user_id)) | (Message.chat.in_(direct) & is_theirs)


def select_files(user_id: int) -> ModelSelect:
    """Return the ids of the files of a person's support chats, and of those that they uploaded anywhere."""
    is_theirs = Attachment.chat.in_(own_chats(user_id)) | (Attachment.uploader == user_id)
    return Attachment.select(Attachment.id).where(is_theirs)


def hash_document(uow: UnitOfWork, document_type: str, document_number: str) -> str:
    """Return the keyed hash by which somebody who was erased is found with their document."""
    return uow.rules.hashes.digest("document", f"{document_type} {document_number}")


def find_erased_documents(uow: UnitOfWork, documents: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the documents (type, normal form of the number) whose owner was erased, or is being erased."""
    by_hash = {hash_document(uow, *document): document for document in documents}
    found = Erasure.select(Erasure.owner_hash).where(Erasure.owner_hash.in_(list(by_hash)))
    return {by_hash[owner_hash] for (owner_hash,) in found.tuples()}


def hash_account(uow: UnitOfWork, user: User) -> str:
    """Return the keyed hash by which a restored database has the account that was erased, whatever changed of it.

    An id alone is no proof that it is the same database; with the moment in which its row was made it is.
    """
    return uow.rules.hashes.digest("account", f"{user.id} {user.created_at.isoformat()}")


def list_due_erasures(uow: UnitOfWork, after_id: int) -> list[int]:
    """Return the ids of at most 20 erasures behind an id that are due or that go on, the oldest first."""
    is_due = (Erasure.state == ERASING) | ((Erasure.state == REQUESTED) & (Erasure.due_at <= uow.now))
    due = Erasure.select(Erasure.id).where(is_due, Erasure.id > after_id).order_by(Erasure.id)
    return [id_ for (id_,) in due.limit(DUE_PER_READ).tuples()]


def list_file_ids(uow: UnitOfWork, erasure_id: int) -> list[str]:
    """Return the ids of the files that an erasure deletes."""
    user_id = Erasure.select(Erasure.user).where(Erasure.id == erasure_id).scalar()
    copies = DataCopy.select(DataCopy.file_id).where(DataCopy.user == user_id, DataCopy.file_id != "")
    return [id_ for query in (select_files(user_id), copies) for (id_,) in query.tuples()]


def must_wait_for_emails(uow: UnitOfWork, erasure_id: int) -> bool:
    """Return whether what the person is told about cancelled appointments is not sent yet: half an hour at most."""
    row = Erasure.get_by_id(erasure_id)
    if row.closed_at <= uow.now - EMAILS_FIRST:
        return False
    own = Appointment.select(Appointment.id).where(Appointment.user == row.user_id)
    is_waiting = AppointmentEmail.sent_at.is_null() & (AppointmentEmail.tries < MAX_EMAIL_TRIES)
    return bool(AppointmentEmail.select().where(AppointmentEmail.appointment.in_(own), is_waiting).exists())


def find_events_that_name(uow: UnitOfWork, erasure_id: int) -> list[int]:
    """Return the ids of events of Wompi without a payment of ours that have the address or document of a person.

    As a whole value: `ana@x.co` is also in `mariana@x.co`, and a document in numbers and times of others.
    """
    user = Erasure.get_by_id(erasure_id).user
    number = user.phone.removeprefix("+57")
    found = {text for text in (user.email, user.document_number, number) if text}
    names = {text.casefold() for text in found} | ({f"57{number}", f"+57{number}"} if number else set())
    may_name = reduce(or_, (WompiEvent.body.contains(text) for text in sorted(found)))
    query = WompiEvent.select(WompiEvent.id, WompiEvent.body).where(WompiEvent.payment.is_null(), may_name)
    return [id_ for id_, body in query.tuples() if not names.isdisjoint(_list_texts(json.loads(body)))]


def load_listed_erasure(uow: UnitOfWork, erasure_id: int) -> ErasureOfAccount:
    """Return an erasure as the list for restored backups has it, erased now unless it was before."""
    row: Erasure = Erasure.get_by_id(erasure_id)
    row.erased_at = row.erased_at or uow.now
    return ErasureOfAccount(row, hash_account(uow, row.user))


def list_finished_erasures(uow: UnitOfWork) -> list[ErasureOfAccount]:
    """Return all erasures that are done, the oldest first, for the list of an operator."""
    rows = Erasure.select(Erasure, User).join(User).where(Erasure.state == ERASED).order_by(Erasure.id)
    return [ErasureOfAccount(row, hash_account(uow, row.user)) for row in rows]


def load_certificate(uow: UnitOfWork, code: str) -> Certificate:
    """Return the certificate of a finished erasure. Raises NotFound."""
    row = Erasure.get_or_none(Erasure.code == code, Erasure.state == ERASED)
    if row is None:
        raise NotFound("No encontramos esa constancia. Revise el número.")
    return build_certificate(row)


def build_certificate(row: Erasure) -> Certificate:
    """Return the certificate of an erasure that is done."""
    last_payment = find_last_payment(row.user_id)
    return Certificate(row.code, row.requested_at, row.erased_at, json.loads(row.counts), last_payment)


def find_last_payment(user_id: int) -> datetime | None:
    """Return when a person last paid, or tried to."""
    query = Payment.select(fn.MAX(Payment.updated_at)).where(Payment.user == user_id)
    last = query.scalar()
    return Payment.updated_at.python_value(last)  # type: ignore[no-any-return]


def list_erasures(uow: UnitOfWork, filters: ListFilters) -> NewestRows[ErasureRow]:
    """Return 100 erasures whose number has this text, the newest first, without anything personal.

    Raises NotFound unless a supervisor acts.
    """
    require_supervisor(uow.actor)
    query = Erasure.select().where(Erasure.code.contains(filters.text.strip()))
    rows, next_id = page_newest(query, Erasure.id, filters, ERASURES_PER_PAGE)
    shown = [
        ErasureRow(row.code, row.state, row.requested_at, row.due_at, row.erased_at, row.waits_for) for row in rows
    ]
    return NewestRows(filters, shown, next_id)


def find_erasures_of(uow: UnitOfWork, document: tuple[str, str]) -> list[str]:
    """Return a sentence for each erasure of whom a document (type, normal form of its number) belonged to.

    With what they had consented to, for a person who comes with the document.
    """
    found = Erasure.select().where(Erasure.owner_hash == hash_document(uow, *document), Erasure.state == ERASED)
    return [_describe_proof(row) for row in found.order_by(Erasure.id)]


def _list_texts(value: object) -> Iterator[str]:
    """Yield the texts of a JSON value, folded; numbers are amounts and times."""
    if isinstance(value, str):
        yield value.strip().casefold()
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _list_texts(inner)


def _describe_proof(row: Erasure) -> str:
    given = Consent.select().where(Consent.user == row.user_id).order_by(Consent.id)
    consents = "; ".join(
        f"{one.kind} {one.version}, given {one.given_at.isoformat()}"
        + (f", withdrawn {one.withdrawn_at.isoformat()}" if one.withdrawn_at else "")
        for one in given
    )
    return f"{row.code}: user {row.user_id}, erased {row.erased_at.isoformat()}. Consents: {consents or 'none'}."
