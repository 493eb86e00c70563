"""The chat on the members' own pages: who it knows, what ends it, what it weighs, and where it leads."""

import re

import pytest
from playwright.sync_api import expect

from beneficiate.domain.notices import NoticeChoices
from beneficiate.queries.notices import load_choices
from tests.browser.page_checks import Requests, find_page_problems
from tests.browser.page_objects import WidgetPageObject, set_session_cookie, wait_until
from tests.browser.payment_pages import LocalWompiTools, create_payment_link
from tests.factories import PASSWORD

PHONE, EMAIL = "601 555 0100", "ayuda@beneficiate.example"
PAGES_OF_MEMBERS = ("/mi", "/pagos", "/planes", "/login")
MEASURED = {"bypass_csp": True, "reduced_motion": "reduce"}
SMALL = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
MOST_BYTES, MOST_REQUESTS, MOST_AGAIN = 105 * 1024, 25, 5
LANDMARKS = """async () => {
    const rules = ["landmark-no-duplicate-banner", "landmark-unique", "landmark-banner-is-top-level"];
    const { violations } = await axe.run(document, { runOnly: rules });
    return violations.map(({ id }) => id);
}"""


@pytest.fixture(scope="module")
def settings():
    return {
        "BENEFICIATE_CONTACT_PHONE": PHONE,
        "BENEFICIATE_CONTACT_EMAIL": EMAIL,
        "BENEFICIATE_ATTACHMENT_BYTES": 1024 * 1024,
    }


@pytest.fixture
def open_page(profiles, site):
    """Return a function that opens a page in a new profile, for a person or for nobody yet."""

    def open_it(path, who=None, **options):
        context = profiles.new_context(**options)
        if who is not None:
            set_session_cookie(context, site, who)
        page = context.new_page()
        page.goto(f"{site.origin}{path}")
        return WidgetPageObject(page, site)

    return open_it


def add_paid_payment(site, member):
    payment_id, link_id = create_payment_link(site, member.token, "FAMILY")
    LocalWompiTools(site).create_transaction(link_id)
    return payment_id


@pytest.mark.parametrize("path", PAGES_OF_MEMBERS)
def test_member_of_the_page_is_the_member_of_the_chat(path, open_page, site):
    pair = site.add_pair()
    member = open_page(path, pair.member)
    member.wait_connected()
    member.launcher.click()
    member.send_messages("Desde mi página")
    member.expect_own_message("Desde mi página", "sent")
    assert site.stored_messages(pair.chat_id)[-1][2] == "Desde mi página"
    assert not [key for key in member.page.evaluate("Object.keys(localStorage)") if "session" in key]


def test_member_of_a_payment_page_is_the_member_of_the_chat(open_page, site):
    ana = site.add_member("Ana")
    payment_id, _ = create_payment_link(site, ana.token, "FAMILY")
    open_page(f"/pagos/{payment_id}", ana).wait_connected()


def test_chat_is_opened_before_it_is_known_who_the_person_is(open_page, site):
    pair = site.add_pair()
    member = open_page("/planes", pair.member)
    member.wait_connected()
    held = []
    member.page.route("**/api/v1/auth/me", lambda route: held.append(route))
    member.page.reload()
    member.launcher.click()
    expect(member.panel).to_be_visible()
    member.page.route("**/api/v1/auth/me", lambda route: route.continue_())
    for route in held:
        route.continue_()
    member.wait_connected()
    expect(member.message).to_be_visible()


@pytest.mark.parametrize("path", ["/planes", "/mi", "/pagos"])
def test_staff_have_no_chat_with_the_call_centre(path, open_page, site):
    page = open_page(path, site.add_agent()).page
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("#beneficiate")).to_have_count(0)


def test_sign_out_in_the_chat_signs_out_of_the_page(open_page, site):
    pair = site.add_pair()
    member = open_page("/mi", pair.member)
    member.wait_connected()
    member.launcher.click()
    member.message.fill("Un borrador")
    member.sign_out()
    expect(member.page).to_have_url(re.compile("/login"))
    kept = member.page.evaluate("Object.keys(localStorage)")
    assert not [key for key in kept if f":{pair.member.id}:" in key]
    member.page.goto(f"{site.origin}/mi")
    expect(member.page).to_have_url(re.compile("/login"))


def test_sign_out_of_the_page_signs_out_of_the_chat_in_every_tab(open_page, site, new_tab, profiles):
    profiles.expect_console_errors("status of 401")
    pair = site.add_pair()
    member = open_page("/mi", pair.member)
    member.wait_connected()
    member.launcher.click()
    member.message.fill("Un borrador")
    other = new_tab(member)
    expect(other.message).to_have_value("Un borrador")

    member.page.locator("#minimise").click()
    member.page.locator("#site-logout").click()
    member.page.locator("#logout-form button").click()
    expect(member.page).to_have_url(re.compile("/login"))
    draft = f"beneficiate:widget:{pair.member.id}:message"
    wait_until(member.page, "(draft) => localStorage.getItem(draft) === null", draft)
    member.launcher.click()
    expect(member.page.locator("#sign-in")).to_be_visible()
    expect(other.page).to_have_url(re.compile("/login"))


