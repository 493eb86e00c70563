"""Who sends a form too often is told in sight how long to wait, and what was typed stays."""

import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from beneficiate import limits
from beneficiate.limits import EMAILS_PER_ADDRESS, EMAILS_PER_NETWORK, Quota, Quotas
from beneficiate.models.account_emails import NEW_ADDRESS, RECOVERY
from beneficiate.models.data_requests import DataRequest
from beneficiate.models.quotas import QuotaUse
from beneficiate.settings import Settings
from beneficiate.tokens import UnsubscribeTokens
from tests.browser.conftest import TIMEOUT_MS
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie
from tests.browser.test_data_requests import file_claim
from tests.browser.test_form_errors import ACCESS, MEMBER, NEW_PASSWORD, SUPERVISOR, require_focus
from tests.browser.test_form_errors import enter as enter
from tests.browser.test_registration import fill_in
from tests.factories import PASSWORD, SECRET

ATTEMPTS = Settings().sign_in_attempts
ROWS = b"tipo;documento;nombres;apellidos;correo\nCC;52777888;Iris;Uribe;iris@x.co\n"
CSV = {"name": "afiliados.csv", "mimeType": "text/csv", "buffer": ROWS}
GIVEN = Quotas.from_settings(Settings())
ALL_QUOTAS = [one for one in (getattr(GIVEN, field.name) for field in fields(GIVEN)) if isinstance(one, Quota)]
PHONE_SIZE = {"width": 390, "height": 600}


@pytest.fixture(scope="module")
def settings():
    # A test has a network of its own by the header of a proxy.
    return {"BENEFICIATE_PROXIES": 1}


@dataclass(frozen=True)
class WaitingForm:
    """A form of which the quota is used up: what is typed, ticked and clicked, and where it is said."""

    quota: Quota
    path: str
    typed: dict[str, str]
    button: str
    problem: str
    ticked: str = ""
    who: str = MEMBER


WAITING_FORMS = {
    "telephone": WaitingForm(
        limits.CONTACT_CHANGES, ACCESS, {"#phone": "300 765 4321"}, "#phone-save", "#celular #access-problem"
    ),
    "consent": WaitingForm(limits.CONSENTS, "/mi/datos", {}, "#give", "#own-data-problem"),
    "consent to keep health data": WaitingForm(limits.CONSENTS, "/mi/datos", {}, "#give-health", "#own-data-problem"),
    "copy": WaitingForm(limits.DATA_COPIES, "/mi/datos", {"#copy-present": PASSWORD}, "#copy-ask", "#own-data-problem"),
    "erasure": WaitingForm(
        limits.CONSENTS,
        "/mi/datos/borrar",
        {"#erase-password": PASSWORD},
        "#erase-go",
        "#erase-problem",
        ticked="#confirmo",
    ),
    "request": WaitingForm(
        limits.DATA_REQUESTS,
        "/mi/solicitudes/nueva",
        {"#texto": "Mi apellido está mal escrito en todas partes."},
        "#send",
        "#request-problem",
        ticked="[value=correct]",
    ),
    "notices": WaitingForm(limits.NOTICE_CHANGES, "/mi/avisos", {}, "#save", "#notices-problem"),
    "import": WaitingForm(
        limits.MEMBER_IMPORTS,
        "/supervisor/ajustes/importar",
        {},
        "#import-send",
        "#import-wrong",
        who=SUPERVISOR,
    ),
}


def use_up_only(site, who, *quotas):
    now = datetime.now(UTC)
    with site.database():
        QuotaUse.delete().where(QuotaUse.user == who.id).execute()
        for quota in quotas:
            QuotaUse.create(user=who.id, quota=quota.name, used=10**9, began_at=now)


@contextmanager
def opening_links(site, network):
    """Open wrong links of a network all the time, so that whatever is admitted again every three seconds is used."""
    is_refused, is_over = threading.Event(), threading.Event()

    def open_links():
        with closing(HTTPConnection(urlsplit(site.origin).netloc)) as connection:
            while not is_over.is_set():
                connection.request("GET", f"/baja/{'x' * 43}", headers=network)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 429:
                    is_refused.set()

    opening = threading.Thread(target=open_links)
    opening.start()
    try:
        assert is_refused.wait(TIMEOUT_MS / 1000)
        yield
    finally:
        is_over.set()
        opening.join()


