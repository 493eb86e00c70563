"""The agents' page of appointments: assign a slot, move, cancel, book by phone; live on both sides."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.models.accounts import User
from beneficiate.models.consents import Consent
from beneficiate.queries.consents import HEALTH_DATA
from tests.browser.booking_pages import OTHER_AGENT, AppointmentsPageObject, BotPageObject, DemoApiClient
from tests.browser.page_checks import ALL_IMPACTS, find_page_problems

ANA, ANA_DOCUMENT = "ana@demo.beneficiate.co", "52.123.456"
CAMILO = "camilo.pardo@demo.beneficiate.co"
JULIANA = "juliana.gomez@demo.beneficiate.co"
CARLOS, KELLY = "carlos.echeverri@demo.beneficiate.co", "kelly.barrios@demo.beneficiate.co"


@pytest.fixture
def new_page(profiles):
    return lambda **options: profiles.new_context(**options).new_page()


def test_slot_is_assigned_and_both_sides_see_it_without_reload(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    member = BotPageObject(new_page(), site, CAMILO)
    appointment = DemoApiClient(site, CAMILO).request_appointment("pediatria")
    expect(agenda.row(appointment["id"])).to_contain_text("Pediatría, primera vez")
    card = member.find_appointment(appointment["ticket_number"])
    expect(card.locator("[data-state=PENDING]")).to_be_visible()

    agenda.open_appointment(appointment["id"])
    expect(agenda.page.locator("#appointment-title")).to_be_focused()
    agenda.open_day(1)  # few of today's times may be left
    slot = agenda.slot(1)
    when, starts_at = slot.get_attribute("data-when"), slot.get_attribute("data-starts-at")
    slot.click()
    expect(agenda.page.locator("#appointment-picked-slot")).to_contain_text(when or "")
    agenda.page.locator("#appointment-assign").click()

    expect(agenda.badge).to_have_text("Confirmada")
    expect(agenda.page.locator("#appointment-picked-slot")).to_be_hidden()
    expect(agenda.page.locator(".toast")).to_contain_text(f"La cita {appointment['ticket_number']} quedó confirmada.")
    expect(agenda.row(appointment["id"])).to_have_count(0)
    expect(card.locator("[data-state=CONFIRMED]")).to_be_visible()
    expect(card.locator("time")).to_have_attribute("datetime", re.compile(re.escape((starts_at or "")[:16])))


def test_slot_disappears_when_another_agent_takes_it(new_page, site):
    first, second = (DemoApiClient(site, email).request_appointment("geriatria") for email in (CARLOS, KELLY))
    one, other = AppointmentsPageObject(new_page(), site), AppointmentsPageObject(new_page(), site, OTHER_AGENT)
    one.open_appointment(first["id"])
    other.open_appointment(second["id"])
    for agenda in (one, other):
        agenda.open_day(1)  # few of today's times may be left
    slot = one.slot()
    same = other.page.locator(f"[data-key='{slot.get_attribute('data-key')}']")
    same.click()
    expect(same).to_have_attribute("aria-pressed", "true")

    slot.click()
    one.page.locator("#appointment-assign").click()
    expect(one.badge).to_have_text("Confirmada")
    expect(same).to_have_count(0)
    expect(other.decision_problem).to_contain_text("Ese horario se acaba de ocupar")
    expect(other.page.locator("#appointment-assign")).to_be_hidden()
    other.slot().click()
    expect(other.decision_problem).to_be_hidden()


def test_taken_slot_is_refused_beside_the_button(new_page, site, profiles):
    profiles.expect_console_errors("status of 409")
    first, second = (DemoApiClient(site, email).request_appointment("geriatria") for email in (CARLOS, KELLY))
    agenda = AppointmentsPageObject(new_page(), site)
    # The day is not loaded again, as if the event had not arrived yet.
    agenda.open_appointment(first["id"])
    agenda.open_day(1)  # few of today's times may be left
    slot = agenda.slot(2)
    slot.click()
    professional, starts_at = slot.get_attribute("data-professional-id"), slot.get_attribute("data-starts-at")
    agenda.page.route("**/agente/citas/dia*", lambda route: route.abort())
    profiles.expect_console_errors("ERR_FAILED")
    taken = {"status": "CONFIRMED", "professional_id": int(professional or 0), "starts_at": starts_at}
    DemoApiClient(site, OTHER_AGENT).call("PUT", f"medical-appointment/status/{second['id']}", taken)
    agenda.page.locator("#appointment-assign").click()
    expect(agenda.decision_problem).to_be_visible()
    agenda.page.unroute("**/agente/citas/dia*")


def test_confirmed_appointment_is_moved_and_cancelled_with_a_reason(new_page, site):
    appointment = DemoApiClient(site, ANA).request_appointment("psicologia")
    agenda = AppointmentsPageObject(new_page(), site)
    agenda.open_appointment(appointment["id"])
    agenda.slot().click()
    agenda.page.locator("#appointment-assign").click()
    expect(agenda.badge).to_have_text("Confirmada")

    agenda.page.locator("#appointment-move").click()
    expect(agenda.slots.first).to_be_visible()
    agenda.open_day(2)
    expect(agenda.page.locator(".day-pick[aria-pressed=true]")).to_be_focused()
    agenda.slot(4).click()
    reason = agenda.page.locator("#appointment-reason")
    if reason.is_visible():  # the first free time may be in less than four hours
        reason.fill("Lo pidió por teléfono")
    agenda.page.locator("#appointment-assign").click()
    expect(agenda.badge).to_have_text("Reprogramada")
    expect(agenda.page.locator("#appointment-slots")).to_be_hidden()

    agenda.page.locator("#appointment-cancel").click()
    agenda.page.locator("#cancel-reason").fill("Se mejoró")
    agenda.page.locator("#cancel-go").click()
    expect(agenda.badge).to_have_text("Cancelada")
    expect(agenda.page.locator("#appointment-history li").last).to_contain_text("Se mejoró")
    expect(agenda.page.locator("#appointment .detail-do")).to_have_count(0)


def forget_decisions(site):
    """Let the demo's Ana be somebody who never decided about her data."""
    with site.database():
        Consent.delete().where(Consent.user == User.get(User.email == "ana@demo.beneficiate.co").id).execute()


