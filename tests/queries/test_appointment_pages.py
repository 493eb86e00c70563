"""Data of the agents' page of appointments."""

from datetime import timedelta

import pytest

from beneficiate.domain.booking.lifecycle import (
    ATTENDED,
    CANCELLED,
    CONFIRMED,
    PENDING,
    RESCHEDULED,
    TO_BE_CONFIRMED,
)
from beneficiate.errors import NotFound
from beneficiate.models.appointments import WaitingListEntry
from beneficiate.queries import appointment_pages
from beneficiate.queries.appointment_pages import AppointmentListQuery, DaySlotsQuery
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.appointment_pages import APPOINTMENT_TABS
from tests.domain.booking.moments import as_bogota_texts, at
from tests.factories import (
    MEDELLIN_CODE,
    add_plan,
    agent,
    beneficiary,
    member,
    member_with_plan,
    professional,
    specialty,
    township,
)
from tests.queries.appointment_rows import DAY, HOUR, NOW, create_appointment

IN_AN_HOUR, TOMORROW, YESTERDAY = NOW + HOUR, NOW + DAY, NOW - DAY


@pytest.fixture
def uow(db):
    return UnitOfWork(agent().actor, NOW)


def load_list(uow, tab="por-atender", text="", page=1):
    return appointment_pages.load_appointment_list(uow, AppointmentListQuery(tab, text, page))


def load_day(uow, day=None, appointment_id=0, member_id=0):
    day = day and at(f"{day} 12:00").date()
    query = DaySlotsQuery(specialty().id, township().id, day, appointment_id, member_id)
    return appointment_pages.load_day_slots(uow, query)


# ---- The list ------------------------------------------------------------------------------------


def test_each_tab_has_its_appointments(uow):
    ana = member()
    pending = create_appointment(ana, PENDING, expires_at=TOMORROW)
    today = create_appointment(ana, CONFIRMED, IN_AN_HOUR)
    tomorrow = create_appointment(ana, RESCHEDULED, TOMORROW)
    cancelled = create_appointment(ana, CANCELLED, TOMORROW)
    WaitingListEntry.create(
        appointment=tomorrow, specialty=specialty(), township=township(), created_at=NOW, status="WAITING"
    )
    found = {tab: [row.payload.id for row in load_list(uow, tab).rows] for tab in APPOINTMENT_TABS}
    assert found == {
        "por-atender": [pending.id],
        "hoy": [today.id],
        "proximas": [today.id, tomorrow.id],
        "espera": [tomorrow.id],
        "todas": [cancelled.id, tomorrow.id, today.id, pending.id],
    }
    assert load_list(uow).counts == {"por-atender": 1, "hoy": 1, "proximas": 2, "espera": 1}


def test_unknown_tab_is_the_first_one(uow):
    assert load_list(uow, "zzz").tab == "por-atender"


def test_one_member_does_not_hide_the_requests_of_others(uow, monkeypatch):
    monkeypatch.setattr(appointment_pages, "APPOINTMENTS_PER_PAGE", 2)
    ana, beto = member(), member()
    many = [create_appointment(ana, PENDING, expires_at=TOMORROW) for _ in range(4)]
    last = create_appointment(beto, PENDING, expires_at=TOMORROW + HOUR)
    pages = [load_list(uow, page=number) for number in (1, 2, 3, 4)]
    ids = [[row.payload.id for row in page.rows] for page in pages]
    assert ids == [[one.id for one in many[:2]], [one.id for one in many[2:]], [last.id], []]
    assert [(page.page, page.has_more) for page in pages] == [(1, True), (2, True), (3, False), (4, False)]
    found = load_list(uow, text=many[0].ticket_number)
    assert ([row.payload.id for row in found.rows], found.has_more) == ([many[0].id], False)


def test_search_ignores_the_tab(uow):
    ana = member(document_number="52123456")
    cancelled = create_appointment(ana, CANCELLED)
    found = load_list(uow, "hoy", "52.123.456")
    assert ([row.payload.id for row in found.rows], found.text) == ([cancelled.id], "52.123.456")