def require_wait(page, problem):
    said = page.locator(problem)
    expect(said).to_be_visible()
    expect(said).to_be_in_viewport()
    expect(said).to_contain_text("Intente de nuevo en")
    assert find_page_problems(page) == []


@pytest.mark.parametrize("role", [MEMBER, SUPERVISOR])
def test_used_up_quota_is_said_in_sight_and_what_was_typed_stays(profiles, site, role):
    who, forms = getattr(site, role)(), [form for form in WAITING_FORMS.values() if form.who == role]
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport=PHONE_SIZE)
    set_session_cookie(context, site, who)
    page = context.new_page()
    for form in forms:
        use_up_only(site, who, form.quota)
        page.goto(f"{site.origin}{form.path}")
        for name, value in form.typed.items():
            page.locator(name).fill(value)
        if form.ticked:
            page.locator(form.ticked).check()
        if role == SUPERVISOR:
            page.locator("#file").set_input_files(CSV)
        page.locator(form.button).click()
        require_wait(page, form.problem)
        for name, value in form.typed.items():
            expect(page.locator(name)).to_have_value("" if value == PASSWORD else value)


# With the password that is typed to confirm it is somebody.
PRESENT_FORMS = {
    "password": (ACCESS, {"#password": NEW_PASSWORD}, "#password-present", "#password-save", "#access-problem"),
    "address": (ACCESS, {"#email": "otra@x.co"}, "#email-present", "#email-save", "#correo #access-problem"),
    "copy": ("/mi/datos", {}, "#copy-present", "#copy-ask", "#own-data-problem"),
    "erasure": ("/mi/datos/borrar", {}, "#erase-password", "#erase-go", "#erase-problem"),
}


def test_after_wrong_passwords_each_form_that_asks_for_it_says_how_long_to_wait(enter):
    page = enter(MEMBER, ACCESS)
    # Its network may fail four times as often, and other tests of this site are of the same.
    for _ in range(ATTEMPTS):
        page.locator("#email").fill("otra@x.co")
        page.locator("#email-present").fill("otra")
        page.locator("#email-save").click()
        require_focus(page, "#email-present", "#email-present-error")
    for path, typed, present, button, problem in PRESENT_FORMS.values():
        page.goto(page.url.replace(page.url[page.url.index("/mi") :], path))
        for name, value in typed.items():
            page.locator(name).fill(value)
        if path.endswith("borrar"):
            page.locator("#confirmo").check()
        page.locator(present).fill(PASSWORD)
        page.locator(button).click()
        require_wait(page, problem)
        for name in ("#email",) if "#email" in typed else ():
            expect(page.locator(name)).to_have_value(typed[name])


@pytest.fixture
def anybody(profiles, site):
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport=PHONE_SIZE)
    return context.new_page()


def test_too_many_emails_of_one_network_are_refused_where_they_are_asked_for(anybody, site):
    page = anybody
    page.goto(f"{site.origin}/registro")
    fill_in(page, "otra.iris@correo.co")
    page.locator("#password").fill(NEW_PASSWORD)
    page.locator("#register").click()
    expect(page.locator("#sent-to")).to_be_visible()
    for _ in range(EMAILS_PER_ADDRESS):
        page.locator("form[action='/registro/enviado'] button").click()
    require_wait(page, "#sent-problem")
    page.goto(f"{site.origin}/recuperar")
    xsrf = page.locator("#recover-form [name=_xsrf]").input_value()
    for number in range(EMAILS_PER_NETWORK):
        form = {"_xsrf": xsrf, "email": f"nadie{number}@correo.co"}
        page.request.post(f"{site.origin}/recuperar", form=form, max_redirects=0)
    page.locator("#email").fill("nadie@correo.co")
    page.locator("#recover-form button[type=submit]").click()
    require_wait(page, "#recover-problem")
    expect(page.locator("#email")).to_have_value("nadie@correo.co")
    page.goto(f"{site.origin}/registro")
    fill_in(page, "tercera.iris@correo.co")
    page.locator("#numero").fill("1030555889")
    page.locator("#password").fill(NEW_PASSWORD)
    page.locator("#register").click()
    require_wait(page, "#registration-problem")
    expect(page.locator("#correo")).to_have_value("tercera.iris@correo.co")


