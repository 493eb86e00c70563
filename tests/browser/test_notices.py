"""How one is told of what happens while away: chosen on the page, and shown by the worker of the browser."""

import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from beneficiate.models.accounts import SignIn
from beneficiate.models.notices import PushSubscription
from beneficiate.queries.accounts import digest_secret
from beneficiate.tokens import UnsubscribeTokens
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_demo_session_cookie, set_session_cookie, wait_until
from tests.factories import SECRET
from tests.push_service import KEY, PUBLIC_KEY, Browser

ANA = "ana@demo.beneficiate.co"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
FAKE = Browser("http://127.0.0.1:9900/push/ana")
# A headless Chromium has no permission for notifications and no push service; page, worker and server are real.
SUBSCRIBE = """
(subscription) => {
  const key = "fake-push";
  const made = (options) => ({
    endpoint: subscription.endpoint,
    options: { applicationServerKey: Uint8Array.from(options).buffer },
    toJSON: () => subscription,
    unsubscribe: async () => { localStorage.removeItem(key); return true; },
  });
  PushManager.prototype.subscribe = async ({ applicationServerKey: used }) => {
    localStorage.setItem(key, JSON.stringify([...used]));
    return made(used);
  };
  PushManager.prototype.getSubscription = async () => {
    const used = JSON.parse(localStorage.getItem(key));
    return used && made(used);
  };
}
"""

RECORD = """
() => {
  self.shown = new Promise((tell) => {
    self.registration.showNotification = async (title, options) => tell([[title, options]]);
  });
}
"""
ALLOWED = """
let answer = "granted";
addEventListener("deny", () => { answer = "denied"; });
Object.defineProperty(Notification, "permission", { get: () => answer });
Notification.requestPermission = async () => answer;
"""
# As where the browser reaches no push service.
FAIL_ONCE = """() => {
  const { subscribe } = PushManager.prototype;
  PushManager.prototype.subscribe = async () => {
    PushManager.prototype.subscribe = subscribe;
    throw new DOMException("Registration failed - push service error", "AbortError");
  };
}"""


@pytest.fixture(scope="module")
def settings():
    return {
        "BENEFICIATE_PUSH_KEY": KEY,
        "BENEFICIATE_PUSH_PUBLIC_KEY": PUBLIC_KEY,
        "BENEFICIATE_PUSH_LOCAL_ORIGIN": "http://127.0.0.1:9900",
    }


def open_notices(profiles, site, *, email=ANA, script="", **options):
    context = profiles.new_context(**options)
    if script:
        context.add_init_script(script)
    set_demo_session_cookie(context, site, email)
    page = context.new_page()
    page.goto(f"{site.origin}/mi/avisos")
    expect(page.locator("h1")).to_have_text("Cómo le avisamos")
    return page


