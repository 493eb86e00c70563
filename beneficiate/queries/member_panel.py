"""The member of a chat as the agent needs to know them: plan, family, visits, payments, past chats, booking draft."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from peewee import JOIN, fn

from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.models.accounts import Agent, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Note, Rating
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.payments import Payment
from beneficiate.queries import appointments, beneficiaries, payments
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.tags import load_tags_by_chat
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointments import AppointmentView
from beneficiate.views.avatars import avatar_color, initials_of

MAX_PANEL_APPOINTMENTS, MAX_PANEL_PAYMENTS, MAX_PAST_CHATS = 3, 3, 5
VISIBLE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class BeneficiaryView:
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
class MemberContact:
    """Who a member is on paper, and how they are reached."""

    document: str
    phone: str
    email: str
    is_masked: bool = False

    @classmethod
    def from_user(cls, user: User) -> "MemberContact":
        return cls(f"{user.document_type} {user.document_number}", user.phone, user.email)

    def mask(self) -> "MemberContact":
        """The same as everybody of the staff may see it."""
        kind, _, number = self.document.partition(" ")
        return MemberContact(
            f"{kind} {mask_number(number)}", mask_number(self.phone), mask_email(self.email), is_masked=True
        )


def load_member_panel(uow: UnitOfWork, chat_id: int) -> dict[str, Any]:
    """Everything about the member of a support chat. Raises NotFound."""
    access = access_support_chat(uow.actor, chat_id)
    user = User.get_by_id(access.user_id)
    periods = beneficiaries.list_plan_periods(user.id, uow.now)
    plan = beneficiaries.find_current_period(periods, uow.now)
    beneficiary_views = _list_beneficiary_views(user.id, uow.now)
    return {
        "chat_id": chat_id,
        "member": _build_member(user, uow.now),
        "contact": MemberContact.from_user(user).mask(),
        "plan": plan,
        "span": _count_plan_days(plan, uow.now) if plan else None,
        "next_plan": next((one for one in periods if one.starts_at > uow.now), None),
        "kin": beneficiary_views,
        "visits": _list_upcoming_appointments(user.id, uow.now),
        "payments": payments.serialize_payments([Payment.user == user.id], MAX_PANEL_PAYMENTS),
        "past": _list_past_chats(user.id, chat_id),
        "answers": _load_booking_answers(user.id),
        "tags": load_tags_by_chat([chat_id])[chat_id],
        "notes": Note.select().where(Note.chat == chat_id).count(),
    }


def load_member_document(uow: UnitOfWork, chat_id: int) -> str:
    """The document of the member of a support chat, for a booking. Raises NotFound."""
    access = access_support_chat(uow.actor, chat_id)
    return str(User.get_by_id(access.user_id).document_number)


def mask_number(text: str, visible_chars: int = VISIBLE_DIGITS) -> str:
    """The end of a document or of a phone number."""
    return f"•••• {text[-visible_chars:]}" if len(text) > visible_chars else text


def mask_email(email: str) -> str:
    """The first two letters and the house of an e-mail."""
    name, _, domain = email.partition("@")
    return f"{name[:2]}••••@{domain}"


def _build_member(user: User, now: datetime) -> dict[str, Any]:
    return {
        "name": user.name,
        "initials": initials_of(user.name),
        "face": avatar_color(user.id),
        "age": _age_at(user.birth_date, now),
        "since": user.created_at,
        "city": user.township.name if user.township else "",
    }


def _count_plan_days(plan: beneficiaries.PlanPeriod, now: datetime) -> dict[str, int]:
    """How many days the plan lasts, has run, has left."""
    days = (plan.ends_at - plan.starts_at).days
    left = max(0, (plan.ends_at - now).days)
    return {"days": days, "left": left, "used": max(0, days - left)}


def _list_beneficiary_views(user_id: int, now: datetime) -> list[BeneficiaryView]:
    return [
        BeneficiaryView(name, initials_of(name), avatar_color(row.id), row.relationship, _age_at(row.birth_date, now))
        for row in beneficiaries.active_beneficiaries(user_id)
        for name in [f"{row.first_name} {row.last_name}"]
    ]


def _list_upcoming_appointments(user_id: int, now: datetime) -> list[AppointmentView]:
    """Those still to be, the nearest first, those without a time at the end."""
    where = [Appointment.user == user_id, beneficiaries.is_upcoming(now)]
    item = (Appointment.starts_at.is_null(), Appointment.starts_at, Appointment.id)
    found = appointments.list_appointments_with_expiry(where, item, MAX_PANEL_APPOINTMENTS)
    return [AppointmentView(payload) for payload, _ in found]


def _list_past_chats(user_id: int, chat_id: int) -> list[PastChat]:
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
        .limit(MAX_PAST_CHATS)
    )
    rows = list(query.tuples())
    tags = load_tags_by_chat([row[0] for row in rows])
    return [
        PastChat(id_, status, at, " ".join(filter(None, (first, last))), last_line, tags[id_], score)
        for id_, status, at, last_line, first, last, score in rows
    ]


def _load_booking_answers(user_id: int) -> dict[str, Any] | None:
    """What the member has told the assistant for a booking that is not finished."""
    row = Dialogue.get_or_none(Dialogue.user == user_id)
    if row is None:
        return None
    draft = msgspec.json.decode(row.draft, type=BookingDraft)
    if draft.patient is None:
        return None
    visit_type = {None: "", True: "Primera vez", False: "Control"}[draft.first_time]
    answers = [
        ("Paciente", draft.patient.name),
        ("Ciudad", draft.city.name if draft.city else ""),
        ("Especialidad", draft.specialty.name if draft.specialty else ""),
        ("Consulta", visit_type),
        ("Profesional", draft.professional.name if draft.professional else ""),
        ("Motivo", draft.description),
        ("Horario", draft.slot.label if draft.slot else ""),
        ("Cita", draft.ticket),
    ]
    return {"at": row.updated_at, "facts": [(name, value) for name, value in answers if value]}


def _age_at(birth_date: Any, now: datetime) -> int | None:
    if birth_date is None:
        return None
    today = beneficiaries.bogota_today(now)
    return int(today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day)))
