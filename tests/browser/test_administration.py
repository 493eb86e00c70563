"""The administration: what is not saved is counted and asked about, two supervisors do not overwrite each other."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from beneficiate.models.accounts import Agent, SignIn, User
from beneficiate.models.call_centre import CannedReply, Topic
from beneficiate.models.payments import Plan
from beneficiate.models.professionals import Professional, Specialty
from beneficiate.models.retention import Retention
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie

PAGE = "/supervisor/ajustes"


@pytest.fixture
def marta(site):
    """A supervisor; the models are bound to the database of the site from then on."""
    return site.add_supervisor("Marta")


@pytest.fixture
def open_page(profiles, site, marta):
    """Open a page of the administration as Marta or as another supervisor."""

    def do(path="", who=marta, **options):
        context = profiles.new_context(**options)
        set_session_cookie(context, site, who)
        page = context.new_page()
        page.goto(f"{site.origin}{PAGE}{path}")
        return page

    return do


def some_agent():
    return Agent.select(Agent, User).join(User).where(User.email == "agente1@demo.beneficiate.co").get()


def test_changes_are_counted_and_leaving_asks(open_page):
    agent = some_agent()
    page = open_page(f"/personas/{agent.user_id}")
    expect(page.locator("[data-part=unsaved]")).to_be_hidden()
    page.locator("#capacidad").fill("3")
    expect(page.locator("[data-part=unsaved]")).to_contain_text("1 cambio sin guardar")
    page.get_by_label("Supervisor").check()
    expect(page.locator("[data-part=unsaved]")).to_contain_text("2 cambios sin guardar")
    page.get_by_label("Agente", exact=False).first.check()
    expect(page.locator("[data-part=unsaved]")).to_contain_text("1 cambio sin guardar")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#section-temas").click()
    expect(page.locator("#capacidad")).to_have_value("3")
    assert asked == ["beforeunload"]
    page.locator("#save").click()
    expect(page.locator("#admin-said")).to_contain_text("guardamos")
    assert Agent.get_by_id(agent.id).capacity == 3
    page.locator("#section-temas").click()
    expect(page.locator("#section-temas")).to_have_attribute("aria-current", "page")
    assert asked == ["beforeunload"]


def test_second_supervisor_chooses_what_stays(open_page, site):
    agent = some_agent()
    address = f"/personas/{agent.user_id}"
    first, second = open_page(address), open_page(address, site.add_supervisor("Gloria"))
    first.locator("#capacidad").fill("2")
    first.locator("#save").click()
    expect(first.locator("#admin-said")).to_be_visible()
    second.locator("#capacidad").fill("6")
    second.locator("#codigo").fill("AG-777")
    second.locator("#save").click()
    clash = second.locator("#clash")
    expect(clash).to_contain_text("Otra persona guardó cambios.")
    expect(clash).to_contain_text("Marta")
    clash.locator("[name=capacidad]").first.check()
    second.locator("#clash-save").click()
    expect(second.locator("#admin-said")).to_be_visible()
    row = Agent.get_by_id(agent.id)
    assert (row.capacity, row.agent_code) == (2, "AG-777")


def test_every_section_is_accessible_in_both_themes_and_fits(open_page):
    ids = {
        "/personas": some_agent().user_id,
        "/temas": Topic.select().first().id,
        "/respuestas": CannedReply.select().first().id,
        "/planes": Plan.select().first().id,
        "/especialidades": Specialty.select().first().id,
        "/profesionales": Professional.select().first().id,
    }
    page = open_page(bypass_csp=True, reduced_motion="reduce")
    origin = page.url.removesuffix(PAGE)
    found = []
    sections = [f"{section}/{id_}" for section, id_ in ids.items()]
    paths = ["", "/personas/nueva", "/retencion", "/importar", "/bloqueos", *sections]
    for path in paths:
        page.goto(f"{origin}{PAGE}{path}")
        found += [f"{path}: {problem}" for problem in find_page_problems(page)]
    assert found == []


def test_errors_and_conflicts_are_accessible(open_page):
    agent = some_agent()
    page = open_page(f"/personas/{agent.user_id}", bypass_csp=True, reduced_motion="reduce")
    page.locator("#capacidad").fill("25")
    page.locator("#save").click()
    expect(page.locator("#capacidad-error")).to_be_visible()
    expect(page.locator("#capacidad")).to_be_focused()
    found = find_page_problems(page)
    Agent.update(version=Agent.version + 1, capacity=1).where(Agent.id == agent.id).execute()
    page.locator("#capacidad").fill("5")
    page.locator("#save").click()
    expect(page.locator("#clash")).to_be_visible()
    assert found + find_page_problems(page) == []


def test_invitation_names_what_is_wrong_and_is_sent_then(open_page):
    page = open_page("/personas/nueva", bypass_csp=True, reduced_motion="reduce")
    typed = {"nombres": "Camila", "apellidos": "Ospina", "documento": "1.030.555.777", "correo": "camila@"}
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)
    page.get_by_label("Supervisor").check()
    taken = some_agent().user
    refused = (
        ("correo", "camila@", "Escriba un correo como nombre@empresa.co."),
        ("correo", taken.email, f"Ese correo ya es de {taken.name}."),
        ("documento", taken.document_number, "Ese documento ya es de otra cuenta."),
    )
    for name, value, sentence in refused:
        page.locator(f"#{name}").fill(value)
        page.locator("#save").click()
        expect(page.locator(f"#{name}-error")).to_contain_text(sentence)
        expect(page.locator(f"#{name}")).to_be_focused()
        expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{name}")).to_have_value(value)
        expect(page.locator("#nombres")).to_have_value("Camila")
        expect(page.get_by_label("Supervisor")).to_be_checked()
        page.locator("#correo").fill("camila.ospina@x.co")
    found = find_page_problems(page)
    page.locator("#documento").fill(typed["documento"])
    page.locator("#save").click()
    expect(page.locator("#admin-said")).to_contain_text("el correo con la invitación sale")
    assert found + find_page_problems(page) == []


def test_supervisors_do_not_remove_themselves_and_are_asked_before_chats_go_back(open_page, site, marta):
    page = open_page(f"/personas/{marta.id}", bypass_csp=True, reduced_motion="reduce")
    expect(page.get_by_text("solo otro supervisor puede desactivarla")).to_be_visible()
    expect(page.locator("#deactivate")).to_have_count(0)
    page.get_by_label("Agente", exact=False).first.check()
    page.locator("#save").click()
    expect(page.locator("#papel-error")).to_contain_text("No puede quitarse a sí mismo")
    expect(page.locator("[name=papel]:checked")).to_be_focused()
    expect(page.locator("[name=papel]:checked")).to_have_value("agente")
    found = find_page_problems(page)
    page.get_by_label("Supervisor").check()
    pair = site.add_pair("Rosa", "Iván")
    page.locator("#capacidad").fill("4")
    page.locator("#save").click()
    expect(page.locator("#admin-said")).to_contain_text("guardamos")
    page.goto(f"{site.origin}{PAGE}/personas/{pair.agent.id}")
    page.locator("#deactivate").click()
    expect(page.locator("#ask")).to_contain_text("¿Desactivar a Iván con un chat abierto?")
    expect(page.locator("#ask")).to_be_focused()
    found += find_page_problems(page)
    page.locator("#keep").click()
    expect(page.locator("#deactivate")).to_have_text("Desactivar a Iván")
    assert found == []


def test_what_retention_would_delete_is_asked_again_when_it_has_changed(open_page, site, marta):
    def add_old_sign_in(number):
        ago = datetime.now(UTC) - timedelta(days=25)
        row = {"kind": "page", "secret_hash": "x", "created_at": ago, "expires_at": ago}
        SignIn.create(family=f"old-{number}", user=marta.id, **row)

    add_old_sign_in(1)
    page = open_page("/retencion", bypass_csp=True, reduced_motion="reduce")
    page.locator("#ingresos").fill("20")
    for count in (1, 2):
        page.locator("#save").click()
        expect(page.locator("#effect [data-kind=ingresos]")).to_contain_text(f"{count} ingreso")
        expect(page.locator("#effect")).to_be_focused()
        expect(page.locator("#ingresos")).to_have_value("20")
        expect(page.locator("#save")).to_have_text("Guardar y borrar")
        add_old_sign_in(count + 1)
    found = find_page_problems(page)
    # Another supervisor chooses other days meanwhile.
    Retention.insert(id=1).on_conflict_ignore().execute()
    Retention.update(version=Retention.version + 1, notice_days=60).execute()
    page.locator("#save").click()
    expect(page.locator("#clash [role=alert]")).to_contain_text("Otra persona guardó cambios.")
    expect(page.locator("#clash [role=alert]")).to_be_focused()
    found += find_page_problems(page)
    page.locator("#clash-save").click()
    expect(page.locator("#effect")).to_be_focused()
    page.locator("#save").click()
    expect(page.locator("#admin-said")).to_contain_text("guardamos los días")
    row = Retention.get()
    assert (row.sign_in_days, row.notice_days) == (20, 60)
    assert found == []
