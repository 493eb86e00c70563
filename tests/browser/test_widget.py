"""The widget on a page of another site, and all its parts but chatting and booking."""

import json
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from beneficiate.formatting import bogota_date
from beneficiate.tokens import AccessTokens
from tests import servers
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import WidgetPageObject, set_session_cookie, sign_in_member, wait_until, widget_storage
from tests.browser.test_connection import SocketProxy
from tests.factories import PASSWORD, SECRET

PORT = servers.free_port()
TOKEN_S = 900
ELSEWHERE = f"http://127.0.0.1:{PORT}"
CLOSED = {"is_open": False, "opens_at": "2026-08-25T13:00:00Z", "sentence": "Volvemos el martes a las 8:00 a. m."}
OPEN = {"is_open": True, "opens_at": None, "sentence": ""}
MEASURED = {"bypass_csp": True, "reduced_motion": "reduce"}
HOSTILE_PAGE = """<!doctype html><html lang="es"><title>Otra</title>
<style>div:empty {{ display: none }} #beneficiate {{ opacity: 0; transform: scale(0); visibility: hidden }}</style>
<h1 id="Beneficiate">Otra</h1>
<script>window.resized = 0; visualViewport.onresize = () => {{ resized += 1 }};</script>
<script type="module" src="{origin}/static/widget/widget.js" data-position="left"></script></html>"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    # Long enough that no chat of a test that has ended returns to the queue while another test counts it.
    files = tmp_path_factory.mktemp("files")
    return {"BENEFICIATE_ORIGINS": ELSEWHERE, "BENEFICIATE_FILES": files, "BENEFICIATE_PRESENCE_GRACE_S": 600}


@pytest.fixture(scope="module", autouse=True)
def elsewhere(site):
    """Serve the page of another company with a strict policy; tests call the widget as its scripts would."""
    page = f"""<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Otra empresa</title>
        <meta name="viewport" content="width=device-width"></head>
        <body><h1>Otra empresa</h1>
        <script src="{site.origin}/static/widget/widget.js" data-accent="#7a1f5c" data-position="left"></script>
        </body></html>"""
    socket = site.origin.replace("http", "ws")
    policy = f"default-src 'none'; style-src 'self'; script-src {site.origin}; connect-src {site.origin} {socket}"

    pages = {"/": page, "/hostil": HOSTILE_PAGE.format(origin=site.origin)}

    class Company(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in pages else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if self.path == "/":
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", PORT), Company)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def pair(site):
    return site.add_pair()


@pytest.fixture
def hours():
    """Return a function that answers a page's request for the business hours."""

    def set_hours(page, opening):
        answer = {"message": "OK", "data": opening, "statusCode": 200}
        page.route("**/api/v1/hours", lambda route: route.fulfill(json=answer))

    return set_hours


@pytest.fixture
def embedded(profiles, site):
    """Return a function that opens the widget on the other site, for a signed-in member or for nobody yet."""

    def open_it(member=None, refreshed=(), has_clock=False, **options):
        page = profiles.new_context(**options).new_page()
        if has_clock:
            page.clock.install()
        tokens = iter(refreshed)
        page.expose_function("anotherToken", lambda: next(tokens, None))
        page.goto(ELSEWHERE)
        if member is not None:
            token = AccessTokens(SECRET, TOKEN_S).issue(member.id)
            page.evaluate(
                """token => Beneficiate.start({ token, refresh: async () => {
                    const fresh = await window.anotherToken();
                    window.isRenewed = true;
                    return fresh;
                } })""",
                token,
            )
        page.evaluate("Beneficiate.open()")
        side = WidgetPageObject(page, site)
        if member is not None:
            side.wait_connected()
        return side

    return open_it


@pytest.fixture
def lone(profiles, site):
    """Return a function that opens the demo page for a new member without chats."""

    def open_it(opening, hours, first_name="Ana", **options):
        them = site.add_member(first_name)
        page = profiles.new_context(storage_state=widget_storage(them, site), **options).new_page()
        hours(page, opening)
        return WidgetPageObject(page, site).open()

    return open_it


