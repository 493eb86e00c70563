"""The page of the rights over one's data: accessible in every state; consents are given and withdrawn on it."""

import re
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

from playwright.sync_api import expect

from beneficiate.models.data_copies import FAILED_COPY, READY_COPY, DataCopy
from beneficiate.settings import DEMO_PASSWORD
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_demo_session_cookie

LUIS = "luis@demo.beneficiate.co"


def enter(profiles, site, email=LUIS):
    page = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    set_demo_session_cookie(page.context, site, email)
    page.goto(f"{site.origin}/mi")
    page.locator("#go-data").click()
    expect(page.locator("h1")).to_have_text("Sus datos son suyos")
    return page


def test_consents_are_given_and_withdrawn_each_for_itself(profiles, site):
    page = enter(profiles, site)
    # The page is from before the text changed.
    page.locator("#general [name=version]").evaluate("(input) => { input.value = '0'; }")
    page.locator("#give").click()
    expect(page.locator("#own-data-problem")).to_contain_text("El texto cambió mientras usted lo leía")
    expect(page.locator("#own-data-problem")).to_be_focused()
    expect(page.locator("#consent-text")).to_have_attribute("open", "")
    found = find_page_problems(page)
    page.locator("#give").click()
    expect(page.locator("#general[data-state=given]")).to_contain_text("versión 1 del texto")
    expect(page.locator("#own-data-said")).to_contain_text("su autorización quedó registrada")
    expect(page).to_have_url(f"{site.origin}/mi/datos#autorizaciones")
    page.locator("#give-health").click()
    expect(page.locator("#salud[data-state=given]")).to_be_visible()
    expect(page.locator("#withdraw-health")).to_be_hidden()
    page.locator("#withdraw-health-ask summary").click()
    found += find_page_problems(page)
    page.locator("#withdraw-health").click()
    expect(page.locator("#salud[data-state=withdrawn]")).to_contain_text("Hoy no lo preguntamos ni lo guardamos")
    expect(page.locator("#general[data-state=given]")).to_be_visible()
    page.locator("#withdraw-ask summary").click()
    page.locator("#withdraw").click()
    expect(page.locator("#general[data-state=withdrawn]")).to_be_visible()
    assert found + find_page_problems(page) == []


def test_copy_is_asked_for_followed_and_downloaded(profiles, site):
    ago = datetime.now(UTC) - timedelta(days=3)
    copy = DataCopy.create(user=site.person(LUIS).user_id, status=FAILED_COPY, requested_at=ago)
    page = enter(profiles, site)
    expect(page.locator("#copy-state")).to_have_text("No pudimos preparar el archivo")
    found = find_page_problems(page)
    times = {"ready_at": ago, "expires_at": ago + timedelta(days=2)}
    DataCopy.update(status=READY_COPY, **times).where(DataCopy.id == copy.id).execute()
    page.locator("#copy-present").fill("otra")
    page.locator("#copy-ask").click()
    expect(page.locator("#copy-state")).to_have_text("Ese archivo ya se borró")
    expect(page.locator("#copy-error")).to_contain_text("No es su contraseña")
    expect(page.locator("#copy-present")).to_be_focused()
    expect(page.locator("#copy-present")).to_have_value("")
    found += find_page_problems(page)
    page.locator("#copy-present").fill(DEMO_PASSWORD)
    page.locator("#copy-present").press("Enter")
    expect(page.locator("#copy[data-state=pending]")).to_be_visible()
    # It is drawn again by itself.
    expect(page.locator("#copy[data-state=ready]")).to_contain_text("HTML y JSON", timeout=20_000)
    expect(page.locator("#copy-say")).to_have_text("Su archivo está listo")
    found += find_page_problems(page)
    with page.expect_download() as started:
        page.locator("#copy-download").click()
    download = started.value
    assert re.fullmatch(r"mis-datos-\d{4}-\d\d-\d\d\.zip", download.suggested_filename)
    copy = ZipFile(download.path())
    assert copy.testzip() is None
    reader = profiles.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    for name in ("index.html", "conversaciones.html"):
        reader.set_content(copy.read(name).decode())
        expect(reader.locator("h1")).to_be_visible()
        found += [f"{name} {problem}" for problem in find_page_problems(reader)]
    assert found == []
