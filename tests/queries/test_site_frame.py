"""Who is signed in, and until when their plan runs."""

import pytest

from beneficiate.models.payments import Plan
from beneficiate.queries.site_frame import load_site_frame
from beneficiate.unit_of_work import Actor, UnitOfWork
from tests.factories import add_plan, agent, member
from tests.queries.appointment_rows import DAY, NOW


def load(actor, *, is_test=False):
    return load_site_frame(UnitOfWork(actor, NOW), is_test)


@pytest.fixture
def other_plan(db):
    given = {"name": "Otro", "description": "", "price": 1, "duration_days": 30, "max_beneficiaries": 0}
    return Plan.create(code="otro", **given)


def test_visitor_has_neither_a_name_nor_a_plan(db):
    frame = load(Actor(0, ""), is_test=True)
    assert (frame.me, frame.running, frame.is_test) == (None, None, True)


def test_staff_are_named_and_have_no_plan(db):
    yuliana = agent()
    frame = load(yuliana.actor)
    assert (frame.me.user_id, frame.me.first_name, frame.running) == (yuliana.id, "Yuliana", None)


def test_plan_covers_until_the_end_of_what_follows_of_the_same_plan(other_plan):
    ana = member()
    add_plan(ana, starts_at=NOW - DAY, ends_at=NOW + DAY)
    add_plan(ana, starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    add_plan(ana, plan=other_plan, starts_at=NOW + 2 * DAY, ends_at=NOW + 9 * DAY)
    running = load(ana.actor).running
    assert (running.code, running.ends_at, running.covered_until) == ("de-prueba", NOW + DAY, NOW + 2 * DAY)


def test_gap_ends_the_coverage(db):
    ana = member()
    add_plan(ana, starts_at=NOW - DAY, ends_at=NOW + DAY)
    add_plan(ana, starts_at=NOW + 2 * DAY, ends_at=NOW + 3 * DAY)
    assert load(ana.actor).running.covered_until == NOW + DAY


def test_plan_that_is_over_or_of_somebody_else_does_not_run(db):
    ana = member()
    add_plan(ana, starts_at=NOW - DAY, ends_at=NOW)
    add_plan(member("Beto"), starts_at=NOW - DAY, ends_at=NOW + DAY)
    assert load(ana.actor).running is None