# ---- On another site --------------------------------------------------------------------


def test_widget_works_on_another_site_with_a_strict_policy(profiles, pair, embedded):
    member, desk = embedded(pair.member), profiles.desk(pair)
    member.send_messages("Buenas, desde otra página")
    desk.expect_message("Buenas, desde otra página")
    desk.send_messages("Cuénteme")
    member.expect_message("Cuénteme")
    desk.expect_own_message("Cuénteme", "read")
    expect(member.page.locator("#head-name")).to_have_text(pair.agent.user.name)
    expect(member.page.locator("#head-status")).to_have_text("En línea")
    assert (member.panel.bounding_box() or {})["x"] < 100  # data-position


def test_widget_works_on_a_page_that_has_its_name_and_hides_what_it_does_not_know(profiles, pair, site):
    page = profiles.new_context().new_page()
    page.goto(f"{ELSEWHERE}/hostil")
    token = AccessTokens(SECRET, 900).issue(pair.member.id)
    wait_until(page, "Boolean(window.Beneficiate?.signOut)")
    page.evaluate("token => Beneficiate.start({ token })", token)
    page.evaluate("Beneficiate.open()")
    member = WidgetPageObject(page, site)
    member.wait_connected()
    expect(member.panel).to_be_visible()
    assert (member.panel.bounding_box() or {})["width"] > 300
    member.send_messages("Aquí estoy")
    member.expect_own_message("Aquí estoy", "sent")
    page.evaluate("visualViewport.dispatchEvent(new Event('resize'))")
    assert page.evaluate("window.resized") == 1


def test_widget_works_with_storage_and_locks_blocked(profiles, pair, site):
    page = profiles.new_context().new_page()
    page.add_init_script(
        """const blocked = () => { throw new DOMException("blocked", "SecurityError"); };
        Object.defineProperty(window, "localStorage", { get: blocked });
        navigator.locks.request = async () => blocked();"""
    )
    page.goto(ELSEWHERE)
    wait_until(page, "Boolean(window.Beneficiate)")
    page.evaluate("Beneficiate.open()")
    page.locator("#sign-in-email").fill(pair.member.user.email)
    page.locator("#sign-in-password").fill(PASSWORD)
    page.locator("#sign-in-go").click()
    member = WidgetPageObject(page, site)
    member.wait_connected()
    member.send_messages("Sin memoria")
    member.expect_own_message("Sin memoria", "sent")


def test_cause_is_said_when_the_connection_does_not_open(profiles, pair):
    member = profiles.member(pair)
    warnings = []
    member.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    proxy = SocketProxy(member.page)
    proxy.is_shut = True
    member.page.clock.install()
    member.page.reload()
    member.page.clock.fast_forward(2_000)
    expect(member.connection_bar).to_contain_text("Conectando…")
    expect(member.connection_bar).not_to_contain_text("Hay internet")
    member.page.clock.fast_forward(9_000)
    expect(member.connection_bar).to_contain_text("Hay internet, pero no logramos conectar")
    assert any("no WebSocket to ws://" in text for text in warnings)


def test_unread_messages_are_counted_on_the_launcher(profiles, pair, embedded):
    member, desk = embedded(pair.member), profiles.desk(pair)
    member.page.locator("#minimise").click()
    expect(member.launcher).to_be_focused()
    expect(member.launcher).to_have_attribute("aria-label", "Abrir el chat")
    desk.send_messages("Uno", "Dos")
    expect(member.page.locator("#badge")).to_have_text("2")
    expect(member.launcher).to_have_attribute("aria-label", "Abrir el chat, 2 sin leer")
    desk.expect_own_message("Dos", "delivered")

    member.launcher.click()
    expect(member.message).to_be_focused()
    expect(member.page.locator("#badge")).to_be_hidden()
    desk.expect_own_message("Dos", "read")


