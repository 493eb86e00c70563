"""Weekly hours and exceptions: validated, audited, and used by the call centre."""

import json
from datetime import date
from itertools import pairwise

import pytest

from beneficiate.actions import business_hours
from beneficiate.actions.business_hours import (
    DeleteCallCentreDay,
    SetCallCentreDay,
    SetHoursException,
    SetWeeklyHours,
    preview_hours,
)
from beneficiate.domain.booking.hours_text import describe_day, describe_week
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.protocol import channels
from beneficiate.protocol.queue import HoursChanged
from beneficiate.queries.business_hours import (
    load_business_hours,
    load_business_hours_state,
    load_schedule,
    load_weekly_blocks,
)
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.audit_changes import AuditChange, RecordedChanges
from tests.domain.booking.moments import at
from tests.factories import agent, supervisor

NOW = at("2026-11-25 10:00")
"""A Wednesday."""


@pytest.fixture
def do(act):
    marta = supervisor()
    return lambda action, command, who=marta, now=NOW: act(action, command, who.actor, now)[0]


def week_of(spans):
    """A week as typed into a form that shows what is stored."""
    return SetWeeklyHours(spans, describe_week(load_weekly_blocks()))


def day_of(*typed):
    """A day as typed into a form that shows what is stored."""
    return SetCallCentreDay(SetHoursException(*typed), seen_of(typed[0]))


def deletion_of(day):
    return DeleteCallCentreDay(date.fromisoformat(day), seen_of(day))


def seen_of(day):
    return describe_day([one for one in load_business_hours().exceptions if str(one.day) == day])


def wrong(do, action, command):
    with pytest.raises(InvalidForm) as caught:
        do(action, command)
    return caught.value.fields


def sentence(moment):
    return load_business_hours_state(UnitOfWork(supervisor().actor, at(moment)))["sentence"]


def shown_changes(entry):
    return RecordedChanges(json.loads(entry.before), json.loads(entry.after)).describe(shows_private=False)


def test_weekly_hours_are_replaced_and_used(do, db):
    do(
        business_hours.set_weekly_hours,
        week_of({0: [("14:00", "18:00"), ("08:00", "12:00"), ("", "")], 6: [("22:00", "00:00")]}),
    )
    columns = (BusinessHoursBlock.weekday, BusinessHoursBlock.starts, BusinessHoursBlock.ends)
    assert list(BusinessHoursBlock.select(*columns).order_by(*columns).tuples()) == [
        (0, 480, 720),
        (0, 840, 1080),
        (6, 1320, 1440),
    ]
    assert sentence("2026-11-25 10:00") == "Volvemos el domingo a las 10:00\u00a0p.\u00a0m."
    assert sentence("2026-11-29 23:59") == ""
    do(business_hours.set_weekly_hours, week_of({2: [("09:00", "10:30")]}))
    assert BusinessHoursBlock.select().count() == 1
    first, second = AuditEntry.select().order_by(AuditEntry.id)
    assert (first.what, json.loads(first.after)["week"]) == (
        "hours.set_week",
        {"0": ["480-720", "840-1080"], "6": ["1320-1440"]},
    )
    assert json.loads(second.before) == json.loads(first.after)
    assert shown_changes(second) == [
        AuditChange("Semana", "lunes: 08:00-12:00, 14:00-18:00; domingo: 22:00-24:00", "miércoles: 09:00-10:30")
    ]


def test_saving_what_is_stored_changes_nothing(act, db):
    marta, week = supervisor(), {0: [("08:00", "12:00")]}
    act(business_hours.set_weekly_hours, week_of(week), marta.actor, NOW)
    act(business_hours.set_hours_exception, day_of("2026-12-24", "cerrado", "", ""), marta.actor, NOW)
    recorded = AuditEntry.select().count()
    for action, command in (
        (business_hours.set_weekly_hours, week_of(week)),
        (business_hours.set_hours_exception, day_of("2026-12-24", "cerrado", "", "")),
    ):
        _, events = act(action, command, marta.actor, NOW)
        assert (events, AuditEntry.select().count()) == ([], recorded)


