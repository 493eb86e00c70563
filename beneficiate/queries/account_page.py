"""A member's own page: their plan, people, visits, payments, chats, devices and consent; and a chat to be printed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from beneficiate.errors import NotFound
from beneficiate.models.accounts import Agent, SignIn, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Message
from beneficiate.models.consents import Consent
from beneficiate.queries import appointments, beneficiaries, chats, payments
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointments import AppointmentView

MAX_SHOWN_PER_SECTION = 5
TRANSCRIPT_MESSAGES = 1000
"""Lines of a transcript on one page, far more than a conversation has."""
PERSONAL_DATA = "personal_data"
CONSENT_TEXT_VERSION = "1"
"""Of the text in `templates/mine/consent_v1.html`; other words need another file, with another version."""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A sign-in that is open; `kind` is `api` or `page`."""

    id: int
    kind: str
    begun_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class TranscriptQuery:
    """A chat of one's own: its newest lines, or those with a `seq` below `before`."""

    chat_id: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class TranscriptMessage:
    """A line in a transcript. `kind` is own, other or system; the assistant has no author."""

    kind: str
    author: str
    text: str
    sent_at: datetime


def load_account_page(uow: UnitOfWork, token: str) -> dict[str, Any]:
    """Everything on the page; `token` is the cookie with which it was asked for."""
    user_id = uow.actor.user_id
    periods = beneficiaries.list_plan_periods(user_id, uow.now)
    plan = beneficiaries.find_current_period(periods, uow.now)
    upcoming, past = _load_appointment_views(uow)
    return {
        "plan": plan,
        "queued": [one for one in periods if one.starts_at > uow.now],
        "people": beneficiaries.list_own_beneficiaries(uow),
        "most": plan.max_beneficiaries if plan else 0,
        "upcoming": upcoming,
        "past": past,
        "payments": payments.list_own_payment_views(uow)[:MAX_SHOWN_PER_SECTION],
        "chats": chats.list_chats_by_user([user_id], with_direct=False).get(user_id, [])[:MAX_SHOWN_PER_SECTION],
        "devices": _list_devices(uow, token),
        "consent": _find_consent(user_id),
        "text_version": CONSENT_TEXT_VERSION,
    }


def load_transcript(uow: UnitOfWork, command: TranscriptQuery) -> dict[str, Any]:
    """A support chat of one's own to be read and printed: its lines, and nothing that the staff told each other.

    Raises NotFound for anybody else's, for the staff too.
    """
    own = Chat.select().where(Chat.id == command.chat_id, Chat.user == uow.actor.user_id, Chat.kind == SUPPORT)
    chat: Chat | None = own.first()
    if chat is None:
        raise NotFound("No encontramos esa conversación.")
    query = Message.select().where(Message.chat == chat.id).order_by(Message.seq.desc()).limit(TRANSCRIPT_MESSAGES)
    if command.before is not None:
        query = query.where(Message.seq < command.before)
    messages = list(reversed(query))
    return {
        "chat": chats.serialize_chat(chat.id, is_user_side=True),
        "lines": _build_transcript_messages(messages),
        "older": messages[0].seq if messages and messages[0].seq > 1 else None,
        "has_newer": bool(messages) and messages[-1].seq < chat.last_seq,
    }


def is_token_of_sign_in(sign_in: SignIn, token: str) -> bool:
    """Whether a token is this sign-in's, by its family."""
    return bool(sign_in.family == token.partition(".")[0])


def _load_appointment_views(uow: UnitOfWork) -> tuple[list[AppointmentView], list[AppointmentView]]:
    """Those still to be, the nearest first and those without a time at the end; and the last that are over."""
    own, to_be = Appointment.user == uow.actor.user_id, beneficiaries.is_upcoming(uow.now)
    newest = (fn.COALESCE(Appointment.starts_at, Appointment.updated_at).desc(), Appointment.id.desc())
    upcoming = [
        one
        for one, _ in appointments.list_appointments_with_expiry(
            [own, to_be], newest, appointments.MAX_USER_APPOINTMENTS
        )
    ]
    past = [one for one, _ in appointments.list_appointments_with_expiry([own, ~to_be], newest, MAX_SHOWN_PER_SECTION)]
    upcoming.sort(key=lambda one: (one.starts_at is None, one.starts_at, one.id))
    return [AppointmentView(one) for one in upcoming], [AppointmentView(one) for one in past]


def _list_devices(uow: UnitOfWork, token: str) -> list[DeviceView]:
    """This one first, then the newest."""
    query = SignIn.select().where(
        SignIn.user == uow.actor.user_id, SignIn.ended_at.is_null(), SignIn.expires_at > uow.now
    )
    found = [
        DeviceView(row.id, row.kind, row.created_at, is_token_of_sign_in(row, token))
        for row in query.order_by(SignIn.id.desc())
    ]
    return sorted(found, key=lambda device: not device.is_this)


def _find_consent(user_id: int) -> dict[str, Any] | None:
    """The last agreement: its version, when it was given and taken back; None when there never was one."""
    query = Consent.select(Consent.version, Consent.given_at, Consent.withdrawn_at)
    theirs = query.where(Consent.user == user_id, Consent.kind == PERSONAL_DATA)
    row: dict[str, Any] | None = theirs.order_by(Consent.id.desc()).dicts().first()
    return row


def _build_transcript_messages(messages: list[Message]) -> list[TranscriptMessage]:
    agents = {message.sender_id for message in messages if message.sender_type == "AGENT"}
    query = Agent.select(Agent.id, User.first_name).join(User).where(Agent.id.in_(list(agents)))
    names: dict[int, str] = dict(query.tuples())
    kinds = {"USER": "own", "SYSTEM": "system"}
    return [
        TranscriptMessage(
            kinds.get(message.sender_type, "other"),
            names.get(message.sender_id, "") if message.sender_type == "AGENT" else "",
            message.message,
            message.sent_at,
        )
        for message in messages
    ]
