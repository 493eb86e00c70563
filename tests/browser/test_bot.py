"""A member books with the assistant, by clicking and by typing, and hears of every change."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.booking import Agenda, Api, Assistant

CAMILO, CAMILO_DOCUMENT = "camilo.pardo@demo.beneficiate.co", "80.765.432"
JULIANA, JULIANA_DOCUMENT = "juliana.gomez@demo.beneficiate.co", "1020789456"
INES, INES_DOCUMENT = "ines.cordoba@demo.beneficiate.co", "20.345.678"


@pytest.fixture
def new_page(visits):
    return lambda **options: visits.context(**options).new_page()


def test_a_visit_is_booked_by_clicking_and_the_agents_see_it_at_once(new_page, site):
    agenda = Agenda(new_page(), site)
    agenda.open("?lista=proximas")
    camilo = Assistant(new_page(), site, CAMILO)
    camilo.begin()
    camilo.write(CAMILO_DOCUMENT, "La cita es para Camilo")
    camilo.press("En Bogotá", "especialidad")
    camilo.write("dermatologia", "Elija la especialidad")
    camilo.press("Dermatología", "primera vez o es un control")
    camilo.press("Primera vez", "motivo")
    camilo.write("Una mancha en el brazo", "próximos horarios libres")
    slot = camilo.choices.first.inner_text()
    camilo.press(re.escape(slot), "Resumen")
    expect(camilo.said.last).to_contain_text(slot)
    camilo.press("Sí", "quedó confirmada")

    ticket = camilo.ticket()
    expect(camilo.page.locator("#visits-news")).to_have_text("1")
    expect(camilo.visit(ticket).locator("[data-state=CONFIRMED]")).to_be_visible()
    expect(camilo.page.locator("#visits-news")).to_be_hidden()
    found = agenda.page.locator(".ask-row").filter(has_text="Camilo Ernesto").filter(has_text="Dermatología")
    expect(found).to_be_visible()
    found.locator("a").click()
    expect(agenda.page.locator("#visit-ticket")).to_have_text(ticket)


def test_a_visit_is_booked_by_typing_alone(new_page, site):
    juliana = Assistant(new_page(), site, JULIANA)
    juliana.begin()
    juliana.write("no sé cuál es", "No encontramos ese documento")
    juliana.write(JULIANA_DOCUMENT, "La cita es para Juliana")
    juliana.write("en otra ciudad", "Escriba el nombre de la ciudad")
    juliana.write("medelin", "Elija la ciudad")
    juliana.write("Medellín", "especialidad")
    juliana.write("ginecolojia", "Elija la especialidad")
    juliana.write("1", "primera vez o es un control")
    juliana.write("control", "motivo")
    juliana.write("Control del embarazo", "Resumen")
    juliana.write("sí", "registrada exitosamente")
    ticket = juliana.ticket()
    card = juliana.visit(ticket)
    expect(card.locator("[data-state=PENDING]")).to_be_visible()
    expect(juliana.page.locator("[data-group=asked]")).to_contain_text(ticket)


def test_a_reload_goes_on_where_it_was_and_answered_buttons_do_not_count(new_page, site):
    ines = Assistant(new_page(), site, INES)
    ines.begin()
    ines.write(INES_DOCUMENT, "La cita es para Inés")
    expect(ines.choices).to_have_count(2)
    ines.press("En otra ciudad", "Escriba el nombre")
    expect(ines.page.locator(".w-choice:disabled")).to_have_count(2)
    ines.write("san", "Elija la ciudad")
    labels = ines.choices.all_inner_texts()
    assert 2 <= len(labels) <= 10

    ines.page.reload()
    ines.hears("Retomemos su solicitud donde la dejó: la ciudad")
    assert ines.choices.all_inner_texts() == labels
    ines.page.locator("#bot-back").click()
    ines.hears("¿En qué ciudad necesita la cita?")

    ines.write("cancelar", "quedó cancelada")
    ines.press("Pedir una cita", "documento")


def test_the_assistant_waits_for_the_connection_and_keeps_what_is_typed(new_page, site, visits):
    visits.expect_complaints("ERR_CONNECTION_REFUSED|WebSocket|Failed to load")
    ines = Assistant(new_page(), site, INES)
    ines.begin()
    ines.write(INES_DOCUMENT, "La cita es para Inés")
    ines.message.fill("A medias")

    site.kill()
    expect(ines.page.locator("#connection")).to_be_visible()
    expect(ines.choices).to_have_count(0)
    expect(ines.page.locator("#bot-message-send")).to_be_disabled()
    site.start()
    ines.page.evaluate("dispatchEvent(new Event('online'))")
    ines.hears("Retomemos su solicitud")
    expect(ines.page.locator("#connection")).to_be_hidden()
    expect(ines.message).to_have_value("A medias")
    ines.message.fill("")
    ines.press("En Bogotá", "especialidad")


def test_a_visit_is_put_into_the_calendar_waits_for_an_earlier_time_and_is_cancelled(new_page, site):
    api = Api(site, INES)
    visit = api.ask_for("psicologia")
    ines = Assistant(new_page(), site, INES)
    card = ines.visit(visit["ticket_number"])
    expect(card.locator("[data-do=calendar]")).to_have_count(0)

    agenda = Agenda(new_page(), site)
    agenda.pick(visit["id"])
    agenda.pick_day(2)  # today's times may be too near for a member to cancel
    agenda.slot(3).click()
    agenda.page.locator("#visit-assign").click()
    expect(card.locator("[data-state=CONFIRMED]")).to_be_visible()
    with ines.page.expect_download() as download:
        card.locator("[data-do=calendar]").click()
    assert download.value.suggested_filename == f"{visit['ticket_number']}.ics"
    assert "BEGIN:VEVENT" in download.value.path().read_text(encoding="utf-8")

    card.locator("[data-do=wait]").click()
    expect(card).to_contain_text("Le avisaremos si se libera un horario antes.")

    card.locator("[data-do=cancel]").click()
    ines.page.locator("#cancel-keep").click()
    expect(card.locator("[data-state=CONFIRMED]")).to_be_visible()
    card.locator("[data-do=cancel]").click()
    ines.page.locator("#cancel-reason").fill("Ya no la necesito")
    ines.page.locator("#cancel-go").click()
    expect(card.locator("[data-state=CANCELLED]")).to_be_visible()
    expect(card.locator("[data-part=do]")).to_have_count(0)
    expect(agenda.badge).to_have_text("Cancelada")
    expect(agenda.page.locator("#visit-history")).to_contain_text("Ya no la necesito")


def test_a_freed_time_is_offered_and_taken(new_page, site):
    ines, camilo = Api(site, INES), Api(site, CAMILO)
    early, late = (api.ask_for("medicina interna") for api in (camilo, ines))
    agenda = Agenda(new_page(), site)
    for visit, at in ((early, 2), (late, 9)):
        agenda.pick(visit["id"])
        agenda.pick_day(2)
        agenda.slot(at).click()
        agenda.page.locator("#visit-assign").click()
        expect(agenda.badge).to_have_text("Confirmada")

    member = Assistant(new_page(), site, INES)
    card = member.visit(late["ticket_number"])
    card.locator("[data-do=wait]").click()
    expect(card).to_contain_text("Le avisaremos")
    before = card.locator("time").get_attribute("datetime")
    camilo.call("PUT", f"medical-appointment/cancel/{early['id']}", {"reason": ""})

    offer = member.page.locator("[data-notice=offer]")
    expect(offer).to_contain_text("Medicina interna")
    member.page.reload()
    offer.locator("#offer-take").click()
    expect(offer).to_have_count(0)
    expect(card.locator("time")).not_to_have_attribute("datetime", before or "")


def test_nothing_of_it_is_there_before_signing_in(new_page, site):
    page = new_page()
    page.goto(f"{site.origin}/demo")
    page.locator("#launcher").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("[role=tab]")).to_have_count(0)


def test_the_parts_are_reached_with_the_keyboard(new_page, site):
    page = new_page()
    Assistant(page, site, INES)
    page.locator("#tab-chat").focus()
    for name in ("bot", "visits", "plan", "chat"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#tab-{name}")).to_be_focused()
        expect(page.locator(f"#tab-{name}")).to_have_attribute("aria-selected", "true")
        expect(page.locator(f"#part-{name}")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#part-plan")).to_be_visible()
    page.reload()
    expect(page.locator("#part-plan")).to_be_visible()
