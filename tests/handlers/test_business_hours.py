"""The supervisors' page of opening hours: its forms, what they say when something is wrong, who may see it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import User
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.models.chats import Chat
from beneficiate.models.quotas import QuotaUse
from beneficiate.models.service_levels import ServiceLevel
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

PAGE = "/supervisor/horario"


async def two_supervisors(server):
    browsers = []
    for name in ("Gloria", "Marta"):
        browsers.append(CookieClient(server.port))
        await browsers[-1].sign_in(supervisor(name), PASSWORD)
    return browsers


def fields_of(page, form_id):
    """The fields of a form without its token, which belongs to one of the two."""
    return {name: text for name, text in read_form(page.text, form_id).items() if name != "_xsrf"}


@pytest.mark.gen_test
async def test_a_supervisor_writes_the_week_and_a_day(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    shown = await browser.get(PAGE)
    assert 'id="dia-0-0-desde" name="dia-0-0-desde" type="time" value="07:00"' in shown.text
    seen = {name: text for name, text in read_form(shown.text, "week-form").items() if name.startswith("antes-")}
    typed = {"dia-2-0-desde": "09:00", "dia-2-0-hasta": "00:00", "dia-9-0-desde": "1"}
    done = await browser.post(f"{PAGE}/semana", **seen, **typed)
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=semana")
    assert [(row.weekday, row.starts, row.ends) for row in BusinessHoursBlock.select()] == [(2, 540, 1440)]
    assert "guardamos la semana" in (await browser.get(f"{PAGE}?listo=semana")).text
    last_day = f"{datetime.now(UTC).year + 1}-12-31"
    day = {"fecha": last_day, "que": "cerrado", "desde": "", "hasta": ""}
    assert (await browser.post(f"{PAGE}/dias", **day)).headers["Location"] == f"{PAGE}?listo=dia"
    assert "Cerrado todo el día" in (await browser.get(PAGE)).text
    removed = await browser.post(f"{PAGE}/dias/{last_day}/quitar", antes="cerrado 00:00-24:00")
    assert removed.headers["Location"] == f"{PAGE}?listo=quitado"
    assert not BusinessHoursException.select().exists()
    assert (await browser.post(f"{PAGE}/dias/2026-13-31/quitar")).status == 422
    assert (await browser.get(f"{PAGE}/dias/{last_day}/quitar")).status == 405


@pytest.mark.gen_test
async def test_what_is_wrong_is_said_beside_what_was_typed(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    said = await browser.post(f"{PAGE}/semana", **{"dia-2-0-desde": "09:00", "dia-2-0-hasta": "08:00"})
    assert said.status == 200
    assert 'id="dia-2-error"' in said.text
    assert "Debe cerrar después de abrir." in said.text
    assert 'name="dia-2-0-hasta" type="time" value="08:00" aria-invalid="true"' in said.text
    assert 'name="dia-2-1-hasta" type="time" value="" aria-invalid="true"' in said.text
    said = await browser.post(f"{PAGE}/dias", fecha="nunca", que="abierto")
    assert 'id="fecha-error"' in said.text
    assert re.search(r'value="abierto"\s+checked', said.text)


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server):
    browser = CookieClient(server.port)
    await browser.sign_in(agent(), PASSWORD)
    assert (await browser.get(PAGE)).status == 403
    assert (await browser.post(f"{PAGE}/semana")).status == 403


@pytest.mark.gen_test
async def test_what_moves_deadlines_is_shown_before_it_is_saved(server):
    now = datetime.now(UTC)
    level = ServiceLevel.create(version=1, resolution_s=200 * 3600, saved_at=now)
    due = now + timedelta(days=30)
    clocks = {"awaiting_since": now, "resolution_due_at": due, "alarm_at": due}
    chat = support_chat(member("Gloria"), None, service_level=level, **clocks)
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    day = {"fecha": str(bogota_date(now) + timedelta(days=3)), "que": "abierto", "desde": "00:00", "hasta": "00:00"}
    asked = await browser.post(f"{PAGE}/dias", **day)
    assert asked.status == 200
    assert 'id="confirm-form"' in asked.text
    assert f'href="/agente?chat={chat.id}"' in asked.text
    assert not BusinessHoursException.select().exists()
    done = await browser.post(f"{PAGE}/dias", **read_form(asked.text, "confirm-form"))
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=dia")
    assert BusinessHoursException.select().exists()
    assert Chat.get_by_id(chat.id).resolution_due_at != due
    # The same day once more moves nothing, and needs no confirmation.
    assert (await browser.post(f"{PAGE}/dias", **day)).status == 303
    removed = await browser.post(f"{PAGE}/dias/{day['fecha']}/quitar", antes="abierto 00:00-24:00")
    assert 'id="confirm-form"' in removed.text
    wrong = await browser.post(f"{PAGE}/dias", **{**day, "que": "nada"})
    assert 'id="que-error"' in wrong.text


@pytest.mark.gen_test
async def test_second_supervisor_sees_which_week_the_first_has_saved(server):
    first, second = await two_supervisors(server)
    form = fields_of(await second.get(PAGE), "week-form")
    lunch = {"dia-0-0-hasta": "12:00", "dia-0-1-desde": "13:00", "dia-0-1-hasta": "18:00"}
    assert (await first.post(f"{PAGE}/semana", **{**form, **lunch})).status == 303
    typed = {**form, "dia-0-0-hasta": "12:00", "dia-0-1-desde": "14:00", "dia-0-1-hasta": "18:00", "dia-1-0-desde": ""}
    wrong = await second.post(f"{PAGE}/semana", **typed)
    assert 'id="dia-1-error"' in wrong.text
    # What the form has shown first is kept through the error.
    typed = {**read_form(wrong.text, "week-form"), "dia-1-0-desde": "09:00"}
    asked = await second.post(f"{PAGE}/semana", **typed)
    assert "Gloria" in asked.text
    assert "07:00-12:00, 13:00-18:00" in asked.text
    chosen = read_form(asked.text, "clash-form")
    assert (chosen["dia-0"], chosen["dia-1"]) == ("07:00-12:00, 14:00-18:00", "09:00-19:00")
    done = await second.post(f"{PAGE}/semana", **{**chosen, "dia-0": "07:00-12:00, 13:00-18:00"})
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=semana")
    blocks = [(row.starts, row.ends) for row in BusinessHoursBlock.select().where(BusinessHoursBlock.weekday < 2)]
    assert sorted(blocks) == [(420, 720), (540, 1140), (780, 1080)]


@pytest.mark.gen_test
async def test_second_supervisor_sees_which_day_the_first_has_saved(server):
    first, second = await two_supervisors(server)
    day = str(bogota_date(datetime.now(UTC)) + timedelta(days=40))
    form = fields_of(await second.get(PAGE), "day-form")
    assert (await first.post(f"{PAGE}/dias", **{**form, "fecha": day, "que": "cerrado"})).status == 303
    hours = {"que": "abierto", "desde": "08:00", "hasta": "12:00"}
    asked = await second.post(f"{PAGE}/dias", **{**form, "fecha": day, **hours})
    for text in ("Gloria", "Cerrado todo el día", "Abierto solo de 8:00\u00a0a.\u00a0m."):
        assert text in asked.text
    assert [row.is_open for row in BusinessHoursException.select()] == [False]
    done = await second.post(f"{PAGE}/dias", **read_form(asked.text, "day-clash-form"))
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=dia")
    assert any(row.is_open for row in BusinessHoursException.select())
    asked = await first.post(f"{PAGE}/dias/{day}/quitar", antes="cerrado 00:00-24:00")
    assert "Como los demás de la semana" in asked.text
    again = f"{PAGE}/dias/{day}/quitar"
    assert (await first.post(again, **read_form(asked.text, "day-clash-form"))).status == 303
    assert not BusinessHoursException.select().exists()


@pytest.mark.gen_test
async def test_third_change_meanwhile_asks_again_and_keeps_what_was_chosen(server):
    first, second = await two_supervisors(server)
    form = fields_of(await second.get(PAGE), "week-form")
    assert (await first.post(f"{PAGE}/semana", **{**form, "dia-0-0-hasta": "12:00"})).status == 303
    asked = await second.post(f"{PAGE}/semana", **{**form, "dia-0-0-hasta": "13:00", "dia-1-0-hasta": "00:00"})
    chosen = read_form(asked.text, "clash-form")
    saved_since = {**fields_of(await first.get(PAGE), "week-form"), "dia-0-0-hasta": "14:00", "dia-2-0-hasta": "15:00"}
    assert (await first.post(f"{PAGE}/semana", **saved_since)).status == 303
    asked = await second.post(f"{PAGE}/semana", **chosen)
    again = read_form(asked.text, "clash-form")
    # What was chosen stays chosen; a day that only the other one has changed is as they saved it.
    assert [again[f"dia-{day}"] for day in range(3)] == ["07:00-13:00", "07:00-24:00", "07:00-15:00"]
    assert [again[f"antes-dia-{day}"] for day in range(3)] == ["07:00-14:00", "07:00-19:00", "07:00-15:00"]
    assert (await second.post(f"{PAGE}/semana", **again)).status == 303
    blocks = [(row.weekday, row.ends) for row in BusinessHoursBlock.select().where(BusinessHoursBlock.weekday < 3)]
    assert sorted(blocks) == [(0, 780), (1, 1440), (2, 900)]


@pytest.mark.gen_test
async def test_third_change_before_the_confirmation_asks_again(server):
    now = datetime.now(UTC)
    level = ServiceLevel.create(version=1, resolution_s=200 * 3600, saved_at=now)
    due = now + timedelta(days=30)
    support_chat(member(), None, service_level=level, awaiting_since=now, resolution_due_at=due, alarm_at=due)
    first, second = await two_supervisors(server)
    day = str(bogota_date(now) + timedelta(days=4))
    form = {**fields_of(await second.get(PAGE), "day-form"), "fecha": day}
    noon = {**form, "que": "abierto", "desde": "08:00", "hasta": "12:00"}
    assert (await first.post(f"{PAGE}/dias", **form, confirmado="1")).status == 303
    asked = await second.post(f"{PAGE}/dias", **noon)
    sure = await second.post(f"{PAGE}/dias", **read_form(asked.text, "day-clash-form"))
    late = {
        **fields_of(await first.get(PAGE), "day-form"),
        "fecha": day,
        "que": "abierto",
        "desde": "09:00",
        "hasta": "00:00",
    }
    assert (await first.post(f"{PAGE}/dias", **late, confirmado="1")).status == 303
    asked = await second.post(f"{PAGE}/dias", **read_form(sure.text, "confirm-form"))
    assert "Abierto solo de 9:00\u00a0a.\u00a0m. a 12:00\u00a0a.\u00a0m." in asked.text
    sure = await second.post(f"{PAGE}/dias", **read_form(asked.text, "day-clash-form"))
    assert (await second.post(f"{PAGE}/dias", **read_form(sure.text, "confirm-form"))).status == 303
    assert [row.ends for row in BusinessHoursException.select() if row.is_open] == [720]


@pytest.mark.gen_test
async def test_choice_that_is_over_the_quota_is_kept(server):
    first, second = await two_supervisors(server)
    form = fields_of(await second.get(PAGE), "week-form")
    assert (await first.post(f"{PAGE}/semana", **{**form, "dia-0-0-hasta": "12:00"})).status == 303
    asked = await second.post(f"{PAGE}/semana", **{**form, "dia-0-0-hasta": "13:00", "dia-1-0-hasta": "00:00"})
    used = {"quota": "audited", "used": 1000, "began_at": datetime.now(UTC)}
    marta = User.get(User.first_name == "Marta")
    QuotaUse.insert(user=marta, **used).on_conflict(
        conflict_target=[QuotaUse.user, QuotaUse.quota], update=used
    ).execute()
    refused = await second.post(f"{PAGE}/semana", **read_form(asked.text, "clash-form"))
    assert 'id="refused"' in refused.text
    kept = read_form(refused.text, "week-form")
    assert (kept["dia-0-0-hasta"], kept["dia-1-0-hasta"], kept["antes-dia-0"]) == ("13:00", "00:00", "07:00-12:00")
    QuotaUse.delete().execute()
    assert (await second.post(f"{PAGE}/semana", **kept)).status == 303
