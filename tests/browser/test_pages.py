"""Pages in general: sign-in, keyboard, screen readers, narrow screens, size of the first load."""

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.page_checks import TransferMeter, find_page_problems, press_until_focused
from tests.browser.page_objects import (
    DEMO_PASSWORD,
    DeskPageObject,
    set_session_cookie,
    sign_in_agent,
    sign_in_member,
)
from tests.factories import PASSWORD

AGENT = "agente1@demo.beneficiate.co"
ANA = "ana@demo.beneficiate.co"
WAIT_S = 3
LONG = "Buenas tardes, le escribo porque necesito reprogramar la cita de mi mamá con el cardiólogo. " * 9


@pytest.fixture(scope="module")
def settings():
    return {
        "BENEFICIATE_SIGN_IN_ATTEMPTS": 2,
        "BENEFICIATE_SIGN_IN_WAIT_S": WAIT_S,
        # Long enough that no chat of the demo agent returns to the queue between two tests.
        "BENEFICIATE_PRESENCE_GRACE_S": 600,
    }


@pytest.fixture
def page(profiles):
    return profiles.new_context().new_page()


def enter(page, email, password):
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    with page.expect_navigation():
        page.locator("#login-form button[type=submit]").click()


@pytest.fixture(scope="module")
def signed_in(browser, site):
    """Set the cookie of a demo agent, for tests that are not about signing in."""
    context = chromium.new_context(browser)
    sign_in_agent(context.new_page(), site, AGENT)
    yield context.storage_state()
    context.close()


def exhaust_attempts(page, email):
    """Try a wrong password until it is throttled. On a slow machine a first wait may be over too soon."""
    for _ in range(6):
        enter(page, email, "no es esta")
        if page.locator("#login-wait").count():
            return
    raise AssertionError("never throttled")


# ---- Sign-in -------------------------------------------------------------------


def test_failed_sign_in_does_not_say_what_was_wrong(page, site):
    sentences = []
    for email in (AGENT, "nadie@demo.beneficiate.co"):
        page.goto(f"{site.origin}/login")
        enter(page, email, "no es esta")
        problem = page.locator("#login-problem")
        expect(problem).to_have_attribute("data-code", "wrong_credentials")
        expect(page.locator("#email")).to_have_value(email)
        expect(page.locator("#password")).to_have_value("")
        expect(page.locator("#password")).to_be_focused()
        sentences.append(problem.inner_text())
    assert sentences[0] == sentences[1]


def test_too_many_attempts_are_throttled_with_a_countdown(page, site):
    agent = site.add_agent()
    page.goto(f"{site.origin}/login")
    exhaust_attempts(page, agent.user.email)
    wait = page.locator("#login-wait")
    expect(page.locator("#login-problem")).to_have_attribute("data-code", "rate_limited")
    expect(wait).to_have_attribute("data-seconds", re.compile(r"^\d+$"))
    expect(wait).to_contain_text("Puede volver a intentar en 0:01.")
    ready = "Hubo varios intentos seguidos. Ya puede volver a intentar."
    expect(page.locator("#login-problem")).to_have_text(ready, use_inner_text=True)
    expect(wait).to_be_hidden()

    enter(page, agent.user.email, PASSWORD)
    expect(page).to_have_url(f"{site.origin}/agente")


def test_password_can_be_shown(page, site):
    page.goto(f"{site.origin}/login")
    password, eye = page.locator("#password"), page.locator("#password-eye")
    password.fill("una clave")

    eye.click()
    expect(password).to_have_attribute("type", "text")
    expect(eye).to_have_attribute("aria-pressed", "true")
    expect(password).to_be_focused()
    eye.click()
    expect(password).to_have_attribute("type", "password")
    expect(eye).to_have_attribute("aria-pressed", "false")


def test_member_is_led_to_their_account_page(page, site, profiles):
    profiles.expect_console_errors(r"status of 403 \(Forbidden\)")
    page.goto(f"{site.origin}/login")
    enter(page, ANA, DEMO_PASSWORD)
    expect(page).to_have_url(f"{site.origin}/mi")
    for path in ("/agente", "/agente/citas", "/supervisor/pagos"):
        page.goto(f"{site.origin}{path}")
        expect(page.locator("main")).to_have_attribute("data-status", "403")