def test_search_finds_the_document_of_the_patient_and_a_ticket_however_it_is_written(uow):
    ana = member()
    appointment = create_appointment(ana, beneficiary=beneficiary(ana, "Mateo", document_number="1020304050"))
    create_appointment(ana)
    for text in ("1.020.304.050", f" {appointment.ticket_number.lower()} "):
        assert [row.payload.id for row in load_list(uow, text=text).rows] == [appointment.id]


def test_search_finds_the_name_of_the_patient(uow, monkeypatch):
    ana = member("Ana María", last_name="Muñoz")
    mateo = beneficiary(ana, "Mateo", last_name="Peña")
    own, of_mateo = create_appointment(ana), create_appointment(ana, beneficiary=mateo)
    create_appointment(member("Luis", last_name="Pérez"))

    def ids(text):
        return [row.payload.id for row in load_list(uow, text=text).rows]

    for text in ("ana", "MARIA munoz", "muñ ana"):
        assert ids(text) == [own.id]
    assert ids("mateo pena") == [of_mateo.id]
    assert ids("ana peña") == ids("a") == []
    monkeypatch.setattr(appointment_pages, "APPOINTMENTS_PER_PAGE", 1)
    create_appointment(ana)
    assert load_list(uow, text="ana").has_more


def test_appointments_that_expire_today_in_bogota_are_counted(uow):
    ana = member()
    for expires_at in ("2026-11-23 09:00", "2026-11-23 23:59", "2026-11-24 00:00"):
        create_appointment(ana, expires_at=at(expires_at))
    found = load_list(uow)
    assert [row.expires_today for row in found.rows] == [True, True, False]
    assert found.expiring_today == 2


# ---- One appointment -----------------------------------------------------------------------------

POSSIBLE = "can_be_confirmed", "can_be_attended", "can_be_missed", "can_be_cancelled"


@pytest.mark.parametrize(
    ("status", "starts_at", "possible", "slot_status"),
    [
        (PENDING, None, {"can_be_cancelled"}, CONFIRMED),
        (TO_BE_CONFIRMED, TOMORROW, {"can_be_confirmed", "can_be_cancelled"}, RESCHEDULED),
        (CONFIRMED, TOMORROW, {"can_be_cancelled"}, RESCHEDULED),
        (RESCHEDULED, TOMORROW, {"can_be_confirmed", "can_be_cancelled"}, RESCHEDULED),
        (TO_BE_CONFIRMED, YESTERDAY, {"can_be_cancelled"}, ""),
        (CONFIRMED, YESTERDAY, {"can_be_attended", "can_be_missed", "can_be_cancelled"}, ""),
        (CONFIRMED, NOW, {"can_be_attended", "can_be_missed", "can_be_cancelled"}, ""),
        (ATTENDED, YESTERDAY, set(), ""),
        (CANCELLED, TOMORROW, set(), ""),
    ],
)
def test_what_can_be_done_depends_on_status_and_time(uow, status, starts_at, possible, slot_status):
    appointment = create_appointment(member(), status, starts_at)
    detail = appointment_pages.load_appointment_detail(uow, appointment.id)
    assert {name for name in POSSIBLE if getattr(detail, name)} == possible
    assert detail.slot_status == slot_status
    assert detail.is_open == (status not in (ATTENDED, CANCELLED))


@pytest.mark.parametrize(("starts_in", "expected"), [(None, False), (4 * HOUR, False), (4 * HOUR - DAY / 9999, True)])
def test_change_needs_a_reason_less_than_four_hours_before(uow, starts_in, expected):
    appointment = create_appointment(member(), CONFIRMED, starts_in and NOW + starts_in)
    assert appointment_pages.load_appointment_detail(uow, appointment.id).needs_reason is expected


def test_detail_names_patient_member_and_plan(uow):
    ana, beto = member_with_plan(), member("Beto")
    mateo = beneficiary(ana)
    detail = appointment_pages.load_appointment_detail(uow, create_appointment(ana, beneficiary=mateo).id)
    assert (detail.row.name, detail.member) == (f"Mateo {mateo.last_name}", ana.user.name)
    assert (detail.plan_title, detail.plan_ends_at > NOW) == ("Plan Familiar", True)
    detail = appointment_pages.load_appointment_detail(uow, create_appointment(beto).id)
    assert (detail.plan_title, detail.plan_ends_at) == ("", None)


