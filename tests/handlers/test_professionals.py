"""The supervisors' pages of the professionals."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.booking.lifecycle import CONFIRMED
from beneficiate.formatting import bogota_date
from beneficiate.models.professionals import AvailabilityException, Professional
from tests.factories import add_hours_soon, agent, member, professional, supervisor
from tests.handlers.form_fields import read_form
from tests.queries.appointment_rows import create_appointment

PAGE = "/supervisor/ajustes/profesionales"


def booked_soon(german):
    """A confirmed appointment at 9:00 of the third day from now, on which the professional has extra hours."""
    add_hours_soon(german, days=1)
    starts_at = datetime.combine(bogota_date(datetime.now(UTC)) + timedelta(3), datetime.min.time(), UTC)
    return create_appointment(
        member(), CONFIRMED, starts_at + timedelta(hours=14), professional=german, ticket_number="APT-ABCDE-0001"
    )


@pytest.mark.gen_test
async def test_professional_is_added_and_changed(server, signed_in):
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/nuevo")).text)
    typed = {"nombres": "Ana", "apellidos": "Ruiz", "licencia": "RM-900", "municipio": "Cali", "direccion": "Calle 1"}
    done = await browser.post(f"{PAGE}/nuevo", **{**form, **typed, "lunes": "8-12"})
    row = Professional.get(Professional.license_number == "RM-900")
    assert done.headers["Location"] == f"{PAGE}/{row.id}?listo=guardado"
    shown = await browser.get(done.headers["Location"])
    assert 'value="08:00-12:00"' in shown.text
    said = await browser.post(f"{PAGE}/{row.id}", **{**read_form(shown.text), "martes": "12-8"})
    assert ('id="martes-error"' in said.text, 'value="12-8"' in said.text) == (True, True)


@pytest.mark.gen_test
async def test_words_of_the_old_service_about_the_week_are_shown(server, signed_in):
    browser, german = await signed_in(supervisor()), professional(imported_note="Lunes <mañanas>")
    shown = await browser.get(f"{PAGE}/{german.id}")
    assert "En el servicio anterior decía: «Lunes &lt;mañanas&gt;»" in shown.text


@pytest.mark.gen_test
async def test_effect_is_shown_before_it_is_saved(server, signed_in):
    german = professional()
    appointment = booked_soon(german)
    browser = await signed_in(supervisor())
    form = read_form((await browser.get(f"{PAGE}/{german.id}")).text)
    shown = await browser.post(f"{PAGE}/{german.id}", **{**form, "estado": "inactivo"})
    assert "1 cita queda por fuera con este cambio." in shown.text
    assert f'href="/agente/citas?cita={appointment.id}">APT-ABCDE-0001' in shown.text
    assert Professional.get_by_id(german.id).is_active
    assert (await browser.post(f"{PAGE}/{german.id}", **read_form(shown.text))).status == 303
    assert not Professional.get_by_id(german.id).is_active
    assert 'id="outside"' in (await browser.get(f"{PAGE}/{german.id}")).text


@pytest.mark.gen_test
async def test_days_are_changed_by_forms_of_their_own(server, signed_in):
    german = professional()
    browser = await signed_in(supervisor())
    shown = await browser.get(f"{PAGE}/{german.id}")
    day = (bogota_date(datetime.now(UTC)) + timedelta(10)).isoformat()
    typed = {**read_form(shown.text, "day-form"), "fecha": day, "que": "cerrado"}
    assert (await browser.post(f"{PAGE}/{german.id}/dias", **typed)).headers["Location"].endswith("?listo=dia")
    shown = await browser.get(f"{PAGE}/{german.id}")
    assert "Cerrado todo el día" in shown.text
    seen = read_form(shown.text, "day-form")["dias"]
    assert (await browser.post(f"{PAGE}/{german.id}/quitar", fecha=day, dias=seen)).status == 303
    again = {**typed, "fecha": day, "dias": seen}
    assert "Otra persona cambió" in (await browser.post(f"{PAGE}/{german.id}/dias", **again)).text
    assert not AvailabilityException.select().exists()
    said = await browser.post(f"{PAGE}/{german.id}/dias", **{**typed, "fecha": "nunca"})
    assert 'id="fecha-error"' in said.text
    assert (await browser.get(f"{PAGE}/{german.id}/dias")).status == 405


@pytest.mark.gen_test
async def test_day_with_appointments_is_confirmed_in_its_own_form(server, signed_in):
    german = professional(hours=())
    appointment = booked_soon(german)
    browser = await signed_in(supervisor())
    seen = read_form((await browser.get(f"{PAGE}/{german.id}")).text, "day-form")["dias"]
    day = bogota_date(appointment.starts_at).isoformat()
    for path, typed in (("dias", {"que": "cerrado"}), ("quitar", {})):
        shown = await browser.post(f"{PAGE}/{german.id}/{path}", fecha=day, dias=seen, **typed)
        assert shown.text.count('name="confirmado"') == 1, path
        assert "de todos modos" in shown.text
    confirmed = shown.text.partition('name="confirmado" value="')[2].partition('"')[0]
    done = await browser.post(f"{PAGE}/{german.id}/quitar", fecha=day, dias=seen, confirmado=confirmed)
    assert done.status == 303


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    for path in ("/nuevo", "/1", "/1/dias", "/1/quitar"):
        assert (await browser.post(f"{PAGE}{path}")).status == 403