def test_appointment_is_booked_by_phone_in_three_steps(new_page, site):
    forget_decisions(site)
    agenda = AppointmentsPageObject(new_page(), site)
    page, write = agenda.page, agenda.page.keyboard.type
    page.locator("#new-appointment").click()
    patient = page.locator("#phone-who")
    expect(patient).to_be_focused()
    write("99.999.999")
    expect(page.locator("#phone-who-problem")).to_contain_text("No encontramos nada parecido")
    page.keyboard.press("Enter")
    expect(page.locator("#phone-who-problem")).to_contain_text("Elija el paciente de la lista")
    patient.fill("ROJAS ana mar")
    option = page.locator("#phone-who-list [role=option]").first
    expect(option).to_contain_text(re.compile("^Ana María Rojas.*CC •••• 3456"))
    expect(patient).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    page.keyboard.press("Enter")

    expect(page.locator("#phone-city")).to_have_value(re.compile("Bogotá"))
    expect(page.locator("#phone-specialty")).to_be_focused()
    write("cardio")
    expect(page.locator("#phone-specialty-list [role=option]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#phone-specialty")).to_have_value("Cardiología")
    page.locator("#phone-notes").fill("ab")
    page.locator("#phone-next").click()
    expect(page.locator("#phone-notes-problem")).to_contain_text("al menos 3 letras")
    page.locator("#phone-notes").fill("Dolor al subir escaleras")
    page.locator("#phone-next").click()
    expect(page.locator("#phone-notes-problem")).to_contain_text("lo autoriza, o deje el motivo vacío")
    expect(page.locator("#phone-consent")).to_be_focused()
    expect(page.locator("#phone-consent-text")).to_contain_text("dato de salud, que es sensible")
    page.keyboard.press("Space")
    page.locator("#phone-next").click()

    page.locator("#phone-book").click()
    expect(page.locator("#phone-problem")).to_contain_text("Elija un horario")
    page.keyboard.press("Escape")
    page.locator("#new-appointment").click()
    page.locator("#phone-slots .day-pick:not(:disabled)").nth(1).click()  # few of today's times may be left
    page.locator("#phone-slots [data-part=slot]").nth(5).click()
    page.locator("#phone-book").click()
    expect(page.locator("#phone-dialog")).to_have_count(0)
    expect(page.locator("#appointment-title")).to_have_text("Ana María Rojas")
    expect(agenda.badge).to_have_text("Confirmada")
    expect(page.locator(".detail-say")).to_contain_text("Dolor al subir escaleras")
    page.locator("#new-appointment").click()
    patient.fill(ANA_DOCUMENT)
    page.locator("#phone-who-list [role=option]").first.click()
    expect(page.locator("#phone-notes")).to_be_visible()
    expect(page.locator("#phone-consent")).to_be_hidden()