def test_network_that_opens_too_many_links_is_told_when_to_go_on_and_where(profiles, site):
    """What is typed behind a link is a password, which no page keeps; the link is good afterwards."""
    profiles.expect_console_errors("status of 429")
    ana = site.add_member("Ana")
    network = {"X-Forwarded-For": "198.51.100.7"}
    context = profiles.new_context(
        bypass_csp=True, reduced_motion="reduce", viewport=PHONE_SIZE, extra_http_headers=network
    )
    forms = {
        f"/invitacion/{site.open_invitation()}": "#invitation-form button[type=submit]",
        f"/recuperar/{site.open_sent_link(RECOVERY, ana, ana.user.email)}": "#password-save",
        f"/correo/{site.open_sent_link(NEW_ADDRESS, ana, 'otra.ana@x.co')}": "#confirm",
    }
    pages = {path: context.new_page() for path in forms}
    for path, page in pages.items():
        page.goto(f"{site.origin}{path}")
        for password in page.locator("#password").all():
            password.fill(NEW_PASSWORD)
    for path, page in pages.items():
        with opening_links(site, network):
            page.locator(forms[path]).click()
            expect(page.locator("#not-saved")).to_be_visible()
        require_wait(page, ".error-page-text >> nth=0")
        expect(page.locator("#not-saved")).to_be_in_viewport()
        expect(page.locator("#again")).to_be_in_viewport()
        expect(page.locator("#again")).to_have_attribute("href", path)
    # A link that is good is not counted: a mail provider ends e-mails of many people from one network.
    page.goto(f"{site.origin}/baja/{UnsubscribeTokens(SECRET).issue(ana.id, 'offer')}")
    page.locator("#unsubscribe").click()
    expect(page.locator("#unsubscribe-done")).to_be_visible()


def test_what_only_ends_or_answers_something_is_never_refused_for_a_limit(profiles, site):
    ana = site.add_member("Ana")
    with site.database():
        claim = file_claim(ana)
        DataRequest.update(state="needs_information").where(DataRequest.id == claim.id).execute()
    contexts = [profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport=PHONE_SIZE) for _ in range(2)]
    for context in contexts:
        set_session_cookie(context, site, ana)
    use_up_only(site, ana, *ALL_QUOTAS)
    page = contexts[0].new_page()
    page.goto(f"{site.origin}/mi/solicitudes/{claim.id}")
    page.locator("#texto").fill("Corto")
    page.locator("#complete").click()
    require_focus(page, "#texto", "#texto-error")
    expect(page.locator("#texto")).to_have_value("Corto")
    page.locator("#texto").fill("El registro civil de Tomás dice 2017.")
    page.locator("#complete").click()
    expect(page.locator("#account-said")).to_contain_text("ya tenemos lo que faltaba")
    page.locator("#withdraw-ask summary").click()
    page.locator("#withdraw").click()
    expect(page.locator("#account-said")).to_contain_text("quedó cerrada")
    page.goto(f"{site.origin}/mi")
    page.locator("#end-others").click()
    expect(page.locator("#account-said")).to_be_in_viewport()
    expect(page.locator("#devices li")).to_have_count(1)
    assert find_page_problems(page) == []


def test_file_that_was_read_is_imported_whatever_was_done_before(profiles, site):
    marta = site.add_supervisor("Marta")
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport=PHONE_SIZE)
    set_session_cookie(context, site, marta)
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/ajustes/importar")
    page.locator("#file").set_input_files(CSV)
    page.locator("#import-send").click()
    expect(page.locator("#count-new")).to_have_text("1")
    use_up_only(site, marta, *ALL_QUOTAS)
    page.locator("#confirm").click()
    expect(page.locator("#count-imported")).to_have_text("1")
