"""What is wrong with a form of one's account or data is beside its field, which has the focus wherever it is."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from beneficiate.models.account_emails import REGISTRATION
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie
from tests.browser.test_registration import fill_in
from tests.browser.test_registration import page as page
from tests.factories import PASSWORD

MEMBER, SUPERVISOR = "add_member", "add_supervisor"
NEW_PASSWORD = "arepa nube tren domingo"


@dataclass(frozen=True)
class WrongForm:
    """What somebody types, the button, which field is to have the focus, and what stays as it was typed."""

    path: str
    typed: dict[str, str]
    button: str
    focused: str
    error: str
    kept: tuple[str, ...] = ()
    who: str = MEMBER
    ticked: tuple[str, ...] = ()


ACCESS = "/mi/acceso"
WRONG_FORMS = {
    "password, present": WrongForm(
        ACCESS,
        {"#password-present": "otra", "#password": NEW_PASSWORD},
        "#password-save",
        "#password-present",
        "#password-present-error",
    ),
    "password, new": WrongForm(
        ACCESS,
        {"#password-present": PASSWORD, "#password": "colombia2026"},
        "#password-save",
        "#password",
        "#password-error",
    ),
    "address": WrongForm(
        ACCESS,
        {"#email": "ana@", "#email-present": PASSWORD},
        "#email-save",
        "#email",
        "#email-error",
        kept=("#email",),
    ),
    "address, present": WrongForm(
        ACCESS,
        {"#email": "otra@x.co", "#email-present": "otra"},
        "#email-save",
        "#email-present",
        "#email-present-error",
        kept=("#email",),
    ),
    "telephone": WrongForm(ACCESS, {"#phone": "12"}, "#phone-save", "#phone", "#phone-error", kept=("#phone",)),
    "copy": WrongForm("/mi/datos", {"#copy-present": "otra"}, "#copy-ask", "#copy-present", "#copy-error"),
    "erasure, box": WrongForm(
        "/mi/datos/borrar", {"#erase-password": PASSWORD}, "#erase-go", "#confirmo", "#confirmo-error"
    ),
    "erasure, present": WrongForm(
        "/mi/datos/borrar",
        {"#erase-password": "otra"},
        "#erase-go",
        "#erase-password",
        "#erase-password-error",
        ticked=("#confirmo",),
    ),
    "request": WrongForm(
        "/mi/solicitudes/nueva", {"#texto": "Corto"}, "#send", "[name=pide] >> nth=0", "#pide-error", kept=("#texto",)
    ),
    "request, text": WrongForm(
        "/mi/solicitudes/nueva",
        {"#texto": "Corto"},
        "#send",
        "#texto",
        "#texto-error",
        kept=("#texto",),
        ticked=("[value=correct]",),
    ),
    "retention": WrongForm(
        "/supervisor/ajustes/retencion",
        {"[type=number] >> nth=1": "0"},
        "#save",
        "[type=number] >> nth=1",
        ".field-error",
        who=SUPERVISOR,
        kept=("[type=number] >> nth=1",),
    ),
}


@pytest.fixture
def enter(profiles, site):
    def enter(who, path):
        context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport={"width": 390, "height": 600})
        if who:
            set_session_cookie(context, site, getattr(site, who)())
        page = context.new_page()
        page.goto(f"{site.origin}{path}")
        return page

    return enter


def require_focus(page, focused, error):
    expect(page.locator(focused)).to_be_focused()
    expect(page.locator(focused)).to_be_in_viewport()
    expect(page.locator(error).first).to_be_visible()


@pytest.mark.parametrize("form", WRONG_FORMS.values(), ids=WRONG_FORMS)
def test_what_is_wrong_is_in_sight_and_what_was_typed_stays(enter, form):
    page = enter(form.who, form.path)
    for name, value in form.typed.items():
        page.locator(name).fill(value)
    for box in form.ticked:
        page.locator(box).check()
    page.locator(form.button).click()
    require_focus(page, form.focused, form.error)
    for name in form.kept:
        expect(page.locator(name)).to_have_value(form.typed[name])
    for name in page.locator("[type=password]").all():
        expect(name).to_have_value("")
    assert find_page_problems(page) == []


def test_invitation_says_why_a_password_is_refused(enter, site):
    page = enter("", f"/invitacion/{site.open_invitation()}")
    page.locator("#password").fill("colombia2026")
    page.locator("#invitation-form button[type=submit]").click()
    require_focus(page, "#password", "#password-error")
    assert find_page_problems(page) == []


def test_confirmation_says_that_it_is_another_password(page, site):
    page.goto(f"{site.origin}/registro")
    fill_in(page, "otra.iris@correo.co")
    page.locator("#password").fill(NEW_PASSWORD)
    page.locator("#register").click()
    expect(page.locator("#sent-to")).to_be_visible()
    page.goto(f"{site.origin}/registro/confirmar/{site.open_link(REGISTRATION, 'otra.iris@correo.co')}")
    page.locator("#password").fill("otra contraseña")
    page.locator("#confirm").click()
    require_focus(page, "#password", "#password-error")
    assert find_page_problems(page) == []


@pytest.mark.parametrize("path", ["/registro/confirmar/", "/recuperar/", "/correo/", "/invitacion/"])
def test_link_that_is_no_good_says_so_and_where_to_go(enter, profiles, path):
    profiles.expect_console_errors("status of 404")
    page = enter("", path + "x" * 43)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main a.btn, .login a.btn").first).to_be_visible()
    assert find_page_problems(page) == []