def test_sign_in_leads_to_the_requested_page_of_the_site_only(page, site):
    chat_id = site.chat_of(ANA)
    page.goto(f"{site.origin}/agente?chat={chat_id}")
    expect(page).to_have_url(re.compile("/login"))
    enter(page, AGENT, DEMO_PASSWORD)
    expect(page).to_have_url(f"{site.origin}/agente?chat={chat_id}")

    page.context.clear_cookies()
    page.goto(f"{site.origin}/login?next=//example.com/")
    enter(page, AGENT, DEMO_PASSWORD)
    expect(page).to_have_url(f"{site.origin}/agente")


def test_remembering_the_sign_in_is_optional(page, site):
    lives = {}
    for remembered in (False, True):
        page.context.clear_cookies()
        page.goto(f"{site.origin}/login")
        page.locator("#remember").set_checked(remembered)
        enter(page, AGENT, DEMO_PASSWORD)
        expect(page).to_have_url(f"{site.origin}/agente")
        lives[remembered] = next(c["expires"] for c in page.context.cookies() if c["name"] == "beneficiate")
    assert lives[False] == -1
    assert lives[True] > 0


def test_sign_out_is_confirmed_and_final(page, site):
    sign_in_agent(page, site, site.add_agent().user.email, PASSWORD)
    page.locator("#rail-logout").click()
    page.locator("#logout-stay").click()
    expect(page.locator("main.desk")).to_be_visible()
    page.locator("#rail-logout").click()
    page.locator("#logout-form button").click()
    expect(page.locator("#login-form")).to_be_visible()

    page.goto(f"{site.origin}/agente")
    expect(page.locator("#login-form")).to_be_visible()
    page.goto(f"{site.origin}/logout")
    expect(page.locator("#go-login")).to_be_visible()


def test_other_tabs_go_to_the_sign_in_and_keep_what_was_typed(page, site, profiles):
    profiles.expect_console_errors("status of 401")
    # Not of the demo agent, whose chats would go to the queue.
    agent = site.add_pair().agent
    sign_in_agent(page, site, agent.user.email, PASSWORD)
    page.locator(".row-name").first.click()
    composer = page.locator("#message")
    composer.fill("tras salir")
    address = page.url
    other = page.context.new_page()
    other.goto(f"{site.origin}/logout")
    other.locator("#logout-form button").click()
    expect(page.locator("#login-form")).to_be_visible()

    enter(page, agent.user.email, PASSWORD)
    expect(page).to_have_url(address)
    expect(composer).to_have_value("tras salir")


PAGES_WITH_PEOPLE = [
    "/agente/citas",
    "/supervisor",
    "/supervisor/pagos",
    "/supervisor/ajustes",
    "/supervisor/ajustes/niveles",
    "/supervisor/ajustes/bloqueos",
    "/supervisor/horario",
    "/supervisor/correos",
    "/supervisor/solicitudes",
    "/supervisor/auditoria",
]


def test_people_are_not_left_on_the_screen_after_a_sign_out_elsewhere(site, profiles):
    profiles.expect_console_errors("status of 401")
    context = profiles.new_context()
    set_session_cookie(context, site, site.add_supervisor())
    tabs = {path: context.new_page() for path in PAGES_WITH_PEOPLE}
    for path, tab in tabs.items():
        tab.goto(f"{site.origin}{path}")
        if (search := tab.locator("input[type=search]")).count():
            search.first.fill("ana")
    other = context.new_page()
    other.goto(f"{site.origin}/logout")
    other.locator("#logout-form button").click()
    for path, tab in tabs.items():
        expect(tab.locator("#login-form"), path).to_be_visible()


def test_theme_is_chosen_for_all_pages(page, site):
    page.goto(f"{site.origin}/login")
    ground = partial(page.evaluate, "getComputedStyle(document.body).backgroundColor")
    seen = [ground()]
    for _ in range(2):
        page.locator("#theme-switch").click()
        seen.append(ground())
    assert seen[0] == seen[1] != seen[2]

    page.goto(f"{site.origin}/demo")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert ground() != seen[1]


# ---- Keyboard ----------------------------------------------------------------


