"""The supervisors' page of opening hours: its forms, what they say when something is wrong, who may see it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.formatting import bogota_date
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException
from beneficiate.models.chats import Chat
from beneficiate.models.service_levels import ServiceLevel
from tests.factories import PASSWORD, agent, member, supervisor, support_chat
from tests.handlers.form_fields import read_form
from tests.http_client import CookieClient

PAGE = "/supervisor/horario"


@pytest.mark.gen_test
async def test_a_supervisor_writes_the_week_and_a_day(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    shown = await browser.get(PAGE)
    assert 'id="dia-0-0-desde" name="dia-0-0-desde" type="time" value="07:00"' in shown.text
    done = await browser.post(
        f"{PAGE}/semana", **{"dia-2-0-desde": "09:00", "dia-2-0-hasta": "00:00", "dia-9-0-desde": "1"}
    )
    assert (done.status, done.headers["Location"]) == (303, f"{PAGE}?listo=semana")
    assert [(row.weekday, row.starts, row.ends) for row in BusinessHoursBlock.select()] == [(2, 540, 1440)]
    assert "guardamos la semana" in (await browser.get(f"{PAGE}?listo=semana")).text
    day = {"fecha": "2026-12-31", "que": "cerrado", "desde": "", "hasta": ""}
    assert (await browser.post(f"{PAGE}/dias", **day)).headers["Location"] == f"{PAGE}?listo=dia"
    assert "Cerrado todo el día" in (await browser.get(PAGE)).text
    assert (await browser.post(f"{PAGE}/dias/2026-12-31/quitar")).headers["Location"] == f"{PAGE}?listo=quitado"
    assert not BusinessHoursException.select().exists()
    assert (await browser.post(f"{PAGE}/dias/2026-13-31/quitar")).status == 422
    assert (await browser.get(f"{PAGE}/dias/2026-12-31/quitar")).status == 405


@pytest.mark.gen_test
async def test_what_is_wrong_is_said_beside_what_was_typed(server):
    browser = CookieClient(server.port)
    await browser.sign_in(supervisor(), PASSWORD)
    said = await browser.post(f"{PAGE}/semana", **{"dia-2-0-desde": "09:00", "dia-2-0-hasta": "08:00"})
    assert said.status == 200
    assert 'id="dia-2-error"' in said.text
    assert "Debe cerrar después de abrir." in said.text
    assert 'name="dia-2-0-hasta" type="time" value="08:00" aria-invalid="true"' in said.text
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
    assert 'id="confirm-form"' in (await browser.post(f"{PAGE}/dias/{day['fecha']}/quitar")).text
    wrong = await browser.post(f"{PAGE}/dias", **{**day, "que": "nada"})
    assert 'id="que-error"' in wrong.text
