"""What an erasure would do, which are due, and what is waited for."""

from datetime import timedelta

import pytest

from beneficiate.domain.booking.lifecycle import ATTENDED
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.erasures import CANCELLED, ERASED, ERASING, REQUESTED, Erasure
from beneficiate.queries.erasures import (
    count_personal_rows,
    find_what_it_waits_for,
    list_due_erasures,
    list_erasures,
    load_certificate,
    load_erasure_effect,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.actions.appointment_steps import EIGHT_OCLOCK, NOW, book_appointment
from tests.actions.payment_steps import payment_with_link
from tests.factories import agent, member, member_with_plan, professional, supervisor, support_chat

DAY = timedelta(days=1)


def uow(who, now=NOW):
    return UnitOfWork(who.actor, now)


def erasure(who, state, due_at=NOW):
    return Erasure.create(user=who.id, state=state, code=f"{state}{who.id}", requested_at=NOW, due_at=due_at)


def test_effect_names_what_ends_on_that_day(act, db):
    ana, german = member_with_plan(), professional()
    request = book_appointment(act, ana, ana, german, EIGHT_OCLOCK + 7 * DAY)
    assert load_erasure_effect(uow(ana, NOW + 5 * DAY)).appointments == []
    support_chat(ana, None)
    effect = load_erasure_effect(uow(ana))
    assert ([one.id for one in effect.appointments], effect.has_open_chat) == ([request.id], True)
    assert (effect.due_at, effect.is_staff, effect.waits_for) == (NOW + 7 * DAY, False, "")
    assert effect.plan_ends_at is not None
    assert "1 conversación" in effect.erased


def test_effect_of_the_staff_is_said_to_be_another(db):
    assert load_erasure_effect(uow(agent())).is_staff


def test_appointment_whose_reason_is_not_kept_counts_as_none(act, db):
    ana, german = member_with_plan(), professional()
    for days, notes in ((7, "Dolor de rodilla"), (14, NO_REASON)):
        booked = book_appointment(act, ana, ana, german, EIGHT_OCLOCK + days * DAY)
        Appointment.update(notes=notes, status=ATTENDED).where(Appointment.id == booked.id).execute()
    assert count_personal_rows(uow(ana), ana.id)["reasons"] == 1


def test_money_that_is_under_way_is_waited_for(act, db):
    ana, omar = member(), member()
    payment_with_link(act, ana)
    assert find_what_it_waits_for(uow(ana), ana.id) == "payment"
    assert find_what_it_waits_for(uow(ana), omar.id) == ""


def test_due_are_those_whose_day_has_come_and_those_that_go_on(db):
    rows = [
        erasure(member(), REQUESTED),
        erasure(member(), ERASING, NOW + DAY),
        erasure(member(), REQUESTED, NOW + DAY),
    ]
    for state in (CANCELLED, ERASED):
        erasure(member(), state)
    assert list_due_erasures(uow(member()), 0) == [rows[0].id, rows[1].id]
    assert list_due_erasures(uow(member()), rows[0].id) == [rows[1].id]


def test_list_is_for_supervisors(db):
    erasure(member(), REQUESTED)
    assert [row.state for row in list_erasures(uow(supervisor()), ListFilters()).rows] == [REQUESTED]
    for who in (agent(), member()):
        with pytest.raises(NotFound):
            list_erasures(uow(who), ListFilters())


def test_list_has_every_erasure_once_and_finds_one_by_its_number(db, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.erasures.ERASURES_PER_PAGE", 2)
    codes, marta = [erasure(member(), REQUESTED).code for _ in range(5)], uow(supervisor())
    page, seen = list_erasures(marta, ListFilters()), []
    while True:
        seen.append([row.code for row in page.rows])
        if not page.next_id:
            break
        page = list_erasures(marta, ListFilters(after=page.next_id))
    assert seen == [codes[:-3:-1], codes[-3:-5:-1], codes[:1]]
    found = list_erasures(marta, ListFilters(text=f" {codes[1].lower()} "))
    assert ([row.code for row in found.rows], found.next_id) == ([codes[1]], 0)


def test_certificate_is_of_what_is_done(db):
    ana = member()
    row = erasure(ana, ERASING)
    with pytest.raises(NotFound):
        load_certificate(uow(ana), row.code)
    Erasure.update(state=ERASED, erased_at=NOW).execute()
    assert load_certificate(uow(ana), row.code).erased_at == NOW
