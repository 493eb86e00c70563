"""Beneficiaries are read by their member alone, and the plan that runs says how many there may be."""

from datetime import UTC, date, datetime, timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING
from beneficiate.domain.identity_documents import DOCUMENT_TYPES
from beneficiate.errors import NotFound
from beneficiate.models.payments import Plan
from beneficiate.queries import beneficiaries
from beneficiate.queries.beneficiaries import RELATIONSHIPS
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.account import BeneficiaryValues
from tests.domain.booking.moments import at
from tests.factories import add_plan, agent, beneficiary, member, member_with_plan, supervisor
from tests.queries.appointment_rows import DAY, HOUR, NOW, create_appointment


def work(who, now=NOW):
    return UnitOfWork(who.actor, now)


def create_plan(code, most):
    given = {"name": code, "description": "", "price": 1, "duration_days": 30, "max_beneficiaries": most}
    return Plan.create(code=code, **given)


def test_list_has_ones_own_in_the_order_in_which_they_came(db):
    ana = member()
    mateo, elena = (
        beneficiary(ana, "Mateo", document_type="OTHER", document_number="1023667788"),
        beneficiary(ana, "Elena", last_name="Guzmán", document_type="CC", document_number="41999888"),
    )
    beneficiary(ana, "Gone", removed_at=NOW)
    beneficiary(member("Beto"), "Other")
    first, second = beneficiaries.list_own_beneficiaries(work(ana))
    assert (first.id, second.id) == (mateo.id, elena.id)
    assert (second.name, second.initials, second.relationship) == ("Elena Guzmán", "EG", "hijo")
    assert (first.document, second.document) == ("Otro documento 1023667788", "CC 41999888")


@pytest.mark.parametrize(
    ("birth_date", "now", "age"),
    [
        (None, "2026-11-23 08:00", None),
        (date(2014, 11, 23), "2026-11-22 23:59", 11),
        (date(2014, 11, 23), "2026-11-23 00:00", 12),
        (date(2012, 2, 29), "2026-02-28 12:00", 13),
        (date(2012, 2, 29), "2026-03-01 00:00", 14),
        (date(2026, 11, 23), "2026-11-23 08:00", 0),
    ],
)
def test_age_changes_at_midnight_in_bogota(db, birth_date, now, age):
    ana = member()
    beneficiary(ana, birth_date=birth_date)
    assert [one.age for one in beneficiaries.list_own_beneficiaries(work(ana, at(now)))] == [age]


def test_nobody_else_has_access_and_nobody_to_one_who_was_removed(db):
    ana = member()
    mateo, gone = beneficiary(ana), beneficiary(ana, removed_at=NOW)
    assert beneficiaries.access_beneficiary(ana.actor, mateo.id).id == mateo.id
    for who, id_ in (
        (member("Beto"), mateo.id),
        (agent(), mateo.id),
        (supervisor(), mateo.id),
        (ana, gone.id),
        (ana, 0),
    ):
        with pytest.raises(NotFound):
            beneficiaries.access_beneficiary(who.actor, id_)
        with pytest.raises(NotFound):
            beneficiaries.load_beneficiary_form(work(who), id_)


def test_form_of_a_new_one_is_empty_and_says_whether_there_is_room(db):
    ana = member_with_plan()
    form = beneficiaries.load_beneficiary_form(work(ana), None)
    assert (form.beneficiary_id, form.first_name, form.name, form.stored) == (None, "", "", BeneficiaryValues())
    assert (form.document_types, form.relationships) == (DOCUMENT_TYPES, RELATIONSHIPS)
    assert (form.today, form.has_room, form.most) == ("2026-11-23", True, 4)
    without = beneficiaries.load_beneficiary_form(work(member()), None)
    assert (without.has_room, without.most) == (False, None)


def test_form_has_what_is_stored_and_room_for_it_even_when_the_plan_is_full(db):
    ana = member()
    mateo = beneficiary(ana, birth_date=date(2014, 8, 2), relationship="Sobrino")
    form = beneficiaries.load_beneficiary_form(work(ana), mateo.id)
    assert (form.first_name, form.has_room, form.relationships) == ("Mateo", True, ("Sobrino", *RELATIONSHIPS))
    assert (form.stored.document_number, form.stored.birth_date) == (mateo.document_number, "2014-08-02")


def test_plan_that_runs_says_how_many_it_covers(db):
    ana = member()
    assert beneficiaries.count_coverable_beneficiaries(ana.id, NOW) == 0
    add_plan(ana, plan=create_plan("later", 9), starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    add_plan(ana, plan=create_plan("over", 8), starts_at=NOW - 2 * DAY, ends_at=NOW)
    assert beneficiaries.count_coverable_beneficiaries(ana.id, NOW) == 0
    add_plan(ana, plan=create_plan("now", 2), starts_at=NOW, ends_at=NOW + DAY)
    assert beneficiaries.count_coverable_beneficiaries(ana.id, NOW) == 2
    assert [one.name for one in beneficiaries.list_plan_periods(ana.id, NOW)] == ["now", "later"]
    beneficiary(ana)
    assert beneficiaries.load_beneficiary_form(work(ana), None).has_room
    beneficiary(ana)
    assert not beneficiaries.load_beneficiary_form(work(ana), None).has_room


def test_of_two_plans_at_once_the_one_that_ends_last_counts(db):
    ana = member()
    add_plan(ana, plan=create_plan("short", 1), starts_at=NOW - DAY, ends_at=NOW + DAY)
    add_plan(ana, plan=create_plan("long", 3), starts_at=NOW - DAY, ends_at=NOW + 2 * DAY)
    periods = beneficiaries.list_plan_periods(ana.id, NOW)
    assert beneficiaries.find_current_period(periods, NOW).name == "long"
    assert beneficiaries.find_current_period([], NOW) is None


def test_upcoming_tickets_are_open_and_not_over(db):
    ana = member()
    mateo = beneficiary(ana)
    kept = [
        create_appointment(ana, PENDING, beneficiary=mateo),
        create_appointment(ana, CONFIRMED, NOW + HOUR, beneficiary=mateo),
    ]
    create_appointment(ana, CONFIRMED, NOW, beneficiary=mateo)
    create_appointment(ana, CANCELLED, NOW + HOUR, beneficiary=mateo)
    create_appointment(ana, CONFIRMED, NOW + HOUR)
    assert beneficiaries.list_upcoming_ticket_numbers(mateo.id, NOW) == [one.ticket_number for one in kept]


def test_today_is_that_of_bogota():
    assert beneficiaries.bogota_today(datetime(2026, 11, 24, 4, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert beneficiaries.bogota_today(datetime(2026, 11, 24, 4, 59, tzinfo=UTC) + timedelta(minutes=1)) == date(
        2026, 11, 24
    )
