"""`/mi/citas/:id/mover` and `/cancelar` over HTTP: what they change, what they refuse, and that it is one's own."""

import asyncio
import re
from datetime import timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.models.appointments import Appointment, AppointmentChange
from beneficiate.models.payments import Subscription
from tests.factories import add_hours_soon, agent, connect_socket, member, member_with_plan, professional
from tests.http_client import CookieClient, call_api
from tests.jobs.due_steps import create_appointment

UNUSABLE_TIMES = ("", "x", "@", "12@", "0@2026-11-25T13:00Z", "99999999999@2026-11-25T13:00Z", "12@2026-11-25",
                  "12@2026-11-25T13:00", "12@0001-01-01T00:00:00+23:59", "12@9999-12-31T23:59:59-23:59",
                  "12@2020-01-01T13:00Z", "٣@2026-11-25T13:00Z")  # fmt: skip


@pytest.fixture
def german(server, db):
    return add_hours_soon(professional(hours=(), confirms_itself=True))


def times_of(page):
    return re.findall(r'name="horario" value="([^"]+)"', page.text)


def version_of(page):
    return re.search(r'name="version" value="(\d+)"', page.text)[1]


@pytest.mark.gen_test
async def test_appointment_is_moved_from_the_page_and_everybody_concerned_is_told(server, signed_in, german):
    ana, yuliana = member_with_plan(), agent()
    booked = await create_appointment(server, ana, ana, german)
    desk = await connect_socket(server.port, yuliana, "/ws/agent")
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}/mover"
    assert f'href="{path}"' in (await browser.get("/mi")).text
    page = await browser.get(path)
    chosen = times_of(page)[-1]
    moved = await browser.post(path, horario=chosen, version=version_of(page))
    assert (moved.status, moved.headers["Location"]) == (303, "/mi?listo=movida#citas")
    row = Appointment.get_by_id(booked["id"])
    assert (row.status, row.version, row.ticket_number) == (RESCHEDULED, 1, booked["ticket_number"])
    event = await desk.receive("appointment_updated")
    assert event["appointment"]["starts_at"] == f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}"
    page = await browser.get("/mi?listo=movida")
    assert "su cita tiene el nuevo horario" in page.text
    assert AppointmentChange.select().where(
        AppointmentChange.actor == ana.id, AppointmentChange.to_status == RESCHEDULED
    )


@pytest.mark.gen_test
async def test_older_page_moves_and_cancels_nothing(server, signed_in, german):
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, german)
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}"
    page = await browser.get(f"{path}/mover")
    first, second = times_of(page)[:2]
    answers = [await browser.post(f"{path}/mover", horario=first, version=version_of(page))]
    moved_to = Appointment.get_by_id(booked["id"]).starts_at
    answers.append(await browser.post(f"{path}/mover", horario=second, version=version_of(page)))
    answers.append(await browser.post(f"{path}/cancelar", version=version_of(page)))
    assert [answer.status for answer in answers] == [303, 200, 200]
    assert all('data-code="illegal_transition"' in answer.text for answer in answers[1:])
    row = Appointment.get_by_id(booked["id"])
    assert (row.starts_at, row.status, row.version) == (moved_to, RESCHEDULED, 1)


@pytest.mark.gen_test
async def test_one_of_two_gets_the_time_and_the_other_keeps_theirs(server, signed_in, german):
    people = [member_with_plan(), member_with_plan("Luis")]
    booked = [await create_appointment(server, who, who, german) for who in people]
    browsers = [await signed_in(who) for who in people]
    paths = [f"/mi/citas/{one['id']}/mover" for one in booked]
    pages = [await browser.get(path) for browser, path in zip(browsers, paths, strict=True)]
    wanted = times_of(pages[0])[-1]
    assert wanted in times_of(pages[1])
    answers = await asyncio.gather(
        *(one.post(path, horario=wanted, version="0") for one, path in zip(browsers, paths, strict=True))
    )
    assert sorted(answer.status for answer in answers) == [200, 303]
    (refused,) = (answer for answer in answers if answer.status == 200)
    assert 'data-code="slot_taken"' in refused.text
    assert wanted not in times_of(refused)
    rows = [Appointment.get_by_id(one["id"]) for one in booked]
    assert sorted(row.version for row in rows) == [0, 1]
    assert {row.status for row in rows} == {CONFIRMED, RESCHEDULED}