def test_own_sign_in_of_the_chat_ends_when_the_page_signs_in(open_page, site):
    ana, berta = site.add_member("Ana"), site.add_member("Berta")
    visitor = open_page("/planes")
    visitor.launcher.click()
    visitor.page.locator("#sign-in-email").fill(ana.user.email)
    visitor.page.locator("#sign-in-password").fill(PASSWORD)
    with visitor.page.expect_response("**/auth/login") as answered:
        visitor.page.locator("#sign-in-go").click()
    refresh_token = answered.value.json()["data"]["refreshToken"]
    visitor.wait_connected()
    set_session_cookie(visitor.page.context, site, berta)
    visitor.page.reload()
    visitor.wait_connected()
    visitor.show_tab("plan")
    expect(visitor.page.locator("#head-name")).not_to_contain_text("Ana")
    expect(visitor.page.locator("#head-status")).to_contain_text("Berta")
    renewed = visitor.page.context.request.post(
        f"{site.origin}/api/v1/auth/refresh-token", data={"refreshToken": refresh_token}
    )
    assert renewed.status == 401


def test_paid_page_leads_to_the_assistant(open_page, site):
    ana = site.add_member("Ana")
    member = open_page(f"/pagos/{add_paid_payment(site, ana)}", ana)
    member.wait_connected()
    book = member.page.locator("#go-book")
    expect(book).to_have_text("Pedir una cita")
    expect(book).to_have_class(re.compile("btn--main"))
    book.press("Enter")
    expect(member.panel).to_be_visible()
    expect(member.page.locator("#tab-bot")).to_have_attribute("aria-selected", "true")
    expect(member.page.locator("#bot-log")).to_contain_text("cita")


def test_account_page_leads_to_the_assistant(open_page, site):
    member = open_page("/mi", site.add_member("Ana", plan="FAMILY"))
    member.wait_connected()
    member.page.locator("#book").click()
    expect(member.page.locator("#tab-bot")).to_have_attribute("aria-selected", "true")


def test_links_of_the_chat_are_not_hidden_by_it_on_a_phone(open_page, site):
    member = open_page("/mi", site.add_member("Ana"), **SMALL)
    member.wait_connected()
    member.launcher.click()
    part = member.show_tab("plan")
    with member.page.expect_popup() as opened:
        part.get_by_text("Ver los planes").click()
    page = opened.value
    page.wait_for_load_state("networkidle")
    expect(page.locator("#launcher")).to_be_visible()
    expect(page.locator("#panel")).to_be_hidden()
    expect(member.panel).to_be_visible()


def test_member_chooses_in_the_chat_how_to_be_told(open_page, site, profiles):
    profiles.expect_console_errors("ERR_FAILED|422")
    ana = site.add_member("Ana")
    member = open_page("/mi", ana, **SMALL)
    member.wait_connected()
    member.launcher.click()
    page, part = member.page, member.show_tab("plan")
    page.route("**/later.js", lambda route: route.abort())
    part.locator("#plan-notices").click()
    expect(page.locator("#plan-problem")).to_have_text("No hay conexión. Intente de nuevo en un momento.")
    page.unroute("**/later.js")
    part.locator("#plan-notices").click()
    expect(page.locator("#notices-form")).to_be_focused()
    page.get_by_role("switch", name="Mensajes del chat, Correo").uncheck()
    page.get_by_role("switch", name="No avisar a estas horas").check()
    page.locator("#notices-from").select_option("22")
    page.locator("#notices-until").select_option("22")
    page.locator("#notices-save").click()
    expect(page.locator("#notices-problem")).to_contain_text("Elija dos horas distintas")
    assert load_choices(ana.id) == NoticeChoices()
    page.locator("#notices-until").select_option("6")
    page.locator("#notices-save").click()
    expect(page.locator("#notices-done")).to_have_text("Listo: guardamos cómo le avisamos.")
    expect(page.locator("#notices-problem")).to_be_empty()
    assert load_choices(ana.id) == NoticeChoices(frozenset({"chat.email"}), 22, 6)
    page.locator("#notices-back").click()
    expect(part.locator("#plan-notices")).to_be_focused()
    expect(page.locator("#notices-form")).to_have_count(0)
    page.goto(f"{site.origin}/mi/avisos")
    expect(page.get_by_role("switch", name="Mensajes del chat, por correo")).not_to_be_checked()
    expect(page.locator("#quiet")).to_be_checked()