@pytest.mark.parametrize(
    ("typed", "outgoing"),
    [
        ([("08:00", "")], "Escriba la hora de abrir y la de cerrar."),
        ([("ocho", "12:00")], "Escriba la hora de abrir y la de cerrar."),
        ([("12:00-08:00", "07:00-05:00")], "Escriba la hora de abrir y la de cerrar."),
        ([("08:00", "12:00:59")], "Escriba la hora de abrir y la de cerrar."),
        ([("08", "12")], "Escriba la hora de abrir y la de cerrar."),
        ([("25:00", "26:00")], "Escriba la hora de abrir y la de cerrar."),
        ([("12:00", "08:00")], "Debe cerrar después de abrir."),
        ([("08:00", "08:00")], "Debe cerrar después de abrir."),
        ([("08:00", "12:00"), ("11:59", "13:00")], "Los tramos se cruzan."),
    ],
)
def test_weekday_that_is_not_right_is_named_and_nothing_is_written(do, db, typed, outgoing):
    assert wrong(do, business_hours.set_weekly_hours, week_of({0: [("08:00", "12:00")], 3: typed})) == {
        "dia-3": outgoing
    }
    assert not BusinessHoursBlock.select().exists()
    assert not AuditEntry.select().exists()


def test_parts_of_a_day_may_touch(do, db):
    do(business_hours.set_weekly_hours, week_of({1: [("08:00", "12:00"), ("12:00", "13:00")]}))
    assert BusinessHoursBlock.select().count() == 2


def test_week_without_any_part_is_refused(do, db):
    assert wrong(do, business_hours.set_weekly_hours, week_of({day: [] for day in range(7)})) == {
        "dia-0": "Deje al menos un tramo en la semana."
    }


def test_exception_closes_or_opens_a_day_and_is_deleted(do, db):
    day = "2026-11-26"
    assert sentence("2026-11-26 10:00") == ""
    do(business_hours.set_hours_exception, day_of(day, "cerrado", "", ""))
    assert sentence("2026-11-26 10:00") == "Volvemos mañana a las 7:00\u00a0a.\u00a0m."
    do(business_hours.set_hours_exception, day_of(day, "abierto", "10:00", "11:00"))
    assert sentence("2026-11-26 09:00") == "Volvemos hoy a las 10:00\u00a0a.\u00a0m."
    assert sentence("2026-11-26 10:59") == ""
    assert sentence("2026-11-26 11:00") == "Volvemos mañana a las 7:00\u00a0a.\u00a0m."
    do(business_hours.set_hours_exception, day_of(day, "cerrado", "12:00", "13:00"))
    assert (sentence("2026-11-26 11:59"), sentence("2026-11-26 13:00")) == ("", "")
    assert sentence("2026-11-26 12:30") == "Volvemos hoy a la 1:00\u00a0p.\u00a0m."
    do(business_hours.delete_hours_exception, deletion_of(day))
    assert not BusinessHoursException.select().exists()
    do(business_hours.delete_hours_exception, deletion_of(day))
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [entry.what for entry in entries] == ["hours.set_day"] * 3 + ["hours.forget_day"]
    hours = ["—", "cerrado 00:00-24:00", "abierto 10:00-11:00", "cerrado 12:00-13:00", "—"]
    assert [shown_changes(one) for one in entries] == [
        [AuditChange("Horario", before, after)] for before, after in pairwise(hours)
    ]


def test_holiday_can_be_worked(do, db):
    assert sentence("2026-12-08 10:00") != ""
    do(business_hours.set_hours_exception, day_of("2026-12-08", "abierto", "09:00", "12:00"))
    assert sentence("2026-12-08 10:00") == ""


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (("", "cerrado", "", ""), {"fecha"}),
        (("2026-11-24", "cerrado", "", ""), {"fecha"}),
        (("2029-01-01", "cerrado", "", ""), {"fecha"}),
        (("2026-11-26", "quizá", "", ""), {"que"}),
        (("2026-11-26", "abierto", "", ""), {"desde"}),
        (("2026-11-26", "cerrado", "10:00", ""), {"desde"}),
        (("ayer", "", "10:00", ""), {"fecha", "que"}),
    ],
)
def test_day_that_is_not_right_says_where(do, db, typed, fields):
    assert wrong(do, business_hours.set_hours_exception, day_of(*typed)).keys() == fields
    assert not BusinessHoursException.select().exists()