@pytest.mark.gen_test
async def test_unusable_fields_get_a_clear_answer(server, signed_in, german):
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, german)
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}/mover"
    good = times_of(await browser.get(path))[0]
    for horario in UNUSABLE_TIMES:
        answer = await browser.post(path, horario=horario, version="0")
        assert answer.status == 200, horario
        assert re.search(r'data-code="(invalid|not_found|slot_taken)"', answer.text), horario
    for version in ("", "x", "-1", "9" * 30, "٣"):
        answer = await browser.post(path, horario=good, version=version)
        assert (answer.status, 'data-code="invalid"' in answer.text) == (200, True), version
    too_long = await browser.post(f"/mi/citas/{booked['id']}/cancelar", version="0", motivo="a" * 501)
    assert 'data-code="invalid"' in too_long.text
    assert (await browser.get(f"{path}?dia=x")).status == 422
    assert (await browser.get(f"{path}?dia=9999-12-31")).status == 200
    assert Appointment.get_by_id(booked["id"]).version == 0


@pytest.mark.gen_test
async def test_appointments_of_others_do_not_exist_not_even_for_the_staff(server, signed_in, german):
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, german)
    time = times_of(await (await signed_in(ana)).get(f"/mi/citas/{booked['id']}/mover"))[0]
    for other in (member("Beto"), agent()):
        browser = await signed_in(other)
        for page in ("mover", "cancelar"):
            path = f"/mi/citas/{booked['id']}/{page}"
            assert (await browser.get(path)).status == 404
            assert (await browser.post(path, horario=time, version="0")).status == 404
            assert (await browser.post(path, _xsrf="", version="0")).status == 403
    assert Appointment.get_by_id(booked["id"]).version == 0
    nobody = await CookieClient(server.port).get(f"/mi/citas/{booked['id']}/mover")
    assert (nobody.status, nobody.headers["Location"].partition("?")[0]) == (302, "/login")


@pytest.mark.gen_test
async def test_who_moves_to_a_professional_who_confirms_by_hand_is_told_before_and_after(server, signed_in, german):
    alba = add_hours_soon(professional("Alba", hours=()))
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, german)
    assert booked["status"] == CONFIRMED
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}/mover"
    page = await browser.get(path)
    warned = [alba.name in one for one in page.text.split("<fieldset")[1:] if 'data-part="by-hand"' in one]
    assert warned == [True]
    chosen = next(one for one in times_of(page) if one.startswith(f"{alba.id}@"))
    moved = await browser.post(path, horario=chosen, version=version_of(page))
    assert moved.headers["Location"] == "/mi?listo=por-confirmar#citas"
    assert Appointment.get_by_id(booked["id"]).status == TO_BE_CONFIRMED
    assert "está por confirmar" in (await browser.get("/mi?listo=por-confirmar")).text


@pytest.mark.gen_test
async def test_unconfirmed_appointment_is_confirmed_anew(server, signed_in, db):
    alba = add_hours_soon(professional("Alba", hours=()))
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, alba)
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}/mover"
    page = await browser.get(path)
    await browser.post(path, horario=times_of(page)[0], version=version_of(page))
    assert Appointment.get_by_id(booked["id"]).status == TO_BE_CONFIRMED


@pytest.mark.gen_test
async def test_time_after_the_plan_is_refused_with_its_last_day(server, signed_in, german):
    ana = member_with_plan()
    booked = await create_appointment(server, ana, ana, german)
    browser, path = await signed_in(ana), f"/mi/citas/{booked['id']}/mover"
    last = times_of(await browser.get(path))[-1]
    Subscription.update(ends_at=Appointment.get().starts_at - timedelta(days=2)).execute()
    answer = await browser.post(path, horario=last, version="0")
    assert 'data-code="plan_required"' in answer.text
    assert re.search(r"Su plan termina el \d+ de \w+ de 20\d\d\. Renuévelo en /planes", answer.text)
    assert 'id="move-none"' in answer.text


@pytest.mark.gen_test
async def test_appointment_is_cancelled_and_why_the_staff_did_is_shown(server, signed_in, german):
    ana, yuliana = member_with_plan(), agent()
    booked = [await create_appointment(server, ana, yuliana, german) for _ in range(2)]
    browser = await signed_in(ana)
    path = f"/mi/citas/{booked[0]['id']}/cancelar"
    page = await browser.get(path)
    done = await browser.post(path, version=version_of(page), motivo="Viajo <lejos>")
    assert (done.status, done.headers["Location"]) == (303, "/mi?listo=cancelada#citas")
    assert Appointment.get_by_id(booked[0]["id"]).status == CANCELLED
    assert 'id="cancel-closed"' in (await browser.get(path)).text
    reason = {"reason": "El médico <i>viaja</i>"}
    await call_api(server.port, f"medical-appointment/cancel/{booked[1]['id']}", yuliana, reason, method="PUT")
    page = (await browser.get("/mi?listo=cancelada")).text
    assert "la cita quedó cancelada" in page
    assert "Motivo de la cancelación: «El médico &lt;i&gt;viaja&lt;/i&gt;»" in page
    assert "lejos" not in page
    assert "viaja" not in (await (await signed_in(member("Beto"))).get("/mi")).text