def test_phone_booking_without_a_time_and_for_a_member_without_a_plan(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    page = agenda.page
    page.locator("#new-appointment").click()
    options = page.locator("#phone-who-list [role=option]")
    page.locator("#phone-who").fill("79444555")
    expect(options).to_contain_text("Sin plan vigente")
    expect(options).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#phone-who-problem")).to_contain_text("Sin plan vigente")
    page.locator("#phone-who").fill(ANA_DOCUMENT)
    options.and_(page.locator(":not([aria-disabled])")).first.click()
    page.locator("#phone-specialty").fill("reuma")
    page.locator("#phone-specialty-list [role=option]").first.click()
    page.locator("#phone-next").click()
    page.locator("#phone-later").check()
    page.locator("#phone-book").click()
    expect(agenda.badge).to_have_text("Pendiente")
    expect(page.locator(".detail-say")).to_contain_text(NO_REASON)


def test_reason_is_not_asked_for_who_refuses_it(new_page, site):
    rocio, now = site.add_member("Rocío", plan="FAMILY"), datetime.now(UTC)
    refusal = {"kind": HEALTH_DATA, "version": "1", "address": "", "given_at": now, "withdrawn_at": now}
    Consent.create(user=rocio.id, **refusal)
    agenda = AppointmentsPageObject(new_page(bypass_csp=True, reduced_motion="reduce"), site)
    page = agenda.page
    page.locator("#new-appointment").click()
    page.locator("#phone-who").fill(rocio.user.document_number)
    page.locator("#phone-who-list [role=option]:not([aria-disabled])").first.click()
    expect(page.locator("#phone-no-notes")).to_contain_text("No se pregunta el motivo")
    expect(page.locator("#phone-notes")).to_be_hidden()
    assert find_page_problems(page) == []
    page.locator("#phone-city").fill("bogot")
    page.locator("#phone-city-list [role=option]").first.click()
    page.locator("#phone-specialty").fill("reuma")
    page.locator("#phone-specialty-list [role=option]").first.click()
    page.locator("#phone-next").click()
    page.locator("#phone-later").check()
    page.locator("#phone-book").click()
    expect(page.locator(".detail-say")).to_contain_text(NO_REASON)


def test_what_was_told_of_one_patient_is_not_kept_for_the_next(new_page, site):
    forget_decisions(site)
    page = AppointmentsPageObject(new_page(), site).page
    page.locator("#new-appointment").click()
    options = page.locator("#phone-who-list [role=option]:not([aria-disabled])")
    page.locator("#phone-who").fill(ANA_DOCUMENT)
    options.first.click()
    page.locator("#phone-specialty").fill("dermat")
    page.locator("#phone-specialty-list [role=option]").first.click()
    page.locator("#phone-what input[value=false]").check()
    page.locator("#phone-notes").fill("Mancha en la espalda")
    page.locator("#phone-consent").check()
    page.locator("#phone-next").click()
    page.locator("#phone-slots [data-part=slot]").first.click()

    page.locator("#phone-when [data-do=back]").click()
    page.locator("#phone-what [data-do=back]").first.click()
    page.locator("#phone-who").fill("kelly barrios")
    options.first.click()
    for field in ("#phone-notes", "#phone-specialty"):
        expect(page.locator(field)).to_have_value("")
    expect(page.locator("#phone-consent")).not_to_be_checked()
    expect(page.locator("#phone-what input[value=true]")).to_be_checked()
    expect(page.locator("#phone-when [data-part=when]")).to_have_text("")


def test_list_and_search_are_in_the_url(new_page, site):
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda = AppointmentsPageObject(new_page(), site)
    page = agenda.page
    page.locator("#tab-todas").click()
    expect(page.locator("#tab-todas")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"lista=todas"))

    page.locator("#appointment-search-text").fill(appointment["ticket_number"].lower())
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator("#appointment-search-text")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"buscar={appointment['ticket_number'].lower()}"))
    agenda.open_appointment(appointment["id"])
    page.reload()
    expect(page.locator("#appointment-title")).to_have_text(re.compile("Juliana"))
    expect(agenda.row(appointment["id"])).to_have_class(re.compile("is-picked"))
    page.locator("#search-clear").click()
    expect(page.locator(".row").nth(1)).to_be_visible()

    page.locator("#appointment-search-text").fill("nada de nada")
    expect(page.locator("#no-appointments")).to_be_visible()
    page.locator("#tab-por-atender").click()
    agenda.open_appointment(appointment["id"])
    page.go_back()
    expect(page.locator("#appointment")).not_to_have_attribute("data-appointment-id", re.compile(r"\d"))


def test_appointments_are_found_by_the_name_of_their_patient(new_page, site):
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    page = AppointmentsPageObject(new_page(), site).page
    page.locator("#appointment-search-text").fill("GOMEZ juli")
    expect(page.locator(f"#appointment-{appointment['id']}")).to_be_visible()
    expect(page.locator(".list-found")).to_contain_text("con «GOMEZ juli»")
    for row in page.locator(".row").all():
        expect(row).to_contain_text("Juliana Gómez")


