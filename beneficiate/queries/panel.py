"""The member of a chat as the agent needs to know them: plan, family, visits, payments, past chats, booking draft."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from peewee import JOIN, fn

from beneficiate.chatbot.drafts import Draft
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Note, Rating
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.payments import Payment
from beneficiate.models.people import Agent, User
from beneficiate.queries import appointments, beneficiaries, payments
from beneficiate.queries.access import access_case
from beneficiate.queries.faces import face, initials
from beneficiate.queries.tags import of_chats
from beneficiate.store import Work

VISITS, PAYMENTS, CHATS = 3, 3, 5
SEEN_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Kin:
    """A beneficiary; `age` in years, where the day of birth is known."""

    name: str
    initials: str
    face: int
    relationship: str
    age: int | None


@dataclass(frozen=True, slots=True)
class PastChat:
    """Another chat of the member: who had it last, its tags, how satisfied they were."""

    id: int
    status: str
    at: datetime
    agent: str
    last_line: str
    tags: list[str]
    score: int | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who a member is on paper, and how they are reached."""

    document: str
    phone: str
    email: str
    is_masked: bool = False

    @classmethod
    def of(cls, user: User) -> "Contact":
        return cls(f"{user.document_type} {user.document_number}", user.phone, user.email)

    def masked(self) -> "Contact":
        """The same as everybody of the staff may see it."""
        kind, _, number = self.document.partition(" ")
        return Contact(f"{kind} {masked(number)}", masked(self.phone), masked_email(self.email), is_masked=True)


def panel(work: Work, chat_id: int) -> dict[str, Any]:
    """Everything about the member of a support chat. Raises NotFound."""
    seat = access_case(work.actor, chat_id)
    user = User.get_by_id(seat.user_id)
    stretches = beneficiaries.stretches(user.id, work.now)
    plan = beneficiaries.running(stretches, work.now)
    kin = _kin(user.id, work.now)
    return {
        "chat_id": chat_id,
        "member": _member(user, work.now),
        "contact": Contact.of(user).masked(),
        "plan": plan,
        "span": _span(plan, work.now) if plan else None,
        "next_plan": next((one for one in stretches if one.starts_at > work.now), None),
        "kin": kin,
        "visits": _visits(user.id, work.now),
        "payments": payments.pictures([Payment.user == user.id], PAYMENTS),
        "past": _past(user.id, chat_id),
        "answers": _answers(user.id),
        "tags": of_chats([chat_id])[chat_id],
        "notes": Note.select().where(Note.chat == chat_id).count(),
    }


def document_of(work: Work, chat_id: int) -> str:
    """The document of the member of a support chat, for a booking. Raises NotFound."""
    seat = access_case(work.actor, chat_id)
    return str(User.get_by_id(seat.user_id).document_number)


def masked(text: str, seen: int = SEEN_DIGITS) -> str:
    """The end of a document or of a phone number."""
    return f"•••• {text[-seen:]}" if len(text) > seen else text


def masked_email(email: str) -> str:
    """The first two letters and the house of an e-mail."""
    name, _, house = email.partition("@")
    return f"{name[:2]}••••@{house}"


def _member(user: User, now: datetime) -> dict[str, Any]:
    return {
        "name": user.name,
        "initials": initials(user.name),
        "face": face(user.id),
        "age": _age(user.birth_date, now),
        "since": user.created_at,
        "city": user.township.name if user.township else "",
    }


def _span(plan: beneficiaries.Stretch, now: datetime) -> dict[str, int]:
    """How many days the plan lasts, has run, has left."""
    days = (plan.ends_at - plan.starts_at).days
    left = max(0, (plan.ends_at - now).days)
    return {"days": days, "left": left, "used": max(0, days - left)}


def _kin(user_id: int, now: datetime) -> list[Kin]:
    return [
        Kin(name, initials(name), face(row.id), row.relationship, _age(row.birth_date, now))
        for row in beneficiaries.living(user_id)
        for name in [f"{row.first_name} {row.last_name}"]
    ]


def _visits(user_id: int, now: datetime) -> list[appointments.Visit]:
    """Those still to be, the nearest first, those without a time at the end."""
    where = [Appointment.user == user_id, beneficiaries.still_to_be(now)]
    order = (Appointment.starts_at.is_null(), Appointment.starts_at, Appointment.id)
    return appointments.in_words(picture for picture, _ in appointments.pictures(where, order, VISITS))


def _past(user_id: int, chat_id: int) -> list[PastChat]:
    query = (
        Chat.select(
            Chat.id,
            Chat.status,
            Chat.updated_at,
            fn.SUBSTR(Chat.last_line, 1, 120),
            User.first_name,
            User.last_name,
            Rating.score,
        )
        .join(Agent, JOIN.LEFT_OUTER)
        .join(User, JOIN.LEFT_OUTER)
        .join_from(Chat, Rating, JOIN.LEFT_OUTER)
        .where(Chat.user == user_id, Chat.kind == SUPPORT, Chat.id != chat_id)
        .order_by(Chat.updated_at.desc(), Chat.id.desc())
        .limit(CHATS)
    )
    rows = list(query.tuples())
    tags = of_chats([row[0] for row in rows])
    return [
        PastChat(id_, status, at, " ".join(filter(None, (first, last))), last_line, tags[id_], score)
        for id_, status, at, last_line, first, last, score in rows
    ]


def _answers(user_id: int) -> dict[str, Any] | None:
    """What the member has told the assistant for a booking that is not finished."""
    row = Dialogue.get_or_none(Dialogue.user == user_id)
    if row is None:
        return None
    draft = msgspec.json.decode(row.draft, type=Draft)
    if draft.patient is None:
        return None
    visit = {None: "", True: "Primera vez", False: "Control"}[draft.first_time]
    said = [
        ("Paciente", draft.patient.name),
        ("Ciudad", draft.city.name if draft.city else ""),
        ("Especialidad", draft.specialty.name if draft.specialty else ""),
        ("Consulta", visit),
        ("Profesional", draft.professional.name if draft.professional else ""),
        ("Motivo", draft.description),
        ("Horario", draft.slot.label if draft.slot else ""),
        ("Cita", draft.ticket),
    ]
    return {"at": row.updated_at, "facts": [(name, value) for name, value in said if value]}


def _age(born: Any, now: datetime) -> int | None:
    if born is None:
        return None
    today = beneficiaries.today_of(now)
    return int(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