def test_page_is_accessible_and_fits_and_choices_are_kept(profiles, site):
    page = open_notices(profiles, site, bypass_csp=True, reduced_motion="reduce")
    expect(page.locator("#push")).not_to_have_attribute("data-state", "loading")
    found = find_page_problems(page)
    page.get_by_role("switch", name="Mensajes del chat, por correo").uncheck()
    page.get_by_role("switch", name="No avisar a estas horas").check()
    page.get_by_label("Desde").select_option("7")
    page.locator("#save").click()
    expect(page.locator("#hours-error")).to_contain_text("Elija dos horas distintas")
    expect(page.locator("#from")).to_be_focused()
    expect(page.locator("#from")).to_be_in_viewport()
    expect(page.locator("#from")).to_have_value("7")
    expect(page.get_by_role("switch", name="No avisar a estas horas")).to_be_checked()
    expect(page.get_by_role("switch", name="Mensajes del chat, por correo")).not_to_be_checked()
    found += find_page_problems(page)
    page.get_by_label("Desde").select_option("22")
    page.locator("#save").click()
    expect(page.locator("#notices-said")).to_have_text(re.compile("guardamos cómo le avisamos"))
    expect(page.get_by_role("switch", name="Mensajes del chat, por correo")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Mensajes del chat, en el navegador")).to_be_checked()
    expect(page.locator("#from")).to_have_value("22")
    assert found + find_page_problems(page) == []


def test_blocked_permission_is_said_with_what_to_do(profiles, site):
    page = open_notices(
        profiles,
        site,
        bypass_csp=True,
        reduced_motion="reduce",
        script="Object.defineProperty(Notification, 'permission', { get: () => 'denied' });",
    )
    expect(page.locator("#push-state")).to_contain_text("están bloqueados en este navegador")
    expect(page.locator("#push-on")).to_be_hidden()
    assert find_page_problems(page) == []


def test_browser_without_pushes_says_so(profiles, site):
    page = open_notices(profiles, site, script="delete window.PushManager;")
    expect(page.locator("#push-state")).to_contain_text("no puede recibir avisos")
    expect(page.locator("#push-on")).to_be_hidden()


def test_iphone_is_told_to_add_the_page_to_its_start_screen(profiles, site):
    page = open_notices(profiles, site, bypass_csp=True, reduced_motion="reduce", user_agent=IPHONE)
    expect(page.locator("#push-ios")).to_contain_text("Añadir a pantalla de inicio")
    expect(page.locator("#push-on")).to_be_hidden()
    assert find_page_problems(page) == []


def test_browser_is_subscribed_and_unsubscribed_with_the_keyboard(profiles, site):
    page = open_notices(profiles, site, script=f"{ALLOWED}({SUBSCRIBE})({json.dumps(FAKE.json)})")
    page.evaluate("navigator.serviceWorker.register('/avisos.js').then(() => navigator.serviceWorker.ready)")
    page.evaluate(FAIL_ONCE)
    page.locator("#push-on").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#push-state")).to_contain_text("No pudimos cambiarlo")
    expect(page.locator("#push-on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#push-state")).to_contain_text("Este navegador recibe sus avisos")
    expect(page.locator("#push-off")).to_be_focused()
    is_it = PushSubscription.endpoint_hash == digest_secret(FAKE.endpoint)
    with site.database():
        row = PushSubscription.get(is_it)
        assert (row.endpoint, row.p256dh) == (FAKE.endpoint, FAKE.p256dh)
    # With the next sign-in, on the page that it leads to, the browser is that sign-in's.
    set_demo_session_cookie(page.context, site, ANA)
    with page.expect_response("**/mi/avisos/navegador"):
        page.goto(f"{site.origin}/mi")
    with site.database():
        assert PushSubscription.get(is_it).sign_in_id > row.sign_in_id
    # It is now, and is not made so again by every page.
    paths = []
    page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    page.goto(f"{site.origin}/mi/avisos")
    expect(page.locator("#push-off")).to_be_visible()
    assert "/mi/avisos/navegador/estado" in paths
    assert "/mi/avisos/navegador" not in paths
    page.locator("#push-off").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#push-state")).to_contain_text("Este navegador no recibe avisos")
    expect(page.locator("#push-on")).to_be_focused()
    with site.database():
        assert PushSubscription.select().count() == 0
    page.evaluate("dispatchEvent(new Event('deny'))")
    page.keyboard.press("Enter")
    expect(page.locator("#push-state")).to_contain_text("están bloqueados en este navegador")
    expect(page.locator("#push-state")).to_be_focused()
    expect(page.locator("#push-on")).to_be_hidden()


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ('{"kind":"chat"}', "Tiene un mensaje de Beneficiate"),
        ('{"kind":"desk"}', "Tiene un chat por responder"),
        ('{"kind":"toString"}', "Tiene un mensaje de Beneficiate"),
        ("no JSON", "Tiene un mensaje de Beneficiate"),
        ("", "Tiene un mensaje de Beneficiate"),
    ],
)
def test_worker_always_shows_something_and_never_what_it_is_about(profiles, site, data, body):
    """The browser delivers to the real worker; only what it would draw is recorded, since a headless one draws none."""
    page = open_notices(profiles, site)
    network, versions = page.context.new_cdp_session(page), []
    network.on("ServiceWorker.workerVersionUpdated", lambda event: versions.extend(event["versions"]))
    network.send("ServiceWorker.enable")
    worker = find_worker(page)
    worker.evaluate(RECORD)
    delivery = {"origin": site.origin, "registrationId": versions[-1]["registrationId"], "data": data}
    network.send("ServiceWorker.deliverPushMessage", delivery)
    ((title, options),) = worker.evaluate("() => self.shown")
    path = options["data"]["path"].partition("#")[0]
    assert (title, options["body"], path) == ("Beneficiate", body, "/agente" if "desk" in data else "/mi")


def test_staff_have_their_own_row_and_get_there_from_the_desk(profiles, site):
    pair = site.add_pair()
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    page = context.new_page()
    page.goto(f"{site.origin}/mi/avisos")
    expect(page.get_by_role("switch", name="Chats que le asignan, en el navegador")).to_be_checked()
    page.goto(f"{site.origin}/agente")
    expect(page.locator("#settings-notices")).to_have_attribute("href", "/mi/avisos")


def test_link_of_an_email_asks_first_and_says_that_it_is_done(profiles, site):
    user_id = site.person(ANA).user_id
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    page.goto(f"{site.origin}/baja/{UnsubscribeTokens(SECRET).issue(user_id, 'offer')}")
    found = find_page_problems(page)
    page.get_by_role("button", name="No recibirlos más").click()
    expect(page.locator("#unsubscribe-done")).to_contain_text("Un horario más temprano")
    assert found + find_page_problems(page) == []


# Only a click of a person may open or focus a window, and a script cannot make an event that waits. What is recorded in
# their place is what the worker asks for; it runs in the browser, finds the real pages and goes to them.
RECORD_WINDOWS = """
() => {
  self.asked = [];
  const pathOf = (url) => new URL(url, location.href).href.slice(location.origin.length);
  WindowClient.prototype.focus = async function () { self.asked.push(["focus", pathOf(this.url)]); return this; };
  Clients.prototype.openWindow = async (url) => { self.asked.push(["open", pathOf(url)]); return null; };
}
"""
DISPATCH = """
async ([type, fields]) => {
  const event = new ExtendableEvent(type);
  let work;
  if (fields.notification) fields.notification.close = () => self.asked.push(["close", ""]);
  Object.assign(event, fields, { waitUntil: (promise) => { work = promise; } });
  self.dispatchEvent(event);
  await work;
}
"""


