"""The supervisors' pages of the professionals."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.booking.hours_text import describe_day
from beneficiate.domain.booking.lifecycle import CONFIRMED
from beneficiate.formatting import bogota_date, format_long_date
from beneficiate.models.professionals import AvailabilityException, Professional
from beneficiate.queries.professionals import load_day_exceptions
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
    seen = read_form(shown.text, "day-form")[f"antes-{day}"]
    assert (await browser.post(f"{PAGE}/{german.id}/quitar", fecha=day, antes=seen)).status == 303
    assert not AvailabilityException.select().exists()
    said = await browser.post(f"{PAGE}/{german.id}/dias", **{**typed, "fecha": "nunca"})
    assert 'id="fecha-error"' in said.text
    assert (await browser.get(f"{PAGE}/{german.id}/dias")).status == 405


@pytest.mark.gen_test
async def test_who_changes_a_day_second_sees_both_changes_and_chooses(server, signed_in):
    german, marta, gloria = professional(), supervisor("Marta"), supervisor("Gloria")
    first, second = await signed_in(marta), await signed_in(gloria)
    address = f"{PAGE}/{german.id}"
    today = bogota_date(datetime.now(UTC))
    day, other = ((today + timedelta(days)).isoformat() for days in (10, 11))
    forms = [read_form((await browser.get(address)).text, "day-form") for browser in (first, second)]
    await first.post(f"{address}/dias", **{**forms[0], "fecha": day, "que": "cerrado"})
    # Another date is no matter of the second one.
    typed = {**forms[1], "que": "abierto", "desde": "08:00", "hasta": "12:00"}
    assert (await second.post(f"{address}/dias?q=ger", **{**typed, "fecha": other})).status == 303
    clash = await second.post(f"{address}/dias?q=ger", **{**typed, "fecha": day})
    assert (clash.status, 'id="day-clash"' in clash.text) == (200, True)
    for text in (marta.user.name, "Cerrado todo el día", "Abierto solo"):
        assert text in clash.text.replace("\xa0", " "), text
    assert AvailabilityException.select().where(AvailabilityException.day == day).get().is_open is False
    assert f'href="{address}?q=ger"' in clash.text
    chosen = read_form(clash.text, "day-clash-form")
    assert (await second.post(f"{address}/dias?q=ger", **chosen)).status == 303
    is_open = (AvailabilityException.day == day) & AvailabilityException.is_open
    assert AvailabilityException.select().where(is_open).count() == 1
    # So does who takes away what somebody else has changed.
    gone = await first.post(f"{address}/quitar", fecha=day, antes="cerrado 00:00-24:00")
    assert gloria.user.name in gone.text
    chosen = read_form(gone.text, "day-clash-form")
    assert (await first.post(f"{address}/quitar", **chosen)).status == 303
    assert not AvailabilityException.select().where(AvailabilityException.day == day).exists()


@pytest.mark.gen_test
async def test_days_are_searched_beside_the_list_whose_search_stays(server, signed_in):
    german, today = professional(), bogota_date(datetime.now(UTC))
    near, far = today + timedelta(5), today + timedelta(40)
    for day in (near, far):
        AvailabilityException.create(professional=german, day=day)
    browser = await signed_in(supervisor())
    shown = (await browser.get(f"{PAGE}/{german.id}?q=ger&dias-q={far}")).text
    assert f"Quitar el {format_long_date(far)}" in shown
    assert f"Quitar el {format_long_date(near)}" not in shown
    assert '<input type="hidden" name="q" value="ger">' in shown
    # Forms send what is stored of the other days too: only what somebody else has changed is a clash.
    assert f'name="antes-{near}"' in shown
    nothing = (await browser.get(f"{PAGE}/{german.id}?dias-q=nunca")).text
    assert 'id="dias-rows-none"' in nothing


@pytest.mark.gen_test
async def test_day_with_appointments_is_confirmed_in_its_own_form(server, signed_in):
    german = professional(hours=())
    appointment = booked_soon(german)
    browser = await signed_in(supervisor())
    day = bogota_date(appointment.starts_at).isoformat()
    seen = describe_day(load_day_exceptions(german.id))
    for path, typed in (("dias", {"que": "cerrado", f"antes-{day}": seen}), ("quitar", {"antes": seen})):
        shown = await browser.post(f"{PAGE}/{german.id}/{path}", fecha=day, **typed)
        assert shown.text.count('name="confirmado"') == 1, path
        assert "de todos modos" in shown.text
    confirmed = shown.text.partition('name="confirmado" value="')[2].partition('"')[0]
    done = await browser.post(f"{PAGE}/{german.id}/quitar", fecha=day, antes=seen, confirmado=confirmed)
    assert done.status == 303


@pytest.mark.gen_test
async def test_agents_have_no_part_in_it(server, signed_in):
    browser = await signed_in(agent())
    for path in ("", "/nuevo", "/1"):
        assert (await browser.get(f"{PAGE}{path}")).status == 403
    for path in ("/nuevo", "/1", "/1/dias", "/1/quitar"):
        assert (await browser.post(f"{PAGE}{path}")).status == 403