def test_keyboard_is_enough_from_sign_in_to_a_closed_chat(profiles, site):
    pair = site.add_pair()
    page = profiles.new_context().new_page()
    press, write = page.keyboard.press, page.keyboard.type
    desk = DeskPageObject(page, site)

    page.goto(f"{site.origin}/login")
    expect(page.locator("#email")).to_be_focused()
    write(pair.agent.user.email)
    press_until_focused(page, "#password", most=1)
    write(PASSWORD)
    press("Enter")
    desk.wait_connected()

    press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    press_until_focused(page, f"#chat-{pair.chat_id} .row-name", most=20)
    press("Enter")
    expect(desk.message).to_be_focused()
    write("Solo con el teclado")
    press("Shift+Enter")
    write("en dos renglones")
    press("Enter")
    desk.expect_own_message("Solo con el teclado\nen dos renglones", "sent")
    expect(desk.message).to_be_focused()

    press_until_focused(page, "#close-chat", "Shift+Tab")
    press("Enter")
    expect(page.locator("#close-dialog")).to_be_visible()
    press("Escape")
    expect(page.locator("#close-dialog")).to_be_hidden()
    expect(page.locator("#close-chat")).to_be_focused()
    press("Enter")
    press_until_focused(page, "#close-dialog-close", most=3)
    press("Enter")
    expect(desk.closed_notice).to_be_visible()
    expect(page.locator("[data-part=log]")).to_be_focused()


def test_back_and_forward_open_the_chats(profiles, site, signed_in):
    page = profiles.new_context(storage_state=signed_in).new_page()
    desk = DeskPageObject(page, site).open()
    first = site.chat_of(ANA)
    second = site.chat_of("emily.carter@demo.beneficiate.co")
    desk.open_chat(first)
    desk.message.fill("Un borrador para Ana")
    desk.open_chat(second)
    expect(desk.message).to_have_value("")

    page.go_back()
    expect(page.locator("#chat")).to_have_attribute("data-chat-id", str(first))
    expect(desk.row(first)).to_have_class(re.compile("is-picked"))
    expect(desk.message).to_have_value("Un borrador para Ana")
    page.go_back()
    expect(page.locator("main.desk")).not_to_have_class(re.compile("has-detail"))
    page.go_forward()
    expect(page.locator("#chat")).to_have_attribute("data-chat-id", str(first))


# ---- Every page in every state -----------------------------------------------------


def login(page, site):
    page.goto(f"{site.origin}/login")


def login_refused(page, site):
    login(page, site)
    enter(page, "alguien@demo.beneficiate.co", "no es esta")
    expect(page.locator("#login-problem")).to_be_visible()


def login_waiting(page, site):
    login(page, site)
    exhaust_attempts(page, "otro@demo.beneficiate.co")


def logout(page, site):
    page.goto(f"{site.origin}/logout")


def desk_empty(page, site):
    sign_in_agent(page, site, site.add_agent().user.email, PASSWORD)
    expect(page.locator("#no-chats")).to_be_visible()


def desk_list(page, site):
    DeskPageObject(page, site).open()


def desk_conversation(page, site):
    DeskPageObject(page, site).open(site.chat_of("kelly.barrios@demo.beneficiate.co"))


def desk_long(page, site):
    """Show long words, long messages and a long draft."""
    pair = site.add_pair("Maximiliana Hermenegilda de los Ángeles", "Guillermina del Perpetuo Socorro")
    desk = sign_in_agent(page, site, pair.agent.user.email, PASSWORD)
    desk.open_chat(pair.chat_id)
    desk.send_messages(LONG, "https://ejemplo.co/" + "a" * 300)
    desk.message.fill(LONG * 5)


def desk_closed(page, site):
    pair = site.add_pair()
    desk = sign_in_agent(page, site, pair.agent.user.email, PASSWORD)
    desk.open_chat(pair.chat_id)
    desk.close_chat()


def desk_closing(page, site):
    desk_conversation(page, site)
    page.locator("#close-chat").click()


def demo_signed_out(page, site):
    page.goto(f"{site.origin}/demo")


def demo_signed_in(page, site):
    sign_in_member(page, site)
    expect(page.locator("[data-line]").first).to_be_visible()


def demo_without_a_chat(page, site):
    sign_in_member(page, site, "luis@demo.beneficiate.co")
    expect(page.locator("#start")).to_be_visible()