def test_refused_payment_is_a_warning_until_the_plan_starts(open_page, site):
    ana = site.add_member("Ana")
    member = open_page("/mi", ana)
    member.wait_connected()
    member.launcher.click()
    _, link_id = create_payment_link(site, ana.token, "FAMILY")
    LocalWompiTools(site).create_transaction(link_id, "DECLINED")
    refused, started = (member.page.locator(f"[data-notice={kind}]") for kind in ("payment", "plan"))
    expect(refused).to_contain_text("El pago no fue aprobado")
    warning = refused.evaluate("one => getComputedStyle(one).backgroundColor")
    LocalWompiTools(site).create_transaction(link_id)
    expect(started).to_contain_text("Su plan está activo")
    expect(refused).to_have_count(0)
    assert started.evaluate("one => getComputedStyle(one).backgroundColor") != warning


@pytest.mark.parametrize(
    ("name", "kind", "size", "why"),
    [("foto.png", "image/png", 1024 * 1024 + 1, "Pesa más de 1 MB"), ("nota.txt", "text/plain", 5, "Solo se envían")],
)
def test_file_that_would_be_refused_is_not_sent(name, kind, size, why, open_page, site):
    member = open_page("/mi", site.add_pair().member)
    member.wait_connected()
    sent = []
    member.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    member.launcher.click()
    member.page.locator("#files").set_input_files({"name": name, "mimeType": kind, "buffer": b"x" * size})
    message = member.expect_own_message(name, "failed")
    expect(message.locator("[data-part=why]")).to_contain_text(why)
    expect(message.locator("[data-do=retry]")).to_have_count(0)
    message.locator("[data-do=discard]").click()
    expect(member.find_message(name)).to_have_count(0)
    assert not [url for url in sent if "attachments" in url]


def test_help_without_an_account(open_page):
    visitor = open_page("/login")
    help_text = visitor.page.locator("#login-help")
    expect(help_text.locator("#help-phone")).to_have_attribute("href", "tel:601-555-0100")
    expect(help_text.locator("#help-email")).to_have_attribute("href", f"mailto:{EMAIL}")
    expect(help_text.locator("#help-hours")).to_have_text("Hoy: todo el día · Abierto ahora")
    visitor.launcher.click()
    links = visitor.page.locator("#sign-in-help a")
    expect(links).to_have_text([PHONE, EMAIL, "Ver los planes"])
    assert [link.get_attribute("href") for link in links.all()][:2] == ["tel:601-555-0100", f"mailto:{EMAIL}"]


@pytest.mark.parametrize("path", PAGES_OF_MEMBERS)
def test_page_with_the_chat_closed_and_open_is_accessible_and_fits(path, open_page, site):
    who = None if path == "/login" else site.add_member("Ana", plan="FAMILY")
    member = open_page(path, who, **MEASURED)
    if who is not None:
        member.wait_connected()
    expect(member.launcher).to_be_visible()
    found = find_page_problems(member.page) + member.page.evaluate(LANDMARKS)
    member.launcher.click()
    expect(member.panel).to_be_visible()
    assert found + find_page_problems(member.page) + member.page.evaluate(LANDMARKS) == []


@pytest.mark.parametrize("path", PAGES_OF_MEMBERS)
def test_chat_is_light_and_is_not_loaded_again(path, profiles, site):
    """The limits are of the whole page. The WebSocket is one request more."""
    who = site.add_member("Ana")
    context = profiles.new_context()
    if path != "/login":
        set_session_cookie(context, site, who)
    for load, most in (("first", MOST_REQUESTS), ("second", MOST_AGAIN)):
        page = context.new_page()
        requests = Requests(page)
        page.goto(f"{site.origin}{path}")
        expect(page.locator("#launcher")).to_be_visible()
        addresses, size = requests.settle()
        print(f"{path}, {load} load: {len(addresses)} requests, {size / 1024:.1f} KB")
        assert len(addresses) <= most, addresses
        assert size <= MOST_BYTES
        if load == "second":
            assert not [address for address in addresses if "/static/" in address]
        page.close()


def test_who_waits_for_a_person_sees_the_queue_after_a_reload(open_page, site):
    page = open_page("/mi", site.add_member("Ana", "FAMILY")).page
    page.locator("#launcher").click()
    page.locator("#tab-bot").click()
    page.locator("#bot-start").click()
    page.locator("#bot-person").click()
    expect(page.locator("#queue")).to_be_visible()
    page.locator("#tab-bot").click()
    page.reload()
    expect(page.locator("#queue")).to_be_visible()
    expect(page.locator("#tab-chat")).to_have_attribute("aria-selected", "true")
    # Nobody asked for the focus.
    assert page.evaluate("document.activeElement === document.body")

    # In another part one stays.
    page.locator("#tab-plan").click()
    page.reload()
    expect(page.locator("#bot-news")).to_have_text("1")
    expect(page.locator("#tab-plan")).to_have_attribute("aria-selected", "true")
