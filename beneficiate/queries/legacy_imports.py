"""What is known here before rows of the old service are imported."""

from collections.abc import Callable
from datetime import tzinfo

from peewee import fn

from beneficiate.domain.booking.business_hours import add_working_hours
from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.domain.legacy.conversations import MESSAGES_OF, SIDE_MARKS, ChatState
from beneficiate.domain.legacy.people import USERS
from beneficiate.domain.legacy.plans import ERASED, ImportContext, ImportIndex
from beneficiate.domain.legacy.values import fold_word
from beneficiate.folding import fold
from beneficiate.models.accounts import ACTIVE_STAFF, Agent, Beneficiary, User
from beneficiate.models.appointments import Appointment, Tick
from beneficiate.models.chats import ACTIVE, CLOSED, SUPPORT, Chat, Message
from beneficiate.models.imports import ImportedRow
from beneficiate.models.payments import PaymentTransaction, Plan, Subscription
from beneficiate.models.professionals import Professional, Specialty, Township
from beneficiate.queries.business_hours import load_business_hours
from beneficiate.queries.erasures import find_erased_documents
from beneficiate.unit_of_work import UnitOfWork


def load_legacy_index(uow: UnitOfWork) -> ImportIndex:
    """Return what was imported before, and by which keys rows of ours are known."""
    index = ImportIndex()
    _add_imported_rows(index)
    _add_people(index)
    _add_catalogue(index)
    for transaction_id, payment_id in PaymentTransaction.select(
        PaymentTransaction.id, PaymentTransaction.payment
    ).tuples():
        index.put("transaction", transaction_id, payment_id)
    covered = Subscription.select(Subscription.user, fn.MAX(Subscription.ends_at)).group_by(Subscription.user)
    for user_id, ends_at in covered.tuples():
        index.put("covered_until", user_id, Subscription.ends_at.python_value(ends_at))
    for resource, tick in Tick.select(Tick.resource, Tick.tick).tuples():
        index.put("tick", (resource, tick), 0)
    for (ticket,) in Appointment.select(Appointment.ticket_number).tuples():
        index.put("ticket", ticket, "")
    deadline = add_working_hours(uow.now, uow.rules.pending_working_hours, load_business_hours())
    index.put("handling_deadline", "", deadline)
    index.keep()
    return index


def load_chat_state(chat_id: int) -> ChatState | None:
    """Return a chat as far as it is imported; None if it was deleted."""
    chat = Chat.get_or_none(Chat.id == chat_id)
    if chat is None:
        return None
    last_at = Message.select(Message.sent_at).where(Message.chat == chat_id).order_by(Message.seq.desc()).scalar()
    return ChatState(
        chat_id,
        chat.user_id,
        chat.agent_id,
        chat.status != CLOSED,
        chat.last_seq,
        last_at,
        chat.last_line,
        **{name: getattr(chat, name) for name in SIDE_MARKS},
    )


def build_import_context(
    uow: UnitOfWork, index: ImportIndex, take_id: Callable[[str], int], zone: tzinfo
) -> ImportContext:
    """Return what plans need, with what the database says of chats and of who was erased."""
    return ImportContext(
        index,
        take_id,
        zone,
        uow.now,
        load_chat_state,
        lambda document: bool(find_erased_documents(uow, [document])),
    )


def count_imported_rows(uow: UnitOfWork) -> dict[str, int]:
    """Return how many rows of each table of the old service were imported in all runs, messages too."""
    query = ImportedRow.select(ImportedRow.kind, fn.COUNT(ImportedRow.old_id), fn.SUM(ImportedRow.parts))
    counts: dict[str, int] = {}
    for kind, rows, parts in query.group_by(ImportedRow.kind).tuples():
        counts[kind] = rows
        if kind in MESSAGES_OF:
            counts[MESSAGES_OF[kind]] = int(parts or 0)
    return counts


def _add_imported_rows(index: ImportIndex) -> None:
    is_erased = User.email.endswith(f"@{ERASED_EMAIL_DOMAIN}")
    erased_ids = {str(user_id) for (user_id,) in User.select(User.id).where(is_erased).tuples()}
    for kind, old_id, new_id, parts in ImportedRow.select(
        ImportedRow.kind, ImportedRow.old_id, ImportedRow.new_id, ImportedRow.parts
    ).tuples():
        index.put(kind, old_id, new_id if "-" in new_id else int(new_id))
        if kind in MESSAGES_OF:
            index.put("parts", (kind, old_id), parts)
        if kind == USERS:
            index.put("is_imported", int(new_id), True)
            if new_id in erased_ids:
                index.put(USERS, old_id, ERASED)


def _add_people(index: ImportIndex) -> None:
    columns = (User.id, User.email, User.document_type, User.document_number, User.first_name, User.last_name)
    for user_id, email, document_type, number, first_name, last_name in User.select(*columns).tuples():
        index.put("email", email, user_id)
        index.put("document", (document_type, number), user_id)
        index.put("person", user_id, f"{first_name} {last_name}")
    for row_id, user_id, number, removed_at in Beneficiary.select(
        Beneficiary.id, Beneficiary.user, Beneficiary.document_number, Beneficiary.removed_at
    ).tuples():
        index.put("beneficiary_owner", row_id, user_id)
        if removed_at is None:
            index.put("beneficiary", (user_id, number), row_id)
    loads = dict(
        Chat.select(Chat.agent, fn.COUNT(Chat.id))
        .where(Chat.kind == SUPPORT, Chat.status == ACTIVE, Chat.agent.is_null(False))
        .group_by(Chat.agent)
        .tuples()
    )
    for agent_id, user_id, code, status, capacity in Agent.select(
        Agent.id, Agent.user, Agent.agent_code, Agent.status, Agent.capacity
    ).tuples():
        index.put("agent_of_user", user_id, agent_id)
        index.put("agent_code", code, agent_id)
        index.put("agent_name", agent_id, index.get("person", user_id))
        index.put("agent_room", agent_id, capacity - loads.get(agent_id, 0) if status == ACTIVE_STAFF else 0)
    index.put("capacity", "", Agent.capacity.default)
    open_chats = Chat.select(Chat.user, Chat.id).where(Chat.kind == SUPPORT, Chat.status != CLOSED)
    for user_id, chat_id in open_chats.tuples():
        index.put("open_chat", user_id, chat_id)


def _add_catalogue(index: ImportIndex) -> None:
    for township_id, code in Township.select(Township.id, Township.code).tuples():
        index.put("township_code", code, township_id)
    for plan_id, code, days, people in Plan.select(
        Plan.id, Plan.code, Plan.duration_days, Plan.max_beneficiaries
    ).tuples():
        index.put("plan_code", code, plan_id)
        index.put("plan_terms", plan_id, (days, people))
    for specialty_id, name in Specialty.select(Specialty.id, Specialty.name).tuples():
        index.put("specialty", fold(name), specialty_id)
    for professional_id, number in Professional.select(Professional.id, Professional.license_number).tuples():
        index.put("license", fold_word(number), professional_id)