def test_messages_read_in_one_tab_are_read_in_all(profiles, pair, new_tab):
    desk, member = profiles.desk(pair), profiles.member(pair)
    other = new_tab(member)
    other.page.locator("#minimise").click()
    member.show_tab("plan")
    desk.send_messages("¿Sigue ahí?")
    for tab in (member, other):
        expect(tab.page.locator("#chat-news")).to_have_text("1")
    member.show_tab("chat")
    for tab in (member, other):
        expect(tab.page.locator("#badge")).to_be_hidden()


def test_token_is_renewed_before_it_expires_without_reconnecting(profiles, embedded, pair):
    member = embedded(pair.member, refreshed=[AccessTokens(SECRET, 2 * TOKEN_S).issue(pair.member.id)], has_clock=True)
    member.page.evaluate("""() => {
        window.seen = [];
        const bar = document.getElementById("beneficiate").shadowRoot.getElementById("connection");
        new MutationObserver(() => window.seen.push(bar.dataset.state)).observe(bar, { attributes: true });
    }""")
    member.page.clock.fast_forward(1000 * (TOKEN_S - 5))
    wait_until(member.page, "window.isRenewed")
    # That jump also asked whether the server is there: at the next one an answer under way would be taken for lost.
    member.send_messages("Ya respondió")
    member.expect_own_message("Ya respondió", "sent")
    member.page.clock.fast_forward(1000 * TOKEN_S / 2)
    member.send_messages("Sigo aquí")
    member.expect_own_message("Sigo aquí", "sent")
    assert member.page.evaluate("window.seen") == []


def test_draft_survives_the_sign_in_after_an_expired_token(embedded, pair):
    member = embedded(pair.member, has_clock=True)
    member.page.evaluate("void Beneficiate.on('signout', () => { window.isOut = true; })")
    member.message.fill("A medias")
    member.page.clock.fast_forward(1000 * TOKEN_S)
    expect(member.page.locator("#sign-in-problem")).to_contain_text("Su sesión terminó.")
    assert member.page.evaluate("window.isOut")
    member.page.locator("#sign-in-email").fill(pair.member.user.email)
    member.page.locator("#sign-in-password").fill(PASSWORD)
    member.page.locator("#sign-in-go").click()
    expect(member.message).to_have_value("A medias")


def test_draft_that_another_tab_sent_is_not_sent_again(profiles, pair, new_tab):
    member = profiles.member(pair)
    member.message.fill("¿Ya está")
    other = new_tab(member)
    expect(other.message).to_have_value("¿Ya está")
    other.message.press_sequentially(" listo?")
    expect(member.message).to_have_value("¿Ya está listo?")
    other.message.press("Enter")
    expect(member.message).to_have_value("")
    member.message.press("Enter")
    member.expect_own_message("¿Ya está listo?", "sent")


def test_first_message_that_another_tab_sent_is_not_sent_again(lone, hours, new_tab):
    member = lone(CLOSED, hours)
    other = new_tab(member)
    member.page.locator("#start-message").fill("Necesito mover una cita")
    expect(other.page.locator("#start-message")).to_have_value("Necesito mover una cita")
    other.page.locator("#start-go").click()
    expect(member.page.locator("#start-message")).to_have_value("")
    for tab in (member, other):
        tab.expect_own_message("Necesito mover una cita", "sent")


def test_sign_out_leaves_nothing_in_local_storage(profiles, embedded, pair):
    profiles.expect_console_errors("status of 401")
    member = embedded()
    for password in ("no es esta", PASSWORD):
        member.page.locator("#sign-in-email").fill(pair.member.user.email)
        member.page.locator("#sign-in-password").fill(password)
        member.page.locator("#sign-in-go").click()
        if password != PASSWORD:
            expect(member.page.locator("#sign-in-problem")).to_contain_text("contraseña")
    member.wait_connected()
    member.send_messages("Hola")
    member.expect_own_message("Hola", "sent")
    member.message.fill("Un borrador")
    member.page.reload()
    expect(member.message).to_have_value("Un borrador")

    member.sign_out()
    expect(member.page.locator("#sign-in")).to_be_visible()
    kept = member.page.evaluate("Object.keys(localStorage)")
    assert kept == ["beneficiate:widget:look:open", "beneficiate:widget:session:device"]
    member.page.reload()
    expect(member.page.locator("#sign-in")).to_be_visible()


