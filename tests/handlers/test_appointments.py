"""Appointments, slots, specialties, townships and patients over HTTP."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from beneficiate.models.appointments import Appointment
from beneficiate.models.professionals import MANUAL_SCHEDULE, Professional
from beneficiate.queries.consents import CONSENT_TEXT_VERSION, PHONE_TEXT_VERSION
from tests.conftest import stop_refilling
from tests.factories import (
    MEDELLIN_CODE,
    add_hours_soon,
    agent,
    beneficiary,
    member,
    member_with_plan,
    professional,
    specialty,
    supervisor,
    township,
)
from tests.http_client import API_PREFIX, call_api, fetch

MISSING = 2_000_000_000
API = "medical-appointment"


@pytest.fixture
def german(server):
    return add_hours_soon(professional(hours=()))


def asked(**more):
    """Return the body of a request; fields that are None are left out."""
    given = {
        "specialty_id": specialty().id,
        "city_id": township().id,
        "first_time": True,
        "notes": "Dolor",
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


async def create(server, who, **more):
    version = PHONE_TEXT_VERSION if who is not None and who.actor.agent_id else CONSENT_TEXT_VERSION
    return await call_api(server.port, f"{API}/create-pending", who, asked(consent_version=version, **more))


async def put(server, path, who, sent):
    return await call_api(server.port, f"{API}/{path}", who, sent, method="PUT")


async def times(server, who, whom):
    answer = await call_api(server.port, f"medical-professionals/{whom.id}/slots", who)
    assert answer.status == 200
    return [slot["starts_at"] for slot in answer.data]


def refusal(answer):
    """Return status and code of a refusal; check that its body has exactly the fields of an error."""
    assert set(answer.json) == {"error", "code", "statusCode", "timestamp"}
    assert answer.json["statusCode"] == answer.status
    assert "Traceback" not in answer.text
    return answer.status, answer.code


# ---- Requesting --------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_appointment_is_requested_and_read_back(server):
    ana = member_with_plan()
    answer = await create(server, ana)
    assert (answer.status, answer.json["statusCode"]) == (201, 201)
    assert "registrada exitosamente" in answer.json["message"]
    appointment = answer.data
    assert (appointment["status"], appointment["user_id"], appointment["notes"], appointment["version"]) == (
        "PENDING",
        ana.id,
        "Dolor",
        0,
    )
    assert appointment["created_at"].endswith("Z")
    for who in (ana, agent(), supervisor()):
        assert (await call_api(server.port, f"{API}/{appointment['id']}", who)).data == appointment
        assert (await call_api(server.port, f"{API}/user/{ana.id}", who)).data == [appointment]


@pytest.mark.gen_test
async def test_start_with_an_offset_is_returned_in_utc(server, german):
    ana = member_with_plan()
    start = (await times(server, ana, german))[3]
    local = datetime.fromisoformat(start) - timedelta(hours=5)
    answer = await create(server, ana, professional_id=german.id, starts_at=f"{local:%Y-%m-%dT%H:%M:%S}-05:00")
    assert (answer.status, answer.data["starts_at"], answer.data["duration_minutes"]) == (201, start, 30)
    assert start not in await times(server, member_with_plan(), german)
    assert refusal(await create(server, member_with_plan(), professional_id=german.id, starts_at=start)) == (
        409,
        "slot_taken",
    )


@pytest.mark.gen_test
async def test_agent_requests_for_a_member_and_a_beneficiary(server, german):
    ana, yuliana = member_with_plan(), agent()
    mateo = beneficiary(ana)
    start = (await times(server, yuliana, german))[0]
    answer = await create(
        server, yuliana, user_id=ana.id, beneficiary_id=mateo.id, professional_id=german.id, starts_at=start
    )
    assert (answer.data["status"], answer.data["beneficiary_id"]) == ("CONFIRMED", mateo.id)
    assert answer.data["patient"] == {"first_name": "Mateo", "last_name": mateo.last_name}
    assert refusal(await create(server, yuliana)) == (402, "plan_required")


@pytest.mark.gen_test
async def test_request_key_is_idempotent_for_each_member(server):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    first = await create(server, ana, request_key="k1")
    again = await create(server, ana, request_key="k1", notes="Otra cosa")
    assert (again.status, again.data) == (201, first.data)
    assert (await create(server, beto, request_key="k1")).data["user_id"] == beto.id
    assert Appointment.select().count() == 2


@pytest.mark.gen_test
async def test_request_is_refused_with_the_reason(server):
    ana, beto, nina = member_with_plan(), member_with_plan("Beto"), member("Nina")
    his = beneficiary(beto)
    gone = beneficiary(ana, removed_at=datetime.now(UTC))
    assert refusal(await create(server, None)) == (401, "unauthorized")
    assert refusal(await create(server, nina)) == (402, "plan_required")
    for more in ({"user_id": beto.id}, {"beneficiary_id": his.id}, {"beneficiary_id": gone.id},
                 {"beneficiary_id": MISSING}, {"specialty_id": MISSING}, {"city_id": MISSING},
                 {"professional_id": MISSING}):  # fmt: skip
        assert refusal(await create(server, ana, **more)) == (404, "not_found")
    assert not Appointment.select().exists()


BAD_BODIES = [
    ("", 400), ("{", 400), ("[]", 422), ("null", 422), ('"x"', 422), ("\ufeff{}", 400), ("{}", 422),
    ('{"specialty_id":' + "[" * 5000 + "]" * 5000 + "}", 422),
]  # fmt: skip
BAD_FIELDS = {
    "specialty_id": ["3", 0, -1, 2**31, 1.5, True, []],
    "city_id": ["11001", 0],
    "first_time": ["true", 1, 0],
    "notes": ["ab", "a" * 1001, "a" * 5000, "a" * 5001, 7, "a\u0000bcd"],
    "beneficiary_id": [0, "4"],
    "user_id": [0, "31"],
    "starts_at": ["mañana", "2026-11-25", "2026-11-25T08:00:00", 1764061200, "2026-13-01T08:00:00Z"],
    "request_key": ["k" * 65, 7],
    "consent_version": ["1" * 17, 1],
}


@pytest.mark.gen_test
async def test_invalid_bodies_are_refused_and_nothing_is_stored(server):
    ana = member_with_plan()
    for text, status in BAD_BODIES:
        answer = await call_api(server.port, f"{API}/create-pending", ana, text, method="POST")
        assert refusal(answer) == (status, "bad_frame" if status == 400 else "invalid"), text[:40]
    for field, values in BAD_FIELDS.items():
        for value in values:
            body = json.dumps({**asked(), field: value})
            answer = await call_api(server.port, f"{API}/create-pending", ana, body)
            assert refusal(answer) == (422, "invalid"), (field, value)
    for field in ("specialty_id", "city_id", "first_time", "notes"):
        assert refusal(await create(server, ana, **{field: None})) == (422, "invalid")
    large = await call_api(server.port, f"{API}/create-pending", ana, asked(notes="a" * 70_000))
    assert refusal(large) == (413, "too_large")
    assert not Appointment.select().exists()


@pytest.mark.gen_test
async def test_impossible_times_are_refused(server, german):
    ana = member_with_plan()
    now = datetime.now(UTC)
    good = (await times(server, ana, german))[0]
    past = [now - timedelta(days=1), now - timedelta(seconds=1)]
    for text in (*(moment.isoformat() for moment in past), "0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z"):
        assert refusal(await create(server, ana, professional_id=german.id, starts_at=text)) == (422, "invalid")
    start = datetime.fromisoformat(good)
    outside = [start - timedelta(hours=2), start + timedelta(minutes=5), start + timedelta(seconds=1),
               start + timedelta(microseconds=1), now + timedelta(days=365)]  # fmt: skip
    for text in (*(moment.isoformat() for moment in outside), "9999-12-31T23:59:59-14:00"):
        assert refusal(await create(server, ana, professional_id=german.id, starts_at=text)) == (409, "slot_taken")
    assert refusal(await create(server, ana, starts_at=good)) == (422, "invalid")


@pytest.mark.gen_test
async def test_professional_without_the_specialty_or_schedule_is_not_found(server):
    ana = member_with_plan()
    dermatologist = add_hours_soon(professional(hours=(), specialties=("Dermatología",)))
    manual = add_hours_soon(professional(hours=(), schedule_type=MANUAL_SCHEDULE))
    start = (await times(server, agent(), manual))[0]
    for whom in (dermatologist, manual):
        answer = await create(server, ana, professional_id=whom.id, starts_at=start)
        assert refusal(answer) == (404, "not_found")


# ---- Reading and changing -------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_appointment_of_another_member_is_not_found(server):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    appointment = (await create(server, ana)).data
    seen = set()
    for id_ in (appointment["id"], MISSING):
        for method, path, sent in (
            ("GET", "{}", None), ("GET", "{}/calendar", None), ("PUT", "cancel/{}", {}), ("POST", "{}/wait", ""),
            ("PUT", "status/{}", {"status": "CANCELLED"}), ("POST", "{}/offer", {"accepts": True}),
        ):  # fmt: skip
            answer = await call_api(server.port, f"{API}/{path.format(id_)}", beto, sent, method=method)
            assert refusal(answer) == (404, "not_found")
            seen.add(answer.json["error"])
    assert len(seen) == 1
    assert refusal(await call_api(server.port, f"{API}/user/{ana.id}", beto)) == (404, "not_found")
    assert (await call_api(server.port, f"{API}/{appointment['id']}", ana)).data == appointment


@pytest.mark.gen_test
async def test_ids_that_no_row_can_have_are_not_found(server):
    ana = member_with_plan()
    for id_ in ("0", "00", "2147483648", "99999999999999999999", "-1", "1.5", "x"):
        for path in (f"{API}/{id_}", f"{API}/user/{id_}", f"medical-professionals/{id_}/slots", f"townships/{id_}"):
            assert refusal(await call_api(server.port, path, ana)) == (404, "not_found"), path


@pytest.mark.gen_test
async def test_token_is_required(server):
    appointment = (await create(server, member_with_plan())).data
    one = f"{API}/{appointment['id']}"
    for path in (one, f"{one}/calendar", f"{API}/user/1", "patients?document=1", "medical-professionals/1/slots",
                 "medical-specialties/all", "townships/departments"):  # fmt: skip
        assert refusal(await call_api(server.port, path)) == (401, "unauthorized")
    for path in ("cancel", "status"):
        assert refusal(await put(server, f"{path}/{appointment['id']}", None, {"status": "CANCELLED"})) == (
            401,
            "unauthorized",
        )


@pytest.mark.gen_test
async def test_appointment_is_cancelled_once_with_or_without_a_body(server):
    ana = member_with_plan()
    for sent in (None, {}, {"reason": "No puedo"}):
        appointment = (await create(server, ana)).data
        answer = await call_api(server.port, f"{API}/cancel/{appointment['id']}", ana, sent, method="PUT")
        assert (answer.status, answer.data["status"], answer.data["version"]) == (200, "CANCELLED", 1)
        again = await put(server, f"cancel/{appointment['id']}", ana, {})
        assert refusal(again) == (409, "illegal_transition")
    assert refusal(await put(server, f"cancel/{appointment['id']}", ana, {"reason": "a" * 501})) == (422, "invalid")


@pytest.mark.gen_test
async def test_staff_change_the_status_and_the_history_names_them(server, german):
    ana, yuliana = member_with_plan(), agent()
    appointment = (await create(server, ana)).data
    start = (await times(server, yuliana, german))[0]
    status, sent = f"status/{appointment['id']}", {"professional_id": german.id, "starts_at": start}
    assert refusal(await put(server, status, ana, {"status": "CONFIRMED", **sent})) == (409, "illegal_transition")
    assert refusal(await put(server, status, yuliana, {"status": "CONFIRMED"})) == (422, "invalid")
    answer = await put(server, status, yuliana, {"status": "CONFIRMED", "reason": "Por teléfono", **sent})
    assert (answer.status, answer.data["starts_at"], answer.data["professional_name"]) == (200, start, german.name)
    assert refusal(await put(server, status, yuliana, {"status": "ATTENDED"})) == (409, "illegal_transition")
    history = (await call_api(server.port, f"{API}/{appointment['id']}/history", yuliana)).data
    assert [(row["from_status"], row["to_status"], row["actor_role"], row["reason"]) for row in history] == [
        ("", "PENDING", "member", ""), ("PENDING", "CONFIRMED", "agent", "Por teléfono")]  # fmt: skip
    assert refusal(await call_api(server.port, f"{API}/{appointment['id']}/history", ana)) == (403, "forbidden")


@pytest.mark.gen_test
async def test_invalid_changes_are_refused(server):
    ana, yuliana = member_with_plan(), agent()
    appointment = (await create(server, ana)).data
    for sent, expected in (
        ({}, (422, "invalid")), ({"status": 7}, (422, "invalid")), ({"status": "X" * 17}, (422, "invalid")),
        ({"status": "DELETED"}, (409, "illegal_transition")), ({"status": ""}, (409, "illegal_transition")),
        ({"status": "CONFIRMED", "starts_at": "hoy"}, (422, "invalid")), ("{", (400, "bad_frame")),
        ({"status": "RESCHEDULED"}, (409, "illegal_transition")),
        ({"status": "CANCELLED", "version": 1}, (409, "illegal_transition")),
        ({"status": "CANCELLED", "version": -1}, (422, "invalid")),
        ({"status": "CANCELLED", "version": "0"}, (422, "invalid")),
    ):  # fmt: skip
        assert refusal(await put(server, f"status/{appointment['id']}", yuliana, sent)) == expected, sent
    assert (await call_api(server.port, f"{API}/{appointment['id']}", ana)).data == appointment


@pytest.mark.gen_test
async def test_earlier_time_is_waited_for_and_accepted(server, german):
    ana, yuliana, beto = member_with_plan(), agent(), member_with_plan("Beto")
    first, second = (await times(server, yuliana, german))[:2]
    early = (await create(server, yuliana, user_id=beto.id, professional_id=german.id, starts_at=first)).data
    late = (await create(server, yuliana, user_id=ana.id, professional_id=german.id, starts_at=second)).data
    assert refusal(await call_api(server.port, f"{API}/{late['id']}/offer", ana, {"accepts": True})) == (
        404,
        "not_found",
    )
    assert (await call_api(server.port, f"{API}/{late['id']}/wait", ana, "", method="POST")).status == 200
    await put(server, f"cancel/{early['id']}", beto, {})
    for bad in ({}, {"accepts": "yes"}, {"accepts": 1}):
        answer = await call_api(server.port, f"{API}/{late['id']}/offer", ana, bad)
        assert refusal(answer) == (422, "invalid")
    answer = await call_api(server.port, f"{API}/{late['id']}/offer", ana, {"accepts": True})
    assert (answer.status, answer.data["status"], answer.data["starts_at"]) == (200, "TO_BE_CONFIRMED", first)


# ---- Slots and lists -----------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_slots_are_listed_between_two_days(server, german):
    ana = member_with_plan()
    path = f"medical-professionals/{german.id}/slots"
    whole = (await call_api(server.port, path, ana)).data
    assert all(set(slot) == {"starts_at", "duration_minutes"} for slot in whole)
    assert len(whole) == 60
    day = date.fromisoformat(whole[0]["starts_at"][:10])
    one = (await call_api(server.port, f"{path}?from={day}&to={day}", ana)).data
    assert one == whole[:20]
    for span in ("from=2000-01-01&to=2000-01-31", "from=2100-01-01", f"from={day}&to={day - timedelta(days=1)}",
                 "from=9999-12-31", "from=9999-12-01&to=9999-12-31", "to=0001-01-01"):  # fmt: skip
        answer = await call_api(server.port, f"{path}?{span}", ana)
        assert (answer.status, answer.data) == (200, []), span
    for bad in ("from=hoy", "to=2026-02-30", "from=2026-11-25T08:00", "to=99999-01-01"):
        assert refusal(await call_api(server.port, f"{path}?{bad}", ana)) == (422, "invalid"), bad


@pytest.mark.gen_test
async def test_slots_of_a_manual_schedule_are_for_staff(server, german):
    Professional.update(schedule_type=MANUAL_SCHEDULE).execute()
    path = f"medical-professionals/{german.id}/slots"
    assert refusal(await call_api(server.port, path, member_with_plan())) == (404, "not_found")
    assert (await call_api(server.port, path, agent())).status == 200


@pytest.mark.gen_test
async def test_specialties_departments_and_townships_are_listed_and_searched(server):
    ana = member()
    specialties = (await call_api(server.port, "medical-specialties/all", ana)).data
    assert {"id": specialty().id, "name": "Cardiología"} in specialties
    assert len(specialties) >= 25
    departments = (await call_api(server.port, "townships/departments", ana)).data
    antioquia = next(one for one in departments if one["code"] == "05")
    assert (len(departments), set(antioquia)) == (33, {"id", "code", "name"})
    there = (await call_api(server.port, f"townships/{antioquia['id']}", ana)).data
    medellin = next(one for one in there if one["code"] == MEDELLIN_CODE)
    assert medellin == {
        "id": township(MEDELLIN_CODE).id, "code": "05001", "name": medellin["name"], "department_id": antioquia["id"]
    }  # fmt: skip
    assert refusal(await call_api(server.port, f"townships/{MISSING}", ana)) == (404, "not_found")
    for path, text, first in (
        ("townships", "medelin", "Medellín"), ("townships", "cali", "Santiago de Cali"),
        ("medical-specialties", "cardiolgia", "Cardiología"),
    ):  # fmt: skip
        found = (await call_api(server.port, f"{path}/search?q={text}", ana)).data
        assert found[0]["label"] == first
        assert len(found) <= 10
        for nothing in ("", "q=", "q=%20", "q=zzzzzzzz", "q=" + "x" * 3000):
            assert (await call_api(server.port, f"{path}/search?{nothing}", ana)).data == []


@pytest.mark.gen_test
async def test_patients_are_found_by_staff_only(server):
    ana = member_with_plan()
    mateo, removed = beneficiary(ana), beneficiary(ana, removed_at=datetime.now(UTC))
    number = ana.user.document_number
    for who in (agent(), supervisor()):
        for text in (number, f"CC%20{number}", f"{number[:2]}.{number[2:5]}.{number[5:]}"):
            (found,) = (await call_api(server.port, f"patients?document={text}", who)).data
            assert (found["user_id"], found["patient"], found["beneficiary_id"]) == (ana.id, f"u:{ana.id}", None)
            assert found["plan"]["code"] == "de-prueba"
        (found,) = (await call_api(server.port, f"patients?document={mateo.document_number}", who)).data
        assert (found["patient"], found["member"]) == (f"b:{mateo.id}", ana.user.name)
        for text in (removed.document_number, "999", "", "%00", "'%20OR%201=1", "%25"):
            assert (await call_api(server.port, f"patients?document={text}", who)).data == []
    assert refusal(await call_api(server.port, f"patients?document={number}", ana)) == (403, "forbidden")


# ---- The calendar file ---------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_calendar_file_keeps_its_uid_and_is_cancelled(server, german):
    server.context.settings = replace(server.context.settings, mail_from="agenda@otra.co")
    ana, yuliana = member_with_plan(), agent()
    first, second = (await times(server, yuliana, german))[:2]
    appointment = (
        await create(server, yuliana, user_id=ana.id, professional_id=german.id, starts_at=first, notes="Ansiedad")
    ).data
    path = f"{API_PREFIX}{API}/{appointment['id']}/calendar"

    async def download():
        answer = await fetch(server.port, path, Authorization=f"Bearer {ana.token}")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert 'filename="cita.ics"' in answer.headers["Content-Disposition"]
        assert "Ansiedad" not in answer.text
        assert ana.user.email not in answer.text
        calendar = Calendar.from_ical(answer.text)
        (event,) = calendar.walk("VEVENT")
        return calendar, event

    calendar, event = await download()
    assert (str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])) == ("PUBLISH", "CONFIRMED", 0)
    assert event.decoded("DTSTART") == datetime.fromisoformat(first)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=30)
    assert str(event["SUMMARY"]) == "Cita de Cardiología"
    assert german.address in str(event["LOCATION"])
    assert str(event["ORGANIZER"]) == "mailto:agenda@otra.co"
    uid = str(event["UID"])

    await put(server, f"status/{appointment['id']}", ana, {"status": "RESCHEDULED", "starts_at": second})
    calendar, event = await download()
    assert (str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"])) == ("PUBLISH", uid, 1)
    assert event.decoded("DTSTART") == datetime.fromisoformat(second)

    await put(server, f"cancel/{appointment['id']}", ana, {})
    calendar, event = await download()
    assert (str(calendar["METHOD"]), str(event["STATUS"])) == ("CANCEL", "CANCELLED")
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (uid, 2)


@pytest.mark.gen_test
async def test_there_is_no_calendar_file_without_a_confirmed_time(server, german):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    start = (await times(server, ana, german))[0]
    for who, timed in ((beto, {}), (ana, {"professional_id": german.id, "starts_at": start})):
        appointment = (await create(server, who, **timed)).data
        assert refusal(await call_api(server.port, f"{API}/{appointment['id']}/calendar", who)) == (404, "not_found")


@pytest.mark.gen_test
async def test_member_who_has_enough_is_told_so_and_until_when(start, german):
    server = stop_refilling(await start(open_per_specialty=1, bookings_per_hour=2, slot_reads_per_minute=2))
    ana = member_with_plan()
    mine = (await create(server, ana)).data
    answer = await create(server, ana)
    assert refusal(answer) == (409, "limit_reached")
    assert answer.json["error"].endswith("Podrá pedir otra cuando pase o la cancele.")
    assert (await put(server, f"cancel/{mine['id']}", ana, {})).status == 200
    assert (await create(server, ana)).status == 201
    for _ in range(2):
        await times(server, ana, german)
    too_many = await call_api(server.port, f"medical-professionals/{german.id}/slots", ana)
    assert refusal(too_many) == (429, "rate_limited")
    assert int(too_many.headers["Retry-After"]) > 0


@pytest.mark.gen_test
async def test_bookings_of_an_hour_are_counted_over_cancelled_ones(start):
    server = await start(bookings_per_hour=2)
    ana = member_with_plan()
    for _ in range(2):
        mine = (await create(server, ana)).data
        assert (await put(server, f"cancel/{mine['id']}", ana, {})).status == 200
    answer = await create(server, ana)
    assert refusal(answer) == (429, "rate_limited")
    assert answer.json["error"].startswith("Ha pedido muchas citas seguidas. Intente de nuevo en ")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