def find_worker(page):
    """Return the worker of a page, which controls it."""
    page.evaluate("navigator.serviceWorker.register('/avisos.js').then(() => navigator.serviceWorker.ready)")
    wait_until(page, "navigator.serviceWorker.controller !== null")
    return page.context.service_workers[0]


def click(worker, kind):
    """Have the worker show a push of a kind, and click what it would draw; return what it asks of the windows."""
    worker.evaluate(RECORD)
    worker.evaluate("(kind) => self.dispatchEvent(Object.assign(new Event('push'), {"
                    " data: { json: () => ({ kind }) }, waitUntil: () => {} }))", kind)  # fmt: skip
    ((_, options),) = worker.evaluate("() => self.shown")
    worker.evaluate(RECORD_WINDOWS)
    worker.evaluate(DISPATCH, ["notificationclick", {"notification": {"data": options["data"]}}])
    return worker.evaluate("() => self.asked")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("chat", "/mi#chats"),
        ("change", "/mi#citas"),
        ("reminder", "/mi#citas"),
        ("offer", "/mi#citas"),
        ("payment", "/mi#pagos"),
    ],
)
def test_click_on_a_notification_goes_to_its_part_of_the_page_that_is_open(profiles, site, kind, path):
    page = open_notices(profiles, site)
    worker = find_worker(page)
    assert click(worker, kind) == [["close", ""], ["open", path]]
    page.goto(f"{site.origin}/mi")
    assert click(worker, kind) == [["close", ""], ["focus", "/mi"]]
    expect(page).to_have_url(f"{site.origin}{path}")
    assert page.locator(path.removeprefix("/mi")).count() == 1


def test_click_on_a_notification_of_the_desk_only_focuses_a_desk_that_is_open(profiles, site):
    pair = site.add_pair()
    context = profiles.new_context()
    set_session_cookie(context, site, pair.agent)
    page = context.new_page()
    page.goto(f"{site.origin}/mi/avisos")
    worker = find_worker(page)
    assert click(worker, "desk") == [["close", ""], ["open", "/agente"]]
    page.goto(f"{site.origin}/agente")
    page.evaluate("window.isSame = true")
    assert click(worker, "desk") == [["close", ""], ["focus", "/agente"]]
    # Not loaded again: what the agent was writing stays.
    assert page.evaluate("window.isSame") is True


def test_notification_that_says_nothing_leads_to_the_account(profiles, site):
    worker = find_worker(open_notices(profiles, site))
    worker.evaluate(RECORD_WINDOWS)
    worker.evaluate(DISPATCH, ["notificationclick", {"notification": {}}])
    assert worker.evaluate("() => self.asked") == [["close", ""], ["open", "/mi"]]


@pytest.mark.parametrize("is_said", [True, False], ids=["new subscription", "subscribes again"])
def test_changed_subscription_is_said_by_the_worker_without_a_session(profiles, site, is_said):
    fresh = Browser(f"http://127.0.0.1:9900/push/fresh-{is_said}")
    old = f"http://127.0.0.1:9900/push/old-{is_said}"
    page = open_notices(profiles, site)
    with site.database():
        sign_in = SignIn.select().where(SignIn.user == site.person(ANA).user_id).order_by(SignIn.id.desc()).first()
        columns = {"user": sign_in.user_id, "sign_in": sign_in.id, "created_at": sign_in.created_at}
        keys = {"endpoint": old, "endpoint_hash": digest_secret(old), "p256dh": FAKE.p256dh, "auth": "a"}
        row = PushSubscription.create(**columns, **keys)
    worker = find_worker(page)
    page.context.clear_cookies()
    worker.evaluate(
        "(fresh) => { PushManager.prototype.subscribe = async (options) =>"
        " options.applicationServerKey === 'the key of before' ? fresh : null; }",
        fresh.json,
    )
    changed = {
        "oldSubscription": {"endpoint": old, "options": {"applicationServerKey": "the key of before"}},
        "newSubscription": fresh.json if is_said else None,
    }
    worker.evaluate(DISPATCH, ["pushsubscriptionchange", changed])
    with site.database():
        now = PushSubscription.get_by_id(row.id)
        assert (now.endpoint, now.endpoint_hash) == (fresh.endpoint, digest_secret(fresh.endpoint))
        assert (now.p256dh, now.user_id) == (fresh.p256dh, site.person(ANA).user_id)
        PushSubscription.delete().execute()


def test_changed_subscription_without_the_old_one_is_left_to_the_next_page(profiles, site):
    page = open_notices(profiles, site)
    worker = find_worker(page)
    requests = []
    page.context.on("request", lambda request: requests.append(request.url))
    worker.evaluate(DISPATCH, ["pushsubscriptionchange", {"oldSubscription": None, "newSubscription": FAKE.json}])
    assert [url for url in requests if url.endswith("/avisos/navegador")] == []