def test_detail_of_an_unknown_appointment_is_not_found(uow):
    with pytest.raises(NotFound):
        appointment_pages.load_appointment_detail(uow, 1)


# ---- Free slots ----------------------------------------------------------------------------------


def test_first_day_with_a_free_slot_is_shown_without_a_day(uow):
    german = professional(hours=((2, 8 * 60, 9 * 60),))
    slots = load_day(uow)
    assert str(slots.day) == "2026-11-25"
    assert as_bogota_texts(slots.starts) == ["2026-11-25 08:00", "2026-11-25 08:30"]
    assert [(one.id, one.place) for one in slots.free] == [(german.id, german.address)]
    assert [(str(option.day), option.slot_count) for option in slots.days[:3]] == [
        ("2026-11-24", 0),
        ("2026-11-25", 2),
        ("2026-11-26", 0),
    ]
    assert (str(slots.before), str(slots.after)) == ("2026-11-16", "2026-12-04")


def test_days_before_today_are_not_offered(uow):
    professional()
    slots = load_day(uow, "2026-11-20")
    assert (slots.before, str(slots.days[0].day), len(slots.days)) == (None, "2026-11-23", 10)


def test_day_after_the_horizon_becomes_its_last_day(uow):
    assert load_day(uow, "2036-01-01").day == at("2026-11-23 12:00").date() + uow.rules.horizon


def test_professionals_by_video_see_patients_of_every_city(uow):
    there = professional(township=township(MEDELLIN_CODE))
    video = professional("Vera", township=township(MEDELLIN_CODE), mode="VIRTUAL")
    professional("Inés", is_active=False)
    professional("Laura", specialties=("Dermatología",))
    assert [(one.id, one.place) for one in load_day(uow).professionals] == [(video.id, "Por video")]
    assert there.id != video.id


def test_professional_who_knows_the_patient_comes_first(uow):
    ana = member()
    mateo = beneficiary(ana)
    professional("Aurora")
    known = professional("Zoila")
    create_appointment(ana, ATTENDED, NOW - 30 * DAY, professional=known)
    own, of_mateo = create_appointment(ana), create_appointment(ana, beneficiary=mateo)

    def first(appointment):
        one = load_day(uow, "2026-11-25", appointment.id).professionals[0]
        return one.name.split()[0], one.is_known

    assert first(own) == ("Zoila", True)
    assert first(of_mateo) == ("Aurora", False)


def test_days_after_the_plan_of_the_member_have_no_slots(uow):
    professional()
    ana, nobody = member(), member("Beto")
    add_plan(ana, ends_at=at("2026-11-26 09:00"))
    for whose in ({"member_id": ana.id}, {"appointment_id": create_appointment(ana).id}):
        slots = load_day(uow, **whose)
        counted = [str(option.day) for option in slots.days if option.slot_count]
        assert counted == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
        assert (str(slots.plan_end_day), slots.is_covered) == ("2026-11-26", True)
        assert not load_day(uow, "2026-11-27", **whose).free
    slots = load_day(uow, member_id=nobody.id)
    assert (slots.free, slots.plan_end_day, slots.is_covered) == ([], None, False)
    slots = load_day(uow)
    assert (slots.plan_end_day, slots.is_covered) == (None, True)
    assert load_day(uow, member_id=member_with_plan().id).plan_end_day is None


def test_professional_without_a_slot_that_day_has_no_column(uow):
    free, busy = professional("Aurora"), professional("Berta", hours=())
    slots = load_day(uow, "2026-11-25")
    assert ([one.id for one in slots.free], slots.busy) == ([free.id], [busy.name])
    assert slots.starts == sorted(set(slots.starts))
    assert slots.starts[-1] - slots.starts[0] == timedelta(hours=3, minutes=30)
