"""The administration: what is not saved is counted and asked about, two supervisors do not overwrite each other."""

import pytest
from playwright.sync_api import expect

from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import CannedReply, Topic
from beneficiate.models.payments import Plan
from beneficiate.models.professionals import Professional, Specialty
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


def test_errors_conflicts_and_unknown_invitations_are_accessible(open_page, site, profiles):
    profiles.expect_console_errors("status of 404")
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
    found += find_page_problems(page)
    page.goto(f"{site.origin}/invitacion/{'x' * 43}")
    found += find_page_problems(page)
    assert found == []