def test_other_sites_may_load_the_widget_and_nothing_else(site, profiles):
    context = profiles.new_context()
    for path, allowed in (
        ("widget/app.js", "*"),
        ("widget/later.js", "*"),
        ("widget/widget.css", "*"),
        ("src/core/connection.js", None),
    ):
        answer = context.request.get(f"{site.origin}/static/{path}")
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert answer.headers.get("cross-origin-resource-policy") == ("cross-origin" if allowed else None)


# ---- The queue and closed chats -----------------------------------------------------------


def test_queue_position_is_updated_live(site, lone, hours):
    site.empty_queue()
    first, second = lone(OPEN, hours, "Ana"), lone(OPEN, hours, "Berta")
    first.page.locator("#start-go").click()
    title = first.page.locator("#queue .w-turn-title")
    expect(title).to_have_text("Sigue usted")
    second.page.locator("#start-message").fill("Necesito un certificado")
    second.page.locator("#start-go").click()
    second.expect_own_message("Necesito un certificado", "sent")
    title = second.page.locator("#queue .w-turn-title")
    expect(title).to_have_text("1 persona antes de usted")
    second.page.reload()
    expect(title).to_have_text("1 persona antes de usted")

    first.page.locator("#leave-queue").click()
    expect(first.page.locator("#start")).to_be_visible()
    expect(title).to_have_text("Sigue usted")


def test_closed_call_centre_takes_a_message(site, lone, hours):
    member = lone(CLOSED, hours)
    start = member.page.locator("#start")
    expect(start).to_contain_text(CLOSED["sentence"])
    expect(member.page.locator("#head-status")).to_have_text("Fuera de horario")
    start.locator("#start-go").click()
    expect(start.locator("#start-message")).to_be_focused()
    start.locator("#start-message").fill("Necesito mover una cita")
    member.page.reload()
    expect(start.locator("#start-message")).to_have_value("Necesito mover una cita")
    start.locator("#start-go").click()
    member.expect_own_message("Necesito mover una cita", "sent")
    expect(member.page.locator("#queue")).to_contain_text(CLOSED["sentence"])


def test_open_widget_follows_a_change_of_the_hours(profiles, site, lone, hours):
    member = lone(OPEN, hours)
    member.wait_connected()
    expect(member.page.locator("#head-status")).not_to_have_text("Fuera de horario")
    hours(member.page, CLOSED)
    context = profiles.new_context()
    set_session_cookie(context, site, site.add_supervisor())
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/horario")
    page.locator("#fecha").fill((bogota_date(datetime.now(UTC)) + timedelta(days=60)).isoformat())
    page.locator("[name=que][value=cerrado]").check()
    page.locator("#save-day").click()
    expect(page).to_have_url(re.compile("listo="))
    expect(member.page.locator("#head-status")).to_have_text("Fuera de horario")


def test_widget_is_open_when_business_hours_cannot_be_loaded(profiles, lone, site):
    profiles.expect_console_errors("status of 404")
    member = lone(OPEN, lambda page, _: page.route("**/api/v1/hours", lambda route: route.fulfill(status=404, json={})))
    expect(member.page.locator("#start")).to_contain_text("¿En qué le ayudamos?")


def test_bot_passes_the_member_to_an_agent(lone, hours):
    member = lone(OPEN, hours)
    member.show_tab("bot")
    member.page.locator("#bot-start").click()
    member.page.locator("#bot-person").click()
    expect(member.page.locator("#tab-chat")).to_have_attribute("aria-selected", "true")
    expect(member.page.locator("#queue")).to_be_visible()


