"""The member of a chat for the agent: plan, beneficiaries, appointments, payments, past chats, unfinished booking."""

from datetime import datetime, timedelta

import msgspec
from peewee import JOIN, fn

from beneficiate.domain.billing.presentation import STAFF_PAYMENT_BADGES, bare_plan_name
from beneficiate.domain.booking.presentation import APPOINTMENT_BADGES
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.data_requests.lifecycle import COUNTING_STATES
from beneficiate.domain.data_requests.presentation import SUBJECT_NAMES, format_request_number
from beneficiate.domain.data_requests.terms import CLAIM
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import Agent, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import SUPPORT, Chat, Note, Rating
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.payments import Payment
from beneficiate.queries import appointments, beneficiaries, payments
from beneficiate.queries.access import access_support_chat
from beneficiate.queries.tags import load_tags_by_chat
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.account import PlanPeriod
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.member_panel import (
    BeneficiaryView,
    BookingAnswers,
    MemberContact,
    MemberPanel,
    MemberSummary,
    NextPlan,
    OpenClaim,
    PastChat,
    PaymentSummary,
    PlanUsage,
    UpcomingAppointment,
    age_at,
)

MAX_PANEL_APPOINTMENTS, MAX_PANEL_PAYMENTS, MAX_PAST_CHATS = 3, 3, 5
PAST_PREVIEW_CHARS = 120


def load_member_panel(uow: UnitOfWork, chat_id: int) -> MemberPanel:
    """Return the panel about the member of a support chat. Raises NotFound."""
    return build_member_panel(uow, chat_id, access_support_chat(uow.actor, chat_id).user_id)


def build_member_panel(uow: UnitOfWork, chat_id: int, user_id: int) -> MemberPanel:
    """Return the panel about the member of a support chat that the actor may read."""
    user = User.get_by_id(user_id)
    periods = beneficiaries.list_plan_periods(user.id, uow.now)
    plan = beneficiaries.find_current_period(periods, uow.now)
    return MemberPanel(
        chat_id=chat_id,
        member=MemberSummary.from_user(user, uow.now),
        contact=MemberContact.from_user(user).mask(),
        plan=_build_plan_usage(plan, uow.now) if plan else None,
        next_plan=next(
            (NextPlan(bare_plan_name(one.name), one.starts_at) for one in periods if one.starts_at > uow.now), None
        ),
        beneficiaries=_list_beneficiary_views(user.id, uow.now),
        appointments=_list_upcoming_appointments(user.id, uow.now),
        payments=_list_payments(user.id),
        past_chats=_list_past_chats(user.id, chat_id),
        answers=_load_booking_answers(user.id),
        tags=load_tags_by_chat([chat_id])[chat_id],
        notes=Note.select().where(Note.chat == chat_id).count(),
        claims=_list_open_claims(user.id),
    )


def _build_plan_usage(plan: PlanPeriod, now: datetime) -> PlanUsage:
    days = (plan.ends_at - plan.starts_at).days
    # Days of the calendar, as the last one is named beside it: a plan that ends at 1:00 tomorrow does not end today.
    left = max(0, (bogota_date(plan.ends_at - timedelta(microseconds=1)) - bogota_date(now)).days)
    return PlanUsage(
        name=bare_plan_name(plan.name),
        max_beneficiaries=plan.max_beneficiaries,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        days=days,
        used=max(0, days - left),
        left=left,
    )


def _list_beneficiary_views(user_id: int, now: datetime) -> list[BeneficiaryView]:
    return [
        BeneficiaryView(name, initials_of(name), avatar_color(row.id), row.relationship, age_at(row.birth_date, now))
        for row in beneficiaries.active_beneficiaries(user_id)
        for name in [f"{row.first_name} {row.last_name}"]
    ]


def _list_upcoming_appointments(user_id: int, now: datetime) -> list[UpcomingAppointment]:
    """Return the member's next appointments, the nearest first, those without a time at the end."""
    where = [Appointment.user == user_id, beneficiaries.is_upcoming(now)]
    order = (Appointment.starts_at.is_null(), Appointment.starts_at, Appointment.id)
    found = appointments.list_appointments_with_expiry(where, order, MAX_PANEL_APPOINTMENTS)
    return [
        UpcomingAppointment(
            payload.id,
            payload.specialty_name,
            f"{payload.patient.first_name} {payload.patient.last_name}",
            payload.starts_at,
            APPOINTMENT_BADGES[payload.status],
        )
        for payload, _ in found
    ]


def _list_payments(user_id: int) -> list[PaymentSummary]:
    return [
        PaymentSummary(
            bare_plan_name(payload.plan.name),
            payload.created_at,
            payload.amount,
            STAFF_PAYMENT_BADGES[payload.status],
        )
        for payload in payments.serialize_payments([Payment.user == user_id], MAX_PANEL_PAYMENTS)
    ]


def _list_open_claims(user_id: int) -> list[OpenClaim]:
    """Return the claims of the member that are not decided, as long as they are complete: the oldest first."""
    is_open = DataRequest.state.in_(COUNTING_STATES) & (DataRequest.kind == CLAIM)
    rows = DataRequest.select(DataRequest.id, DataRequest.subject, DataRequest.received_at)
    found = rows.where(DataRequest.user == user_id, is_open).order_by(DataRequest.id).tuples()
    return [
        OpenClaim(format_request_number(id_, bogota_date(at).year), SUBJECT_NAMES[subject], at)
        for id_, subject, at in found
    ]


def _list_past_chats(user_id: int, chat_id: int) -> list[PastChat]:
    """Return the newest support chats of the member but this one."""
    query = (
        Chat.select(
            Chat.id,
            Chat.status,
            Chat.updated_at,
            fn.SUBSTR(Chat.last_line, 1, PAST_PREVIEW_CHARS),
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


def _load_booking_answers(user_id: int) -> BookingAnswers | None:
    """Return what the member has answered the bot; None before they have named the patient."""
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
    return BookingAnswers(row.updated_at, [(label, value) for label, value in answers if value])
