"""A member's own page and the transcript of one of their chats."""

from dataclasses import dataclass

from peewee import fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import SignIn
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Message
from beneficiate.queries import appointments, beneficiaries, chats, payments
from beneficiate.queries.access import STAFF_ROLES
from beneficiate.queries.consents import CONSENT_TEXT_VERSION, PERSONAL_DATA, find_consent
from beneficiate.queries.data_requests import list_own_requests
from beneficiate.queries.data_views import list_data_views
from beneficiate.queries.erasures import load_erasure_state
from beneficiate.queries.own_appointments import build_own_view
from beneficiate.queries.second_factors import load_second_factor
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.account import (
    Account,
    DeviceView,
    OwnChatRow,
    Transcript,
    TranscriptMessage,
)
from beneficiate.views.appointments import AppointmentView, OwnAppointmentView
from beneficiate.views.messages import is_same_day, is_same_group

MAX_SHOWN_PER_SECTION = 5
TRANSCRIPT_MESSAGES = 1000
"""Messages on one page of a transcript, far more than a conversation has."""


@dataclass(frozen=True, slots=True)
class TranscriptQuery:
    """A chat of the actor: its newest messages, or those with a `seq` below `before`."""

    chat_id: int
    before: int | None = None


def load_account_page(uow: UnitOfWork, token: str) -> Account:
    """Return everything on the page; `token` is the cookie of the request."""
    user_id = uow.actor.user_id
    periods = beneficiaries.list_plan_periods(user_id, uow.now)
    plan = beneficiaries.find_current_period(periods, uow.now)
    upcoming, past = _load_appointment_views(uow)
    own_chats = chats.list_chats_by_user([user_id], with_direct=False).get(user_id, [])
    return Account(
        plan=plan,
        queued=[one for one in periods if one.starts_at > uow.now],
        people=beneficiaries.list_own_beneficiaries(uow),
        most=plan.max_beneficiaries if plan else 0,
        upcoming=upcoming,
        past=past,
        change_hours=uow.rules.change_window_hours,
        payments=payments.list_own_payment_views(uow)[:MAX_SHOWN_PER_SECTION],
        chats=[OwnChatRow(chat) for chat in own_chats[:MAX_SHOWN_PER_SECTION]],
        devices=_list_devices(uow, token),
        consent=find_consent(user_id, PERSONAL_DATA),
        text_version=CONSENT_TEXT_VERSION,
        views=list_data_views(uow),
        requests=list_own_requests(uow).requests[:MAX_SHOWN_PER_SECTION],
        erasure=load_erasure_state(uow),
        second_factor=load_second_factor(uow, token) if uow.actor.role in STAFF_ROLES else None,
    )


def load_transcript(uow: UnitOfWork, query: TranscriptQuery) -> Transcript:
    """Return the messages of a support chat of the actor, without the notes of the staff.

    Raises NotFound for anybody else's, for the staff too.
    """
    own = Chat.select().where(Chat.id == query.chat_id, Chat.user == uow.actor.user_id, Chat.kind == SUPPORT)
    chat: Chat | None = own.first()
    if chat is None:
        raise NotFound("No encontramos esa conversación.")
    rows = Message.select().where(Message.chat == chat.id).order_by(Message.seq.desc()).limit(TRANSCRIPT_MESSAGES)
    if query.before is not None:
        rows = rows.where(Message.seq < query.before)
    messages = list(reversed(rows))
    return Transcript(
        chat=OwnChatRow(chats.serialize_chat(chat.id, is_user_side=True)),
        messages=_build_transcript_messages(messages),
        older=messages[0].seq if messages and messages[0].seq > 1 else None,
        has_newer=bool(messages) and messages[-1].seq < chat.last_seq,
    )


def is_token_of_sign_in(sign_in: SignIn, token: str) -> bool:
    """Return whether a token belongs to this sign-in, by its family."""
    return bool(sign_in.family == token.partition(".")[0])


def _load_appointment_views(uow: UnitOfWork) -> tuple[list[OwnAppointmentView], list[AppointmentView]]:
    """Return the coming appointments, the nearest first and those without a time last; and the last past ones."""
    own, is_coming = Appointment.user == uow.actor.user_id, beneficiaries.is_upcoming(uow.now)
    newest = (fn.COALESCE(Appointment.starts_at, Appointment.updated_at).desc(), Appointment.id.desc())
    upcoming = [
        one
        for one, _ in appointments.list_appointments_with_expiry(
            [own, is_coming], newest, appointments.MAX_USER_APPOINTMENTS
        )
    ]
    past = [
        one for one, _ in appointments.list_appointments_with_expiry([own, ~is_coming], newest, MAX_SHOWN_PER_SECTION)
    ]
    upcoming.sort(key=lambda one: (one.starts_at is None, one.starts_at, one.id))
    return [build_own_view(uow, one) for one in upcoming], [AppointmentView(one) for one in past]


def _list_devices(uow: UnitOfWork, token: str) -> list[DeviceView]:
    """Return the open sign-ins: that of the request first, then the newest."""
    query = SignIn.select().where(
        SignIn.user == uow.actor.user_id, SignIn.ended_at.is_null(), SignIn.expires_at > uow.now
    )
    found = [
        DeviceView(row.id, row.kind, row.created_at, is_token_of_sign_in(row, token))
        for row in query.order_by(SignIn.id.desc())
    ]
    return sorted(found, key=lambda device: not device.is_this)


def _build_transcript_messages(messages: list[Message]) -> list[TranscriptMessage]:
    return [
        _build_transcript_message(message, before) for before, message in zip([None, *messages], messages, strict=False)
    ]


def _build_transcript_message(message: Message, before: Message | None) -> TranscriptMessage:
    kind, author = sender = _sender(message)
    is_new_day = before is None or not is_same_day(before.sent_at, message.sent_at)
    is_grouped = before is not None and is_same_group(sender, message.sent_at, _sender(before), before.sent_at)
    return TranscriptMessage(kind, author, message.message, message.sent_at, is_new_day, is_grouped)


def _sender(message: Message) -> tuple[str, str]:
    kind = {"USER": "own", "SYSTEM": "system"}.get(message.sender_type, "other")
    return kind, message.sender_name if message.sender_type == "AGENT" else ""
