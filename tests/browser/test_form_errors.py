"""What is wrong with a form of one's account or data is beside its field, which has the focus wherever it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import expect

from beneficiate.models.account_emails import NEW_ADDRESS, REGISTRATION, AccountEmail, Registration
from beneficiate.models.accounts import StaffInvitation, User
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import press_twice, set_session_cookie
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
OWN = "the address of whoever types"
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
    "address, own": WrongForm(
        ACCESS, {"#email": OWN, "#email-present": PASSWORD}, "#email-save", "#email", "#email-error", kept=("#email",)
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

# What is right afterwards, in the same window: path, what is typed, the button, what says that it is done.
RIGHT_FORMS = (
    (ACCESS, {"#email": "otra@x.co", "#email-present": PASSWORD}, "#email-save", "#correo #access-said"),
    (ACCESS, {"#phone": "300 765 4321"}, "#phone-save", "#celular #access-said"),
    (ACCESS, {"#password-present": PASSWORD, "#password": NEW_PASSWORD}, "#password-save", "#clave #access-said"),
    ("/mi/datos", {"#copy-present": PASSWORD}, "#copy-ask", "#copy:not([data-state=none])"),
    ("/mi/datos/borrar", {"#erase-password": PASSWORD}, "#erase-go", "#erase-said"),
    ("/mi/solicitudes/nueva", {"#texto": "Mi apellido está mal escrito."}, "#send", "#account-said"),
)


_networks = count(1)


@pytest.fixture(scope="module")
def settings():
    # A test has a network of its own by the header of a proxy: so many links of one may be opened in a minute.
    return {"BENEFICIATE_PROXIES": 1}


@pytest.fixture
def enter(profiles, site):
    network = {"X-Forwarded-For": f"203.0.113.{next(_networks)}"}
    options = {"viewport": {"width": 390, "height": 600}, "extra_http_headers": network}

    def enter(who, path):
        context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", **options)
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


def type_and_send(page, typed, button, ticked=()):
    for name, value in typed.items():
        page.locator(name).fill(value)
    for box in ticked:
        page.locator(box).check()
    page.locator(button).click()


@pytest.mark.parametrize("path", dict.fromkeys(form.path for form in WRONG_FORMS.values()))
def test_what_is_wrong_is_in_sight_what_was_typed_stays_and_what_is_right_is_taken(enter, path):
    forms = [form for form in WRONG_FORMS.values() if form.path == path]
    page = enter(forms[0].who, path)
    own = page.locator("#email-now").text_content() if path == ACCESS else ""
    for form in forms:
        typed = {name: own if value == OWN else value for name, value in form.typed.items()}
        type_and_send(page, typed, form.button, form.ticked)
        require_focus(page, form.focused, form.error)
        if "pide" not in form.focused:  # radio buttons have no state of their own
            expect(page.locator(form.focused)).to_have_attribute("aria-invalid", "true")
        for name in form.kept:
            expect(page.locator(name)).to_have_value(typed[name])
        for name in page.locator("[type=password]").all():
            expect(name).to_have_value("")
        assert find_page_problems(page) == []
    for typed, button, said in [right[1:] for right in RIGHT_FORMS if right[0] == path]:
        type_and_send(page, typed, button)
        expect(page.locator(said)).to_be_visible()


def test_password_of_before_is_refused_in_another_window(enter, site):
    page = enter(MEMBER, ACCESS)
    window = page.context.new_page()
    window.goto(page.url)
    changes = [(page, PASSWORD, NEW_PASSWORD), (window, PASSWORD, "otra frase larga"), (window, NEW_PASSWORD, PASSWORD)]
    for where, present, chosen in changes:
        type_and_send(where, {"#password-present": present, "#password": chosen}, "#password-save")
        if chosen == "otra frase larga":
            require_focus(where, "#password-present", "#password-present-error")
        else:
            expect(where.locator("#access-said")).to_contain_text("su contraseña cambió")


def test_invitation_says_why_a_password_is_refused_and_a_link_is_no_good(enter, site, profiles):
    profiles.expect_console_errors("status of 404")
    page = enter("", f"/invitacion/{site.open_invitation()}")

    def choose(password):
        type_and_send(page, {"#password": password}, "#invitation-form button[type=submit]")

    def require_no_good():
        expect(page.locator("h1")).to_have_text("Este enlace ya no sirve")
        expect(page.locator("#go-login")).to_be_visible()

    used = page.url
    choose("colombia2026")
    require_focus(page, "#password", "#password-error")
    expect(page.locator("#password")).to_have_value("")
    assert find_page_problems(page) == []
    choose(NEW_PASSWORD)
    expect(page).to_have_url(f"{site.origin}/login")
    page.goto(used)
    require_no_good()
    # It expires, or a supervisor withdraws it, while its person chooses the password.
    ends = (
        StaffInvitation.update(expires_at=datetime.now(UTC)),
        StaffInvitation.delete(),
    )
    for end in ends:
        page.goto(f"{site.origin}/invitacion/{site.open_invitation()}")
        end.execute()
        choose(NEW_PASSWORD)
        require_no_good()
    assert find_page_problems(page) == []


def test_registration_says_what_changed_meanwhile_and_then_goes_on(page, site):
    email = "otra.iris@correo.co"
    page.goto(f"{site.origin}/registro")
    fill_in(page, email)
    page.locator("#password").fill(NEW_PASSWORD)
    # The page is from before the text changed: what is ticked is no consent to the new one.
    page.locator("#datos").evaluate("(input) => { input.value = '0'; }")
    page.locator("#register").click()
    problem = page.locator("#registration-problem")
    expect(problem).to_contain_text("El texto de la autorización cambió")
    expect(problem).to_be_focused()
    expect(problem).to_be_in_viewport()
    expect(page.locator("#datos")).not_to_be_checked()
    expect(page.locator(".deal-text-in")).to_be_visible()
    expect(page.locator("#correo")).to_have_value(email)
    expect(page.locator("#password")).to_have_value("")
    found = find_page_problems(page)
    page.locator("#datos").check()
    type_and_send(page, {"#password": NEW_PASSWORD}, "#register")
    expect(page.locator("#sent-to")).to_be_visible()
    link = f"{site.origin}/registro/confirmar/{site.open_link(REGISTRATION, email)}"
    is_it = AccountEmail.email == email
    page.goto(link)
    type_and_send(page, {"#password": "otra contraseña"}, "#confirm")
    require_focus(page, "#password", "#password-error")
    found += find_page_problems(page)
    # Somebody else has got an account with the same document.
    other, registration = site.add_member("Iris"), Registration.get(Registration.email == email)
    document, before = registration.document_number, other.user.document_number
    User.update(document_number=document).where(User.id == other.id).execute()
    type_and_send(page, {"#password": NEW_PASSWORD}, "#confirm")
    require_focus(page, "#confirm-problem", "#confirm-problem")
    expect(page.locator("#confirm-problem")).to_contain_text("Ya hay una cuenta con ese correo o ese documento")
    found += find_page_problems(page)
    User.update(document_number=before).where(User.id == other.id).execute()
    AccountEmail.update(expires_at=datetime.now(UTC)).where(is_it).execute()
    type_and_send(page, {"#password": NEW_PASSWORD}, "#confirm")
    expect(page.locator("h1")).to_have_text("Este enlace ya venció")
    expect(page.locator("#confirm-problem")).to_have_count(0)
    found += find_page_problems(page)
    page.locator("#renew").click()
    expect(page.locator("#sent-again")).to_be_visible()
    AccountEmail.update(expires_at=datetime.now(UTC) + timedelta(hours=1)).where(is_it).execute()
    page.goto(link)
    type_and_send(page, {"#password": NEW_PASSWORD}, "#confirm")
    expect(page.locator("h1")).to_have_text("Su cuenta está lista, Iris")
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Esta cuenta ya está confirmada")
    assert found + find_page_problems(page) == []


def test_new_address_that_is_taken_meanwhile_is_not_confirmed(enter, site, profiles):
    profiles.expect_console_errors("status of 404")
    ana, email = site.add_member("Ana"), "nueva.ana@x.co"
    taker = site.add_member("Luz")
    User.update(email=email).where(User.id == taker.id).execute()
    used = f"/correo/{site.open_sent_link(NEW_ADDRESS, ana, email)}"
    page = enter("", used)
    page.locator("#confirm").click()
    require_focus(page, "#address-problem", "#address-problem")
    expect(page.locator("#address-problem")).to_contain_text("Ese correo ya es de otra cuenta")
    assert find_page_problems(page) == []
    User.update(email=taker.user.email).where(User.id == taker.id).execute()
    # A second request would find the link used up.
    press_twice(page, "#confirm")
    expect(page.locator("#login-done")).to_contain_text("Su correo cambió")
    page.goto(f"{site.origin}{used}")
    expect(page.get_by_text("Si ya lo confirmó, su correo es el nuevo")).to_be_visible()
    # It expires while its page is open.
    page.goto(f"{site.origin}/correo/{site.open_sent_link(NEW_ADDRESS, taker, email + '.co')}")
    AccountEmail.update(expires_at=datetime.now(UTC)).where(AccountEmail.user == taker.id).execute()
    page.locator("#confirm").click()
    expect(page.get_by_text("pida otro en")).to_be_visible()


def test_link_that_is_no_good_says_so_and_where_to_go(enter, site, profiles):
    profiles.expect_console_errors("status of 404")
    page, found = enter("", "/correo/" + "x" * 43), []
    for path in ("/correo/", "/registro/confirmar/", "/recuperar/", "/invitacion/", "/baja/"):
        page.goto(f"{site.origin}{path}{'x' * 43}")
        expect(page.locator("h1")).to_contain_text("Este enlace")
        expect(page.locator("main a.btn, .login a.btn").first).to_be_visible()
        found += [f"{path}: {problem}" for problem in find_page_problems(page)]
    assert found == []
