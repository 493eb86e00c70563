"""A member's beneficiaries, and how many of them their plan covers."""

from datetime import date, datetime

from peewee import Expression, ModelSelect, fn

from beneficiate.domain.booking.lifecycle import OPEN_STATUSES
from beneficiate.domain.identity_documents import DOCUMENT_TYPES, write_document
from beneficiate.errors import NotFound
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import Beneficiary
from beneficiate.models.appointments import Appointment
from beneficiate.models.payments import Plan, Subscription
from beneficiate.unit_of_work import Actor, UnitOfWork
from beneficiate.views.account import (
    BENEFICIARY_FIELDS,
    BeneficiaryFormData,
    BeneficiaryRow,
    BeneficiaryValues,
    PlanPeriod,
)
from beneficiate.views.avatars import avatar_color, initials_of

RELATIONSHIPS = ("Hijo o hija", "Pareja", "Mamá o papá", "Hermano o hermana", "Otro")


def list_own_beneficiaries(uow: UnitOfWork) -> list[BeneficiaryRow]:
    """Return the actor's beneficiaries."""
    today = bogota_today(uow.now)
    return [
        BeneficiaryRow(
            row.id,
            name,
            initials_of(name),
            avatar_color(row.id),
            row.relationship,
            write_document(row.document_type, row.document_number),
            _age_on(row.birth_date, today),
        )
        for row in active_beneficiaries(uow.actor.user_id)
        for name in [f"{row.first_name} {row.last_name}"]
    ]


def load_beneficiary_form(uow: UnitOfWork, beneficiary_id: int | None) -> BeneficiaryFormData:
    """Return what the form of a beneficiary (None: a new one) needs. Raises NotFound."""
    row = None if beneficiary_id is None else access_beneficiary(uow.actor, beneficiary_id)
    user_id = uow.actor.user_id
    plan = find_current_period(list_plan_periods(user_id, uow.now), uow.now)
    most = None if plan is None else plan.max_beneficiaries
    return BeneficiaryFormData(
        beneficiary_id=beneficiary_id,
        first_name=row.first_name if row else "",
        name=f"{row.first_name} {row.last_name}" if row else "",
        stored=_form_values(row),
        document_types=DOCUMENT_TYPES,
        relationships=list_relationships(row),
        today=bogota_today(uow.now).isoformat(),
        has_room=row is not None or active_beneficiaries(user_id).count() < (most or 0),
        most=most,
    )


def access_beneficiary(actor: Actor, beneficiary_id: int) -> Beneficiary:
    """Return an active beneficiary of the actor. Raises NotFound for any other, for the staff too."""
    row: Beneficiary | None = active_beneficiaries(actor.user_id).where(Beneficiary.id == beneficiary_id).first()
    if row is None:
        raise NotFound("No encontramos a esa persona entre sus beneficiarios.")
    return row


def active_beneficiaries(user_id: int) -> ModelSelect:
    """Return the query for a member's beneficiaries who are not removed, in the order in which they were added."""
    is_theirs = (Beneficiary.user == user_id) & Beneficiary.removed_at.is_null()
    return Beneficiary.select().where(is_theirs).order_by(Beneficiary.id)


def list_relationships(row: Beneficiary | None) -> tuple[str, ...]:
    """Return the relationships to choose from; one stored before there was a list stays possible for its person."""
    is_older = row is not None and row.relationship not in RELATIONSHIPS
    return (row.relationship, *RELATIONSHIPS) if row is not None and is_older else RELATIONSHIPS


def list_upcoming_ticket_numbers(beneficiary_id: int, now: datetime) -> list[str]:
    """Return the ticket numbers of a beneficiary's coming appointments."""
    query = Appointment.select(Appointment.ticket_number).where(Appointment.beneficiary == beneficiary_id)
    return [row[0] for row in query.where(is_upcoming(now)).order_by(Appointment.id).tuples()]


def is_upcoming(now: datetime) -> Expression:
    """Return the condition for coming appointments. A confirmed one whose time has passed is over in any case."""
    return Appointment.status.in_(sorted(OPEN_STATUSES)) & (
        Appointment.starts_at.is_null() | (Appointment.starts_at > now)
    )


def list_plan_periods(user_id: int, now: datetime) -> list[PlanPeriod]:
    """Return the plan that runs and the later ones, in order of time."""
    people = fn.COALESCE(Subscription.max_beneficiaries, Plan.max_beneficiaries)
    query = (
        Subscription.select(Plan.name, people, Subscription.starts_at, Subscription.ends_at)
        .join(Plan)
        .where(Subscription.user == user_id, Subscription.ends_at > now)
        .order_by(Subscription.starts_at, Subscription.id)
    )
    return [PlanPeriod(*row) for row in query.tuples()]


def find_current_period(periods: list[PlanPeriod], now: datetime) -> PlanPeriod | None:
    """Return the period that runs now."""
    started = [one for one in periods if one.starts_at <= now]
    return max(started, key=lambda one: one.ends_at, default=None)


def count_coverable_beneficiaries(user_id: int, now: datetime) -> int:
    """Return how many beneficiaries the plan that runs covers; 0 without one."""
    plan = find_current_period(list_plan_periods(user_id, now), now)
    return plan.max_beneficiaries if plan else 0


def bogota_today(now: datetime) -> date:
    """Return the day in Bogotá."""
    return bogota_date(now)


def _form_values(row: Beneficiary | None) -> BeneficiaryValues:
    return BeneficiaryValues(*(str(getattr(row, name, None) or "") for name in BENEFICIARY_FIELDS))


def _age_on(birth_date: date | None, today: date) -> int | None:
    if birth_date is None:
        return None
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))
