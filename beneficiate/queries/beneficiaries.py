"""A member's beneficiaries, and how many of them their plan covers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import ModelSelect

from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.payments import Plan, Subscription
from beneficiate.models.people import DOCUMENT_TYPES, Beneficiary
from beneficiate.queries.faces import face, initials
from beneficiate.scheduling.lifecycle import OPEN
from beneficiate.spanish import BOGOTA
from beneficiate.store import Actor, Work

RELATIONSHIPS = ("Hijo o hija", "Pareja", "Mamá o papá", "Hermano o hermana", "Otro")


@dataclass(frozen=True, slots=True)
class Person:
    """A beneficiary in the list; `age` in years, where the day of birth is known."""

    id: int
    name: str
    initials: str
    face: int
    relationship: str
    document: str
    age: int | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A plan from `starts_at` to just before `ends_at`."""

    name: str
    max_beneficiaries: int
    starts_at: datetime
    ends_at: datetime


def people(work: Work, _: None = None) -> list[Person]:
    """One's own beneficiaries."""
    today = today_of(work.now)
    return [
        Person(
            row.id,
            name,
            initials(name),
            face(row.id),
            row.relationship,
            f"{row.document_type} {row.document_number}",
            _age(row.birth_date, today),
        )
        for row in living(work.actor.user_id)
        for name in [f"{row.first_name} {row.last_name}"]
    ]


def form(work: Work, beneficiary_id: int | None) -> dict[str, Any]:
    """What the form of a beneficiary, or of a new one, shows: who it is, what is known, what can be chosen.

    Raises NotFound.
    """
    row = None if beneficiary_id is None else access_beneficiary(work.actor, beneficiary_id)
    return {
        "row": row,
        "stored": _as_typed(row),
        "document_types": DOCUMENT_TYPES,
        "relationships": known_relationships(row),
        "today": today_of(work.now).isoformat(),
        "has_room": row is not None or has_room(work.actor.user_id, work.now),
    }


def access_beneficiary(actor: Actor, beneficiary_id: int) -> Beneficiary:
    """One of one's own beneficiaries who is not removed. Raises NotFound for any other, for the staff too."""
    row: Beneficiary | None = living(actor.user_id).where(Beneficiary.id == beneficiary_id).first()
    if row is None:
        raise NotFound("No encontramos a esa persona entre sus beneficiarios.")
    return row


def living(user_id: int) -> ModelSelect:
    """A member's beneficiaries who are not removed, in the order in which they came."""
    is_theirs = (Beneficiary.user == user_id) & Beneficiary.removed_at.is_null()
    return Beneficiary.select().where(is_theirs).order_by(Beneficiary.id)


def known_relationships(row: Beneficiary | None) -> tuple[str, ...]:
    """What a person can be of the member; what was written down before there was a list stays possible for its own."""
    is_older = row is not None and row.relationship not in RELATIONSHIPS
    return (row.relationship, *RELATIONSHIPS) if row is not None and is_older else RELATIONSHIPS


def open_visits(beneficiary_id: int, now: datetime) -> list[str]:
    """The ticket numbers of a beneficiary's visits that are still to be."""
    query = Appointment.select(Appointment.ticket_number).where(Appointment.beneficiary == beneficiary_id)
    return [row[0] for row in query.where(still_to_be(now)).order_by(Appointment.id).tuples()]


def still_to_be(now: datetime) -> Any:
    """Of visits: a confirmed one whose time has passed is over, whether or not somebody wrote down how it went."""
    return Appointment.status.in_(sorted(OPEN)) & (Appointment.starts_at.is_null() | (Appointment.starts_at > now))


def stretches(user_id: int, now: datetime) -> list[Stretch]:
    """The plan that runs and those that are to come, in order of time."""
    query = (
        Subscription.select(Plan.name, Plan.max_beneficiaries, Subscription.starts_at, Subscription.ends_at)
        .join(Plan)
        .where(Subscription.user == user_id, Subscription.ends_at > now)
        .order_by(Subscription.starts_at, Subscription.id)
    )
    return [Stretch(*row) for row in query.tuples()]


def running(found: list[Stretch], now: datetime) -> Stretch | None:
    """Of these the one that runs now."""
    begun = [one for one in found if one.starts_at <= now]
    return max(begun, key=lambda one: one.ends_at, default=None)


def covered(user_id: int, now: datetime) -> int:
    """How many beneficiaries the plan that runs covers; 0 without one."""
    plan = running(stretches(user_id, now), now)
    return plan.max_beneficiaries if plan else 0


def has_room(user_id: int, now: datetime) -> bool:
    """Whether the plan that runs covers one more."""
    return bool(living(user_id).count() < covered(user_id, now))


def today_of(now: datetime) -> date:
    """The day in Bogotá."""
    return now.astimezone(BOGOTA).date()


def _as_typed(row: Beneficiary | None) -> dict[str, str]:
    fields = ("first_name", "last_name", "document_type", "document_number", "birth_date", "relationship")
    return {name: str(getattr(row, name, None) or "") for name in fields}


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
