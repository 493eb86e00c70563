"""The demo appointments keep every rule of booking, and loading them again adds nothing."""

from collections import Counter

import pytest

from beneficiate.demo.appointments import DEMO_APPOINTMENT_COUNT, load_demo_appointments
from beneficiate.demo.dataset import load_demo_data
from beneficiate.domain.booking.lifecycle import CONFIRMED, PENDING
from beneficiate.formatting import BOGOTA
from beneficiate.models import TABLES
from beneficiate.models.appointments import Appointment, Tick
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import AvailabilityBlock, Professional
from tests.domain.booking.moments import at

DAYS = ("2026-08-17", "2026-11-25", "2026-12-24", "2027-03-24")
"""A Monday that is a holiday, an ordinary day, the day before Christmas, one in Holy Week."""


@pytest.fixture(params=DAYS)
def now(request):
    return at(f"{request.param} 15:00")


@pytest.fixture
def summary(load_once, now):
    """Load the demo data and its appointments; return what is printed."""

    def load():
        load_demo_data("hash", now)
        return load_demo_appointments(now)

    return load_once(f"appointments of {now}", load)


def counts():
    return {table.__name__: table.select().count() for table in TABLES}


def test_second_run_adds_nothing(summary, now):
    before = counts()
    assert load_demo_appointments(now) == summary == f"{Appointment.select().count()} appointments."
    assert counts() == before


def test_appointments_are_of_members_with_a_plan_and_of_several_statuses(summary, now):
    found = Counter(one.status for one in Appointment.select())
    assert len(found) >= 3
    assert {PENDING, CONFIRMED} <= set(found)
    # Some requests are refused as those of people are: a patient has one appointment at a time.
    assert DEMO_APPOINTMENT_COUNT / 2 <= sum(found.values()) <= DEMO_APPOINTMENT_COUNT
    covered = {row.user_id for row in Subscription.select().where(Subscription.ends_at > now)}
    assert {one.user_id for one in Appointment.select()} <= covered


def test_everybody_sees_a_professional_for_their_age_in_their_city_or_by_video(summary, now):
    for one in Appointment.select():
        patient = one.beneficiary or one.user
        age = (now.date() - patient.birth_date).days / 365.25
        specialty = one.specialty.name
        assert (specialty == "Pediatría") <= (age < 18), (patient.first_name, age)
        assert (specialty == "Geriatría") <= (age >= 60)
        assert specialty in ("Pediatría", "Medicina general") or age >= 18
        if one.professional:
            assert one.professional.mode == "VIRTUAL" or one.professional.township_id == one.user.township_id
    assert {one.professional.mode for one in Appointment.select() if one.professional} >= {"VIRTUAL", "PRESENCIAL"}


def test_appointments_with_a_time_are_within_the_hours_of_their_professional(summary):
    timed = list(Appointment.select().where(Appointment.starts_at.is_null(False)))
    assert timed
    for one in timed:
        local = one.starts_at.astimezone(BOGOTA)
        begin = local.hour * 60 + local.minute
        blocks = AvailabilityBlock.select().where(
            AvailabilityBlock.professional == one.professional_id, AvailabilityBlock.weekday == local.weekday()
        )
        assert [block for block in blocks if block.starts <= begin and begin + one.duration_minutes <= block.ends]
    assert Tick.select().exists()


def test_every_professional_has_hours_and_those_that_were_changed_stay(summary, now):
    with_hours = {block.professional_id for block in AvailabilityBlock.select()}
    assert with_hours == {one.id for one in Professional.select()}
    first = Professional.select().order_by(Professional.id).get()
    AvailabilityBlock.delete().where(AvailabilityBlock.professional == first).execute()
    AvailabilityBlock.create(professional=first, weekday=6, starts=600, ends=660)
    load_demo_appointments(now)
    kept = AvailabilityBlock.select().where(AvailabilityBlock.professional == first)
    assert [(block.weekday, block.starts, block.ends) for block in kept] == [(6, 600, 660)]