def test_what_is_written_to_the_bot_after_asking_for_a_person_is_in_the_chat(lone, hours):
    member = lone(OPEN, hours)
    member.show_tab("bot")
    member.page.locator("#bot-start").click()
    # Before the first question there is nothing to answer: what is typed stays in its field.
    expect(member.page.locator("#bot-step")).to_be_visible()
    member.page.locator("#bot-message").fill("agente")
    member.page.locator("#bot-message").press("Enter")
    expect(member.page.locator("#tab-chat")).to_have_attribute("aria-selected", "true")
    for said in ("hola? hay alguien?", "hola doctora"):
        member.show_tab("bot")
        expect(member.page.locator("#bot-step")).to_be_hidden()
        member.page.locator("#bot-message").fill(said)
        member.page.locator("#bot-message").press("Enter")
        expect(member.page.locator("#tab-chat")).to_have_attribute("aria-selected", "true")
        member.expect_own_message(said, "sent")


def test_chat_is_rated_once_downloaded_and_reopened(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    member.send_messages("Gracias por todo")
    desk.expect_message("Gracias por todo")
    desk.close_chat()
    rate = member.page.locator("#rate")
    expect(rate.locator("legend")).to_have_text(f"¿Cómo le fue con {pair.agent.user.first_name}?")
    rate.locator("input[value='4']").check(force=True)
    rate.locator("#rate-comment").fill("Muy amable")
    rate.locator("#rate-send").click()
    expect(member.page.locator("#rated")).to_have_text("Gracias por calificar este chat.")
    expect(rate).to_be_hidden()
    member.page.reload()
    expect(member.closed_notice).to_be_visible()
    expect(rate).to_be_hidden()

    with member.page.expect_download() as download:
        member.page.locator("#transcript").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith(f"Conversación con {pair.agent.user.name}\n")
    assert "Usted: Gracias por todo\n" in text

    member.page.locator("#reopen").click()
    expect(member.message).to_be_visible()
    expect(member.closed_notice).to_be_hidden()
    expect(member.find_message("Gracias por todo")).to_have_count(1)
    desk.page.locator("#take-chat").click()
    desk.close_chat()
    expect(rate).to_be_visible()
    rate.locator("input[value='5']").check(force=True)
    rate.locator("#rate-send").click()
    expect(member.page.locator("#rated")).to_have_text("Gracias por calificar este chat.")


def test_form_of_another_tab_is_gone_once_the_chat_is_rated(profiles, pair, new_tab):
    desk, member = profiles.desk(pair), profiles.member(pair)
    other = new_tab(member)
    desk.close_chat()
    rate, form_of_other = member.page.locator("#rate"), other.page.locator("#rate")
    expect(form_of_other).to_be_visible()
    rate.locator("input[value='4']").check(force=True)
    rate.locator("#rate-send").click()
    expect(form_of_other).to_be_hidden()
    expect(other.page.locator("#rated")).to_have_text("Gracias por calificar este chat.")


def test_conversation_that_cannot_be_fetched_whole_is_not_saved(profiles, pair):
    profiles.expect_console_errors("ERR_FAILED")
    member = profiles.member(pair)
    member.send_messages("Gracias por todo")
    member.expect_own_message("Gracias por todo", "sent")
    downloads = []
    member.page.on("download", lambda download: downloads.append(download))
    member.page.route("**/agent-chat/messages/*before=*", lambda route: route.abort())
    member.page.locator("#options").click()
    member.page.locator("#menu-transcript").click()
    expect(member.page.locator("#broken")).to_be_visible()
    assert downloads == []


def test_another_chat_can_be_started(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair)
    desk.close_chat()
    member.page.locator("#rate-later").click()
    expect(member.page.locator("#rate")).to_be_hidden()
    member.page.locator("#another").click()
    expect(member.message).to_be_visible()
    expect(member.page.locator("#queue")).to_be_visible()


# ---- Messages and files ----------------------------------------------------------------------


def test_messages_and_draft_survive_an_offline_reload(profiles, site, pair):
    member = profiles.member(pair)
    proxy = SocketProxy(member.page)
    member.open()
    proxy.shut()
    member.send_messages("Primera", "Segunda")
    member.message.fill("Y un borrador")

    member.page.reload()
    member.expect_own_message("Primera", "sending")
    member.expect_own_message("Segunda", "sending")
    expect(member.message).to_have_value("Y un borrador")
    expect(member.connection_bar).to_contain_text("Conectando…")
    proxy.is_shut = False
    member.wait_connected()
    member.expect_own_message("Segunda", "sent")
    assert [text for _, _, text in site.stored_messages(pair.chat_id)] == ["Primera", "Segunda"]


def attach(member, name, content):
    member.page.locator("#files").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_image_is_sent_and_shown(pair, profiles, new_tab):
    member = profiles.member(pair)
    image = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(image, "PNG")
    attach(member, "orden.png", image.getvalue())
    message = member.expect_own_message("orden.png", "sent")
    is_drawn = "canvas => canvas.getContext('2d').getImageData(5, 5, 1, 1).data[2] === 128"
    wait_until(member.page, is_drawn, message.locator("canvas").element_handle())
    with member.page.expect_download() as download:
        message.locator("button").click()
    assert download.value.suggested_filename == "orden.png"
    expect(new_tab(member).find_message("orden.png").locator("canvas")).to_have_count(1)


def test_refused_file_shows_why(pair, profiles):
    profiles.expect_console_errors("status of 4")
    member = profiles.member(pair)
    attach(member, "nota.png", b"no es una imagen")
    message = member.expect_own_message("nota.png", "failed")
    expect(message.locator("[data-part=why]")).to_contain_text("No se pudo enviar.")
    message.locator("[data-do=discard]").click()
    expect(member.find_message("nota.png")).to_have_count(0)


def test_failed_file_keeps_its_place(pair, profiles):
    profiles.expect_console_errors("status of 4")
    member, desk = profiles.member(pair), profiles.desk(pair)
    member.send_messages("Le envío la orden")
    member.expect_own_message("Le envío la orden", "read")
    attach(member, "nota.png", b"no es una imagen")
    member.expect_own_message("nota.png", "failed")
    attach(member, "otra.png", b"tampoco")
    member.expect_own_message("otra.png", "failed")
    member.send_messages("¿La recibió?")
    desk.expect_message("¿La recibió?")
    desk.send_messages("No, todavía no")
    member.expect_message("No, todavía no")
    assert member.message_texts() == ["Le envío la orden", "nota.png", "otra.png", "¿La recibió?", "No, todavía no"]
    expect(member.page.locator("#chat-log [data-part=day]")).to_have_count(1)


# ---- Accessibility ----------------------------------------------------------------------------


def test_widget_is_used_with_the_keyboard(pair, embedded):
    member = embedded(pair.member)
    press = member.page.keyboard.press
    expect(member.message).to_be_focused()
    press("Escape")
    expect(member.panel).to_be_hidden()
    expect(member.launcher).to_be_focused()
    press("Enter")
    expect(member.message).to_be_focused()
    member.page.locator("#options").focus()
    press("Enter")
    expect(member.page.locator("#sound")).to_be_focused()
    press("Escape")
    expect(member.page.locator("#menu")).to_be_hidden()
    expect(member.page.locator("#options")).to_be_focused()
    expect(member.panel).to_be_visible()


def test_sound_is_off_until_it_is_switched_on(pair, embedded):
    member = embedded(pair.member)
    for text in ("Sonido: no", "Sonido: sí"):
        member.page.locator("#options").click()
        expect(member.page.locator("#sound")).to_have_text(text)
        member.page.locator("#sound").click()
    assert json.loads(member.page.evaluate("localStorage.getItem('beneficiate:widget:look:sound')")) is False


def test_widget_fills_the_screen_of_a_phone_without_its_keyboard(pair, embedded):
    member = embedded(pair.member, **PHONE)
    box = member.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": member.page.evaluate("innerHeight")}
    expect(member.launcher).to_be_hidden()
    expect(member.message).not_to_be_focused()
    assert member.message.evaluate("box => getComputedStyle(box).fontSize") == "16px"
    small = member.panel.evaluate("""panel => [...panel.querySelectorAll("button, textarea, select, a")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
        .map((one) => one.outerHTML)""")
    assert small == []


def test_nothing_is_animated_with_reduced_motion(profiles, pair):
    desk, member = profiles.desk(pair), profiles.member(pair, reduced_motion="reduce")
    desk.message.press_sequentially("Hol")
    expect(member.typing).to_be_visible()
    root = "document.getElementById('beneficiate').shadowRoot"
    assert member.page.evaluate(f"{root}.getAnimations().length") == 0
    member.page.emulate_media(reduced_motion="no-preference")
    assert member.page.evaluate(f"{root}.getAnimations().length") == 3


def sign_in(profiles, site, **_):
    page = profiles.new_context(**MEASURED).new_page()
    page.goto(f"{site.origin}/demo")
    page.locator("#launcher").click()
    return WidgetPageObject(page, site)


def conversation(pair, profiles, **_):
    desk, member = profiles.desk(pair), profiles.member(pair, **MEASURED)
    member.send_messages("Buenas", "¿Me ayuda?")
    desk.send_messages("Claro que sí")
    member.expect_message("Claro que sí")
    return member


def ended(pair, profiles, **_):
    member = conversation(pair, profiles)
    member.page.locator("#options").click()
    member.page.locator("#menu-end").click()
    expect(member.closed_notice).to_be_visible()
    return member


def start(lone, hours, **_):
    return lone(OPEN, hours, **MEASURED)


def closed(lone, hours, **_):
    return lone(CLOSED, hours, **MEASURED)


def queue(lone, hours, **_):
    member = start(lone, hours)
    member.page.locator("#start-go").click()
    expect(member.page.locator("#queue")).to_be_visible()
    return member


def bot(lone, hours, **_):
    member = start(lone, hours)
    member.show_tab("bot")
    member.page.locator("#bot-start").click()
    expect(member.page.locator("[data-said=other]")).to_have_count(1)
    return member


def appointment_cards(profiles, site, **_):
    member = sign_in_member(profiles.new_context(**MEASURED).new_page(), site)
    member.show_tab("appointments").locator("[data-do=cancel]").first.click()
    return member


def plan(lone, hours, **_):
    member = start(lone, hours)
    member.show_tab("plan")
    return member


def notices(lone, hours, **_):
    member = plan(lone, hours)
    member.page.locator("#plan-notices").click()
    expect(member.page.locator("#notices-form")).to_be_focused()
    member.page.locator("#notices-quiet").check()
    return member


def menu(pair, profiles, **_):
    member = profiles.member(pair, **MEASURED)
    member.page.locator("#options").click()
    return member


def offline(pair, profiles, **_):
    member = profiles.member(pair, **MEASURED)
    proxy = SocketProxy(member.page)
    member.open()
    proxy.shut()
    member.send_messages("Sin conexión")
    expect(member.connection_bar).to_contain_text("Reconectando…")
    return member


STATES = [sign_in, start, closed, queue, conversation, ended, bot, appointment_cards, plan, notices, menu, offline]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_is_accessible_in_both_themes_and_fits(state, profiles, site, pair, lone, hours):
    member = state(profiles=profiles, site=site, pair=pair, lone=lone, hours=hours)
    assert find_page_problems(member.page) == []
    sideways = "panel => [...panel.querySelectorAll('*')].filter((one) => one.scrollWidth > panel.clientWidth).length"
    assert member.panel.evaluate(sideways) == 0