def test_only_a_supervisor_changes_the_hours(do, db):
    for action, command in (
        (business_hours.set_weekly_hours, week_of({0: [("08:00", "12:00")]})),
        (business_hours.set_hours_exception, day_of("2026-11-26", "cerrado", "", "")),
        (business_hours.delete_hours_exception, deletion_of("2026-11-26")),
    ):
        with pytest.raises(NotFound):
            do(action, command, agent())


def test_page_shows_week_exceptions_and_holidays(do, db):
    BusinessHoursException.create(day=date(2026, 11, 24), is_open=False)
    do(business_hours.set_hours_exception, day_of("2026-12-24", "abierto", "08:00", "12:00"))
    do(business_hours.set_hours_exception, day_of("2026-12-31", "cerrado", "", ""))
    do(business_hours.set_hours_exception, day_of("2026-11-30", "cerrado", "13:00", "15:00"))
    shown = load_schedule(UnitOfWork(supervisor().actor, NOW))
    assert [(str(one.day), one.sentence.replace("\u00a0", " ")) for one in shown.days] == [
        ("2026-11-30", "Cerrado de 1:00 p. m. a 3:00 p. m."),
        ("2026-12-24", "Abierto solo de 8:00 a. m. a 12:00 p. m."),
        ("2026-12-31", "Cerrado todo el día"),
    ]
    assert (shown.week[0], shown.week[6]) == ([(420, 1140)], [])
    assert "La Inmaculada Concepción" in [name for _, name in shown.holidays]


def test_members_are_told_that_the_hours_have_changed(act, db):
    marta = supervisor()
    day = date(2026, 12, 24)
    for action, command in (
        (business_hours.set_weekly_hours, week_of({2: [("09:00", "10:30")]})),
        (business_hours.set_hours_exception, day_of(str(day), "cerrado", "", "")),
        (business_hours.delete_hours_exception, DeleteCallCentreDay(day, "cerrado 00:00-24:00")),
    ):
        _, outgoing = act(action, command, marta.actor, NOW)
        told = [one.channels for one in outgoing if isinstance(one.event, HoursChanged)]
        assert told == [(channels.MEMBERS_CHANNEL,)]
    _, outgoing = act(business_hours.delete_hours_exception, deletion_of(str(day)), marta.actor, NOW)
    assert outgoing == []


def test_who_has_seen_other_hours_replaces_nothing(do, db):
    seen_before = describe_week(load_weekly_blocks())
    lunch = {0: [("08:00", "12:00"), ("13:00", "18:00")]}
    do(business_hours.set_weekly_hours, SetWeeklyHours(lunch, seen_before))
    later = SetWeeklyHours({0: [("08:00", "12:00"), ("14:00", "18:00")]}, seen_before)
    for action in (business_hours.set_weekly_hours, preview_hours):
        with pytest.raises(OutdatedForm):
            do(action, later)
    # The same week sent twice is saved, and so is one for which only a day has changed meanwhile.
    do(business_hours.set_weekly_hours, SetWeeklyHours(lunch, seen_before))
    week = week_of({0: [("08:00", "12:00")]})
    do(business_hours.set_hours_exception, day_of("2026-12-24", "cerrado", "", ""))
    do(business_hours.set_weekly_hours, week)
    assert BusinessHoursBlock.select().count() == 1


def test_who_has_seen_another_day_replaces_nothing(do, db):
    do(business_hours.set_hours_exception, day_of("2026-12-24", "cerrado", "", ""))
    opened = SetCallCentreDay(SetHoursException("2026-12-24", "abierto", "08:00", "12:00"), "")
    removed = DeleteCallCentreDay(date(2026, 12, 24), "abierto 08:00-12:00")
    for action, command in (
        (business_hours.set_hours_exception, opened),
        (preview_hours, opened),
        (business_hours.delete_hours_exception, removed),
        (preview_hours, removed),
    ):
        with pytest.raises(OutdatedForm):
            do(action, command)
    assert seen_of("2026-12-24") == "cerrado 00:00-24:00"
    # Another day is another matter.
    do(business_hours.set_hours_exception, day_of("2026-12-31", "cerrado", "", ""))
    do(business_hours.delete_hours_exception, deletion_of("2026-12-24"))
    assert seen_of("2026-12-24") == ""