def no_such_page(page, site):
    page.goto(f"{site.origin}/no-existe")
    expect(page.locator("main")).to_have_attribute("data-status", "404")


STATES = [
    login,
    login_refused,
    login_waiting,
    logout,
    desk_empty,
    desk_list,
    desk_conversation,
    desk_long,
    desk_closing,
    desk_closed,
    demo_signed_out,
    demo_signed_in,
    demo_without_a_chat,
    no_such_page,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_is_accessible_in_both_themes_and_fits(state, profiles, site, signed_in):
    if state is no_such_page:
        profiles.expect_console_errors(r"status of 404 \(Not Found\) \(\S+/no-existe\)")
    page = profiles.new_context(storage_state=signed_in, bypass_csp=True, reduced_motion="reduce").new_page()
    state(page, site)
    assert find_page_problems(page) == []


def test_page_has_title_language_heading_and_landmarks(profiles, site, signed_in):
    profiles.expect_console_errors("status of 404")
    page = profiles.new_context(storage_state=signed_in).new_page()
    titles = set()
    for state in (login, desk_list, demo_signed_out, no_such_page):
        state(page, site)
        titles.add(page.title())
        assert page.locator("html").get_attribute("lang") == "es-CO"
        assert page.locator("h1").count() == 1
        assert page.locator("main#contenido").count() == 1
    assert len(titles) == 4


def test_narrow_screen_shows_the_list_or_the_conversation(profiles, site, signed_in):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = profiles.new_context(storage_state=signed_in, **phone).new_page()
    desk = DeskPageObject(page, site).open()
    expect(page.locator(".list-pane")).to_be_visible()
    expect(page.locator("#chat")).to_be_hidden()

    desk.row(site.chat_of(ANA)).locator(".row-name").tap()
    expect(page.locator("#chat-title")).to_be_visible()
    expect(page.locator(".list-pane")).to_be_hidden()
    expect(desk.message).not_to_be_focused()  # a keyboard that slides over half the screen is not opened unasked
    page.locator("#chat-back").tap()
    expect(page.locator(".list-pane")).to_be_visible()


def test_nothing_is_animated_with_reduced_motion(profiles, site):
    pair = site.add_pair()
    desk, member = profiles.desk(pair, reduced_motion="reduce"), profiles.member(pair)
    member.message.press_sequentially("Bue")
    expect(desk.typing).to_be_visible()
    running = "document.getAnimations().map((moving) => moving.animationName ?? moving.transitionProperty)"
    assert desk.page.evaluate(running) == []

    desk.page.emulate_media(reduced_motion="no-preference")
    assert desk.page.evaluate(running) == ["hop"] * 3


# ---- First load ---------------------------------------------------------------------------


def test_first_load_of_the_desk_is_light(profiles, site, signed_in):
    page = profiles.new_context(storage_state=signed_in).new_page()
    meter = TransferMeter(page)
    DeskPageObject(page, site).open(site.chat_of(ANA))
    meter.expect_light(min_responses=11)


def test_layout_is_stable_while_the_desk_loads(profiles, site, signed_in):
    page = profiles.new_context(storage_state=signed_in).new_page()
    page.add_init_script("""
        window.moved = 0;
        new PerformanceObserver((list) => {
          for (const shift of list.getEntries()) window.moved += shift.value;
        }).observe({ type: "layout-shift", buffered: true });
    """)
    for chat_id in (None, site.chat_of(ANA)):
        DeskPageObject(page, site).open(chat_id)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved") < 0.01


def test_name_from_right_to_left_turns_nothing_beside_it(profiles, site):
    ana = site.add_member("שלום")
    context = profiles.new_context()
    set_session_cookie(context, site, ana)
    page = context.new_page()
    page.goto(f"{site.origin}/mi")
    before_and_after = """name => {
      const line = document.createElement("p");
      line.innerHTML = "<small>1</small> <b></b> <small>2</small>";
      line.children[1].textContent = name;
      document.querySelector("main").prepend(line);
      return [...line.children].map((part) => part.getBoundingClientRect().x);
    }"""
    places = page.evaluate(before_and_after, ana.user.first_name)
    assert places == sorted(places)
