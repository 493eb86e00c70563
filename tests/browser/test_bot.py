"""A member books with the bot, by clicking and by typing, and is notified of every change."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.booking_pages import AppointmentsPageObject, BotPageObject, DemoApiClient

CAMILO, CAMILO_DOCUMENT = "camilo.pardo@demo.beneficiate.co", "80.765.432"
JULIANA, JULIANA_DOCUMENT = "juliana.gomez@demo.beneficiate.co", "1020789456"
ANA = "ana@demo.beneficiate.co"
INES, INES_DOCUMENT = "ines.cordoba@demo.beneficiate.co", "20.345.678"


@pytest.fixture
def new_page(profiles):
    return lambda **options: profiles.new_context(**options).new_page()


def test_appointment_is_booked_by_clicking_and_agents_see_it_at_once(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    agenda.open("?lista=proximas")
    camilo = BotPageObject(new_page(), site, CAMILO)
    camilo.start_bot()
    camilo.send_answer(CAMILO_DOCUMENT, "La cita es para Camilo")
    camilo.press_choice("En Bogotá", "especialidad")
    camilo.send_answer("dermatologia", "primera vez o es un control")
    camilo.press_choice("Primera vez", "motivo")
    camilo.send_answer("Una mancha en el brazo", "próximos horarios libres")
    slot = camilo.choices.first.inner_text()
    camilo.press_choice(re.escape(slot), "Resumen")
    expect(camilo.bot_messages.last).to_contain_text(slot)
    camilo.press_choice("Sí", "quedó confirmada")

    ticket = camilo.last_ticket()
    expect(camilo.page.locator("#appointments-news")).to_have_text("1")
    card = camilo.find_appointment(ticket)
    expect(card.locator("[data-state=CONFIRMED]")).to_be_visible()
    move = card.get_by_role("link", name="Mover")
    expect(move).to_have_attribute("href", f"{site.origin}/mi/citas/{card.get_attribute('data-appointment-id')}/mover")
    expect(camilo.page.locator("#appointments-news")).to_be_hidden()
    found = agenda.page.locator(".row").filter(has_text="Camilo Ernesto").filter(has_text="Dermatología")
    expect(found).to_be_visible()
    found.locator("a").click()
    expect(agenda.page.locator("#appointment-ticket")).to_have_text(ticket)


def test_appointment_is_booked_by_typing(new_page, site):
    juliana = BotPageObject(new_page(), site, JULIANA)
    juliana.start_bot()
    juliana.send_answer("no sé cuál es", "No encontramos ese documento")
    juliana.send_answer(JULIANA_DOCUMENT, "La cita es para Juliana")
    juliana.send_answer("en otra ciudad", "Escriba el nombre de la ciudad")
    juliana.send_answer("medelin", "Anotado: Medellín")
    juliana.send_answer("ginecolojia", "Elija la especialidad")
    juliana.send_answer("1", "primera vez o es un control")
    juliana.send_answer("control", "motivo")
    juliana.send_answer("Control del embarazo", "Resumen")
    juliana.send_answer("sí", "registrada exitosamente")
    ticket = juliana.last_ticket()
    card = juliana.find_appointment(ticket)
    expect(card.locator("[data-state=PENDING]")).to_be_visible()
    expect(juliana.page.locator("[data-group=asked]")).to_contain_text(ticket)


def test_dialogue_continues_after_a_reload_and_old_buttons_are_disabled(new_page, site):
    ines = BotPageObject(new_page(), site, INES)
    ines.start_bot()
    ines.send_answer(INES_DOCUMENT, "La cita es para Inés")
    expect(ines.choices).to_have_count(2)
    ines.press_choice("En otra ciudad", "Escriba el nombre")
    expect(ines.page.locator(".w-choice:disabled", has_text="En otra ciudad")).to_be_visible()
    ines.send_answer("san", "Elija la ciudad")
    labels = ines.choices.all_inner_texts()
    assert 2 <= len(labels) <= 10

    ines.page.reload()
    ines.expect_answer("Retomemos su solicitud donde la dejó: la ciudad")
    assert ines.choices.all_inner_texts() == labels
    ines.page.locator("#bot-back").click()
    ines.expect_answer("¿En qué ciudad necesita la cita?")

    ines.send_answer("cancelar", "quedó cancelada")
    ines.press_choice("Pedir una cita", "Para quién")


def test_bot_waits_for_the_connection_and_keeps_typed_text(new_page, site, profiles):
    profiles.expect_console_errors("ERR_CONNECTION_REFUSED|WebSocket|Failed to load")
    ines = BotPageObject(new_page(), site, INES)
    ines.start_bot()
    ines.send_answer(INES_DOCUMENT, "La cita es para Inés")
    ines.message.fill("A medias")

    site.kill()
    expect(ines.page.locator("#connection")).to_be_visible()
    expect(ines.choices).to_have_count(0)
    expect(ines.page.locator("#bot-message-send")).to_be_disabled()
    site.start()
    ines.page.evaluate("dispatchEvent(new Event('online'))")
    ines.expect_answer("Retomemos su solicitud")
    expect(ines.page.locator("#connection")).to_be_hidden()
    expect(ines.message).to_have_value("A medias")
    ines.message.fill("")
    ines.press_choice("En Bogotá", "especialidad")


def test_appointment_is_exported_put_on_the_waiting_list_and_cancelled(new_page, site):
    api = DemoApiClient(site, INES)
    appointment = api.request_appointment("psicologia")
    ines = BotPageObject(new_page(), site, INES)
    card = ines.find_appointment(appointment["ticket_number"])
    expect(card.locator("[data-do=calendar]")).to_have_count(0)

    agenda = AppointmentsPageObject(new_page(), site)
    agenda.open_appointment(appointment["id"])
    agenda.open_day(2)  # today's times may be too near for a member to cancel
    agenda.slot(3).click()
    agenda.page.locator("#appointment-assign").click()
    expect(card.locator("[data-state=CONFIRMED]")).to_be_visible()
    with ines.page.expect_download() as download:
        card.locator("[data-do=calendar]").click()
    assert download.value.suggested_filename == f"{appointment['ticket_number']}.ics"
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
    expect(agenda.page.locator("#appointment-history")).to_contain_text("Ya no la necesito")


def test_freed_slot_is_offered_and_accepted(new_page, site):
    ines, camilo = DemoApiClient(site, INES), DemoApiClient(site, CAMILO)
    early, late = (api.request_appointment("medicina interna") for api in (camilo, ines))
    agenda = AppointmentsPageObject(new_page(), site)
    for appointment, at in ((early, 2), (late, 9)):
        agenda.open_appointment(appointment["id"])
        agenda.open_day(2)
        agenda.slot(at).click()
        agenda.page.locator("#appointment-assign").click()
        expect(agenda.badge).to_have_text("Confirmada")

    member = BotPageObject(new_page(), site, INES)
    card = member.find_appointment(late["ticket_number"])
    card.locator("[data-do=wait]").click()
    expect(card).to_contain_text("Le avisaremos")
    before = card.locator("time").get_attribute("datetime")
    camilo.call("PUT", f"medical-appointment/cancel/{early['id']}", {"reason": ""})

    offer = member.page.locator("[data-notice=offer]")
    expect(offer).to_contain_text("Medicina interna")
    expect(offer).not_to_contain_text("confirma cada cita")
    site.let_professionals_confirm()
    member.page.reload()
    expect(offer).to_contain_text("Este profesional confirma cada cita: la suya queda por confirmar")
    offer.locator("#offer-take").click()
    expect(offer).to_have_count(0)
    expect(card.locator("time")).not_to_have_attribute("datetime", before or "")
    expect(card.locator("[data-state=TO_BE_CONFIRMED]")).to_be_visible()


def test_bot_is_not_shown_before_signing_in(new_page, site):
    page = new_page()
    page.goto(f"{site.origin}/demo")
    page.locator("#launcher").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("[role=tab]")).to_have_count(0)


def test_tabs_are_reached_with_the_keyboard(new_page, site):
    page = new_page()
    BotPageObject(page, site, INES)
    page.locator("#tab-chat").focus()
    for name in ("bot", "appointments", "plan", "chat"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#tab-{name}")).to_be_focused()
        expect(page.locator(f"#tab-{name}")).to_have_attribute("aria-selected", "true")
        expect(page.locator(f"#part-{name}")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#part-plan")).to_be_visible()
    page.reload()
    expect(page.locator("#part-plan")).to_be_visible()


def test_appointment_is_moved_by_the_bot_and_its_card_follows(new_page, site):
    appointment = site.add_appointment(ANA)
    ana = BotPageObject(new_page(), site, ANA)
    ana.start_bot()
    ana.press_choice("Mover una cita que ya tengo", "Vamos a mover la cita")
    slot = ana.choices.first.inner_text()
    ana.press_choice(re.escape(slot), "Nuevo horario")
    ana.press_choice("Sí", f"quedó para el {slot}")
    ana.page.locator("#tab-appointments").click()
    card = ana.page.locator(f"[data-appointment-id='{appointment}']")
    expect(card).to_contain_text(re.compile("Reprogramada|Por confirmar"))
    expect(card).to_contain_text(slot.split(", ")[1].replace("\xa0", " ").partition(" ")[0])