def test_dialog_that_is_opened_by_its_address_is_on_its_page(new_page, site):
    page = AppointmentsPageObject(new_page(), site).page
    page.goto(f"{site.origin}/agente/citas/nueva")
    expect(page).to_have_title(re.compile("Citas"))
    expect(page.locator("html")).to_have_attribute("lang", "es-CO")
    expect(page.locator("#phone-who")).to_be_focused()
    expect(page).to_have_url(re.compile("/agente/citas$"))
    page.keyboard.press("Escape")
    expect(page.locator("#phone-dialog")).to_be_hidden()
    expect(page.locator("#new-appointment")).to_be_focused()


def test_typed_text_survives_live_updates(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda.open_appointment(appointment["id"])
    agenda.open_day(1)  # few of today's times may be left
    slot = agenda.slot(1)
    slot.click()
    slot.focus()
    day = agenda.page.locator("#appointment-slots [data-part=day]")
    day.evaluate("day => day.append(document.createElement('hr'))")
    other = DemoApiClient(site, CAMILO).request_appointment("urologia", "Villavicencio")
    expect(agenda.row(other["id"])).to_be_visible()
    expect(day.locator("hr")).to_have_count(0)  # the day was drawn again
    expect(slot).to_have_attribute("aria-pressed", "true")
    expect(slot).to_be_focused()
    expect(agenda.page.locator("#appointment-assign")).to_be_visible()


def test_click_that_began_before_a_live_update_counts(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda.open_appointment(appointment["id"])
    agenda.open_day(1)  # few of today's times may be left
    slot = agenda.slot(1)
    slot.hover()
    agenda.page.mouse.down()
    with agenda.page.expect_response("**/agente/citas/dia*"):
        DemoApiClient(site, CAMILO).request_appointment("urologia", "Villavicencio")
    agenda.page.mouse.up()
    expect(slot).to_have_attribute("aria-pressed", "true")


def test_another_day_that_was_asked_for_is_shown_though_an_update_comes_between(new_page, site):
    agenda = AppointmentsPageObject(new_page(), site)
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda.open_appointment(appointment["id"])
    expect(agenda.slots.first).to_be_visible()
    held = []
    agenda.page.route("**/agente/citas/dia*", lambda route: held.append(route) if len(held) < 2 else route.continue_())
    day = agenda.page.locator("#appointment-slots .day-pick:not(:disabled)").nth(1)
    day.click()
    expect(agenda.page.locator("#appointment-slots [data-scroll=day]")).to_have_attribute("inert", "")
    with agenda.page.expect_request("**/agente/citas/dia*"):
        DemoApiClient(site, CAMILO).request_appointment("urologia", "Villavicencio")
    for route in held:
        route.continue_()
    expect(day).to_have_attribute("aria-pressed", "true")
    expect(agenda.page.locator("#appointment-slots [data-scroll=day]")).not_to_have_attribute("inert", "")


def test_narrow_screen_shows_the_list_or_the_appointment(new_page, site):
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda = AppointmentsPageObject(
        new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True), site
    )
    expect(agenda.page.locator("#appointment")).to_be_hidden()
    agenda.row(appointment["id"]).locator("a").tap()
    expect(agenda.page.locator("#appointment-title")).to_be_visible()
    expect(agenda.page.locator("#appointments")).to_be_hidden()
    agenda.page.locator("#appointment-back").tap()
    expect(agenda.page.locator("#appointments")).to_be_visible()
    expect(agenda.row(appointment["id"]).locator("a")).to_be_focused()


def test_every_state_is_accessible_in_both_themes_and_fits(new_page, site):
    appointment = DemoApiClient(site, JULIANA).request_appointment("urologia", "Villavicencio")
    agenda = AppointmentsPageObject(new_page(bypass_csp=True, reduced_motion="reduce"), site)
    page = agenda.page
    found = []

    def check_page(name):
        found.extend(f"{name}, {problem}" for problem in find_page_problems(page, ALL_IMPACTS))

    forget_decisions(site)
    check_page("list")
    agenda.open_appointment(appointment["id"])
    agenda.slot().click()
    check_page("picked")
    page.locator("#appointment-cancel").click()
    check_page("cancelling")
    page.locator("#cancel-keep").click()
    page.locator("#new-appointment").click()
    page.locator("#phone-who").fill("ma")
    expect(page.locator("#phone-who-list [role=option]").nth(1)).to_be_visible()
    check_page("who")
    page.locator("#phone-who").fill(ANA_DOCUMENT)
    page.locator("#phone-who-list [role=option]").filter(has_text="Ana María Rojas").first.click()
    page.locator("#phone-specialty").fill("cardio")
    expect(page.locator("#phone-specialty-list [role=option]").first).to_be_visible()
    check_page("what")
    page.keyboard.press("Enter")
    page.locator("#phone-notes").fill("Un control")
    page.locator("#phone-next").click()
    check_page("without a consent")
    page.locator("#phone-consent").check()
    page.locator("#phone-next").click()
    expect(page.locator("#phone-slots [data-part=slot]").first).to_be_visible()
    check_page("when")
    assert found == []
