"""A member's own page: their plan, people, visits, payments, chats, devices and consent; and a chat to be printed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Line
from beneficiate.models.consents import Consent
from beneficiate.models.people import Agent, SignIn, User
from beneficiate.queries import appointments, beneficiaries, chats, payments
from beneficiate.store import Work

SHOWN = 5
LINES = 1000
"""Lines of a transcript on one page, far more than a conversation has."""
PERSONAL_DATA = "personal_data"
TEXT_VERSION = "1"
"""Of the text in `templates/mine/consent_v1.html`; other words need another file, with another version."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sign-in that is open; `kind` is `api` or `page`."""

    id: int
    kind: str
    begun_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """A chat of one's own: its newest lines, or those with a `seq` below `before`."""

    chat_id: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """A line in a transcript. `kind` is own, other or system; the assistant has no author."""

    kind: str
    author: str
    text: str
    sent_at: datetime


def overview(work: Work, token: str) -> dict[str, Any]:
    """Everything on the page; `token` is the cookie with which it was asked for."""
    user_id = work.actor.user_id
    stretches = beneficiaries.stretches(user_id, work.now)
    plan = beneficiaries.running(stretches, work.now)
    upcoming, past = _visits(work)
    return {
        "plan": plan,
        "queued": [one for one in stretches if one.starts_at > work.now],
        "people": beneficiaries.people(work),
        "most": plan.max_beneficiaries if plan else 0,
        "upcoming": upcoming,
        "past": past,
        "payments": payments.all_own(work, None)[:SHOWN],
        "chats": chats.of_users([user_id], with_direct=False).get(user_id, [])[:SHOWN],
        "devices": _devices(work, token),
        "consent": _consent(user_id),
        "text_version": TEXT_VERSION,
    }


def transcript(work: Work, command: Pages) -> dict[str, Any]:
    """A support chat of one's own to be read and printed: its lines, and nothing that the staff told each other.

    Raises NotFound for anybody else's, for the staff too.
    """
    own = Chat.select().where(Chat.id == command.chat_id, Chat.user == work.actor.user_id, Chat.kind == SUPPORT)
    chat: Chat | None = own.first()
    if chat is None:
        raise NotFound("No encontramos esa conversación.")
    query = Line.select().where(Line.chat == chat.id).order_by(Line.seq.desc()).limit(LINES)
    if command.before is not None:
        query = query.where(Line.seq < command.before)
    lines = list(reversed(query))
    return {
        "chat": chats.picture_of(chat.id, is_user_side=True),
        "lines": _transcript_lines(lines),
        "older": lines[0].seq if lines and lines[0].seq > 1 else None,
        "has_newer": bool(lines) and lines[-1].seq < chat.last_seq,
    }


def is_of(sign_in: SignIn, token: str) -> bool:
    """Whether a token is this sign-in's, by its family."""
    return bool(sign_in.family == token.partition(".")[0])


def _visits(work: Work) -> tuple[list[appointments.Visit], list[appointments.Visit]]:
    """Those still to be, the nearest first and those without a time at the end; and the last that are over."""
    own, to_be = Appointment.user == work.actor.user_id, beneficiaries.still_to_be(work.now)
    newest = (fn.COALESCE(Appointment.starts_at, Appointment.updated_at).desc(), Appointment.id.desc())
    upcoming = [one for one, _ in appointments.pictures([own, to_be], newest, appointments.USER_APPOINTMENTS)]
    past = [one for one, _ in appointments.pictures([own, ~to_be], newest, SHOWN)]
    upcoming.sort(key=lambda one: (one.starts_at is None, one.starts_at, one.id))
    return appointments.in_words(upcoming), appointments.in_words(past)


def _devices(work: Work, token: str) -> list[Device]:
    """This one first, then the newest."""
    query = SignIn.select().where(
        SignIn.user == work.actor.user_id, SignIn.ended_at.is_null(), SignIn.expires_at > work.now
    )
    found = [Device(row.id, row.kind, row.created_at, is_of(row, token)) for row in query.order_by(SignIn.id.desc())]
    return sorted(found, key=lambda device: not device.is_this)


def _consent(user_id: int) -> dict[str, Any] | None:
    """The last agreement: its version, when it was given and taken back; None when there never was one."""
    query = Consent.select(Consent.version, Consent.given_at, Consent.withdrawn_at)
    theirs = query.where(Consent.user == user_id, Consent.kind == PERSONAL_DATA)
    row: dict[str, Any] | None = theirs.order_by(Consent.id.desc()).dicts().first()
    return row


def _transcript_lines(lines: list[Line]) -> list[TranscriptLine]:
    agents = {line.sender_id for line in lines if line.sender_type == "AGENT"}
    query = Agent.select(Agent.id, User.first_name).join(User).where(Agent.id.in_(list(agents)))
    names: dict[int, str] = dict(query.tuples())
    kinds = {"USER": "own", "SYSTEM": "system"}
    return [
        TranscriptLine(
            kinds.get(line.sender_type, "other"),
            names.get(line.sender_id, "") if line.sender_type == "AGENT" else "",
            line.message,
            line.sent_at,
        )
        for line in lines
    ]
