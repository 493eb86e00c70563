"""Make the images of docs/screenshots: `python -m tests.browser.screenshots [FOLDER]`.

Without a folder, the chosen ones are made again in docs/screenshots; with one, every page in every width and theme is
written there.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count, product
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from beneficiate.limits import BENEFICIARIES, CHATS
from beneficiate.models.account_emails import REGISTRATION
from beneficiate.models.accounts import User
from beneficiate.models.quotas import QuotaUse
from tests.browser import chromium
from tests.browser.booking_pages import DemoApiClient
from tests.browser.page_objects import set_demo_session_cookie, sign_in_agent, sign_in_member
from tests.browser.payment_pages import LocalWompiTools, create_payment_link
from tests.browser.site import Site, create_template_database
from tests.browser.test_registration import PASSWORD, fill_in
from tests.server_process import ROOT

FOLDER = ROOT / "docs" / "screenshots"
HEIGHTS = {1440: 810, 1024: 768, 390: 844}
THEMES = ("light", "dark")
AGENT = "agente1@demo.beneficiate.co"
SUPERVISOR = "supervisor@demo.beneficiate.co"
ANA = "ana@demo.beneficiate.co"
WITHOUT_A_PLAN = "luis@demo.beneficiate.co"
PAID, REFUSED, AT_THE_BANK, TWICE = (
    f"{name}@demo.beneficiate.co" for name in ("brayan.mosquera", "rafael.manjarres", "fabio.ospina", "kelly.barrios")
)

DAILY = ("desk-list", "desk-conversation", "demo", "mine")
"""The pages that are used all day, in every width and theme."""
CHOSEN = [
    *product(DAILY, HEIGHTS, THEMES),
    ("desk-supervisor", 1440, "light"),
    ("desk-supervisor", 390, "dark"),
    ("widget-appointments", 1440, "light"),
    ("widget-appointments", 390, "dark"),
    ("widget-plan", 390, "light"),
    ("widget-notices", 390, "light"),
    ("widget-notices", 1440, "dark"),
    ("board", 1440, "light"),
    ("board", 390, "dark"),
    ("reports", 1440, "light"),
    ("reports", 390, "dark"),
    ("staff", 1440, "light"),
    ("staff", 390, "dark"),
    ("service-levels", 1440, "light"),
    ("hours", 1440, "light"),
    ("hours", 390, "dark"),
    ("audit-log", 1440, "light"),
    ("audit-log", 390, "dark"),
    ("login", 1440, "light"),
    ("login", 1440, "dark"),
    ("login", 390, "light"),
    *product(("registration", "own-access", "own-data", "own-request"), (1440,), ("light",)),
    *product(("registration", "own-access", "own-data", "own-request"), (390,), ("dark",)),
    ("error", 1440, "light"),
    ("plans", 1440, "light"),
    ("plans", 1440, "dark"),
    ("plans", 390, "light"),
    ("purchase", 1440, "light"),
    ("purchase", 390, "light"),
    ("payment-confirming", 390, "light"),
    ("payment-active", 1440, "light"),
    ("payment-active", 390, "dark"),
    ("payment-refused", 390, "light"),
    ("payments", 1440, "light"),
    ("receipt", 1440, "light"),
    ("payments-admin", 1440, "light"),
    ("payments-admin", 1440, "dark"),
    ("payments-admin", 1024, "light"),
    ("payments-admin-list", 390, "light"),
]

_newcomers = count(1)


def login(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/login")


def desk_list(page: Page, site: Site) -> None:
    sign_in_agent(page, site, AGENT)


def desk_conversation(page: Page, site: Site) -> None:
    sign_in_agent(page, site, AGENT).open_chat(site.chat_of(ANA))


def demo(page: Page, site: Site) -> None:
    sign_in_member(page, site, ANA)
    expect(page.locator("[data-line]").first).to_be_visible()


def error(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/no-existe")


def plans(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/planes?plan={site.plan_id('FAMILY')}")


def purchase(page: Page, site: Site) -> None:
    _open_as(page, site, WITHOUT_A_PLAN, f"/pagos/nuevo?plan={site.plan_id('FAMILY')}")


def checkout(page: Page, site: Site) -> None:
    purchase(page, site)
    page.locator("#pay").click()
    expect(page.locator("#card")).to_be_visible()


def payment_confirming(page: Page, site: Site) -> None:
    _open_payment(page, site, AT_THE_BANK, "PENDING")


def payment_active(page: Page, site: Site) -> None:
    _open_payment(page, site, PAID, "APPROVED")


def payment_refused(page: Page, site: Site) -> None:
    _open_payment(page, site, REFUSED, "DECLINED")


def payments(page: Page, site: Site) -> None:
    _open_as(page, site, PAID, "/pagos")
    expect(page.locator("#payments .payment-history-row")).to_have_count(2)


def receipt(page: Page, site: Site) -> None:
    _open_as(page, site, PAID, f"/pagos/{_newest_payment_id(site, PAID)}/recibo")


def payments_admin(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, f"/supervisor/pagos?lista=todos&pago={_newest_payment_id(site, TWICE)}")
    expect(page.locator(".review")).to_be_visible()


def payments_admin_list(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/pagos?lista=todos")


def board(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor")
    expect(page.locator("#fresh")).to_contain_text("En vivo")


def board_alert(page: Page, site: Site) -> None:
    board(page, site)
    page.locator("#alerts a[href*='/alerta?']").first.click()
    expect(page.locator("#alert-rows")).to_be_visible()


def hours(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/horario")


def reports(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/reportes")


def staff(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, f"/supervisor/ajustes/personas/{site.person(AGENT).user_id}")


def service_levels(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/ajustes/niveles")


def audit_log(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/auditoria")
    page.locator("[data-code='chats.give'] summary").first.click()


def desk_supervisor(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, f"/agente?lista=all&chat={site.chat_of(ANA)}")
    expect(page.locator("#take-over")).to_be_visible()


def account(page: Page, site: Site) -> None:
    _open_as(page, site, ANA, "/mi")


def widget_appointments(page: Page, site: Site) -> None:
    sign_in_member(page, site, ANA)
    page.get_by_role("tab", name="Mis citas").click()


def widget_plan(page: Page, site: Site) -> None:
    sign_in_member(page, site, ANA)
    page.get_by_role("tab", name="Mi plan").click()


def widget_notices(page: Page, site: Site) -> None:
    widget_plan(page, site)
    page.locator("#plan-notices").click()
    page.locator("#notices-quiet").check()


def registration(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/registro")


def recovery(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/recuperar")


def recovery_sent(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/recuperar/enviado")


def registration_sent(page: Page, site: Site) -> None:
    _register(page, site)
    expect(page.locator("#sent-to")).to_be_visible()


def registration_confirm(page: Page, site: Site) -> None:
    email = _register(page, site)
    page.goto(f"{site.origin}/registro/confirmar/{site.open_link(REGISTRATION, email)}")
    expect(page.locator("#confirm")).to_be_visible()


def invitation(page: Page, site: Site) -> None:
    page.goto(f"{site.origin}/invitacion/{site.open_invitation()}")
    expect(page.locator("#password")).to_be_visible()


def own_access(page: Page, site: Site) -> None:
    _open_as(page, site, ANA, "/mi/acceso")


def own_data(page: Page, site: Site) -> None:
    _open_as(page, site, ANA, "/mi/datos")


def erasure(page: Page, site: Site) -> None:
    _open_as(page, site, ANA, "/mi/datos/borrar")


def notices(page: Page, site: Site) -> None:
    _open_as(page, site, ANA, "/mi/avisos")


def own_request(page: Page, site: Site) -> None:
    """File a request, the first time; then show what is filed."""
    _open_as(page, site, ANA, "/mi/solicitudes")
    if page.locator("#requests").count():
        page.locator("#requests a").first.click()
    else:
        page.goto(f"{site.origin}/mi/solicitudes/nueva")
        page.get_by_label("Corregir un dato").check()
        page.locator("#texto").fill("La fecha de nacimiento de Tomás quedó como 2016 y es 2017.")
        page.locator("#send").click()
    expect(page.locator("#history")).to_be_visible()


def data_requests(page: Page, site: Site) -> None:
    own_request(page, site)
    _open_as(page, site, SUPERVISOR, "/supervisor/solicitudes")


def data_request(page: Page, site: Site) -> None:
    data_requests(page, site)
    page.locator("main table a").first.click()


def second_factor(page: Page, site: Site) -> None:
    _open_as(page, site, AGENT, "/mi/segundo-paso")


def retention(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/ajustes/retencion")


def blocks(page: Page, site: Site) -> None:
    with site.database():
        for quota, email in ((CHATS, ANA), (BENEFICIARIES, WITHOUT_A_PLAN)):
            whom = User.get(User.email == email).id
            QuotaUse.replace(user=whom, quota=quota.name, used=quota.amount, began_at=datetime.now(UTC)).execute()
    _open_as(page, site, SUPERVISOR, "/supervisor/ajustes/bloqueos")


def erasures(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/ajustes/borrados")


def member_imports(page: Page, site: Site) -> None:
    _open_as(page, site, SUPERVISOR, "/supervisor/ajustes/importar")


def member_import(page: Page, site: Site) -> None:
    member_imports(page, site)
    rows = [f"CC;{71000000 + n};Ana Sofía;Gil Rojas;ana.gil.{n}@correo.co;3104428016" for n in range(12)]
    lines = ["Tipo;Documento;Nombres;Apellidos;Correo;Celular", *rows, "CC;5,21E+07;Rosa;Díaz;rosa@correo.co;"]
    file: FilePayload = {"name": "miembros.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.locator("#file").set_input_files(file)
    page.locator("#import-send").click()
    expect(page.locator("#refused")).to_be_visible()


PAGES: dict[str, Callable[[Page, Site], None]] = {
    # First: the sign-ins of all others would be on its first page.
    "audit-log": audit_log,
    "login": login,
    "desk-list": desk_list,
    "desk-conversation": desk_conversation,
    "demo": demo,
    "widget-appointments": widget_appointments,
    "widget-plan": widget_plan,
    "widget-notices": widget_notices,
    "mine": account,
    "desk-supervisor": desk_supervisor,
    "board": board,
    "board-alert": board_alert,
    "reports": reports,
    "staff": staff,
    "service-levels": service_levels,
    "hours": hours,
    "error": error,
    "plans": plans,
    "purchase": purchase,
    "checkout": checkout,
    "payment-confirming": payment_confirming,
    "payment-active": payment_active,
    "payment-refused": payment_refused,
    "payments": payments,
    "receipt": receipt,
    "payments-admin": payments_admin,
    "payments-admin-list": payments_admin_list,
    "registration": registration,
    "recovery": recovery,
    "recovery-sent": recovery_sent,
    "registration-sent": registration_sent,
    "registration-confirm": registration_confirm,
    "invitation": invitation,
    "own-access": own_access,
    "own-data": own_data,
    "erasure": erasure,
    "notices": notices,
    "own-request": own_request,
    "data-requests": data_requests,
    "data-request": data_request,
    "second-factor": second_factor,
    "retention": retention,
    "blocks": blocks,
    "erasures": erasures,
    "member-imports": member_imports,
    "member-import": member_import,
}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    shots = list(product(PAGES, HEIGHTS, THEMES)) if len(sys.argv) > 1 else CHOSEN
    folder.mkdir(parents=True, exist_ok=True)
    with _demo_site() as site, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        _create_payments(site)
        _create_audit_entries(site)
        # A member and an agent stay online: the chats of an agent who goes offline return to the queue.
        for stay in (demo, desk_list):
            stay(chromium.new_context(browser).new_page(), site)
        for name, width, theme in shots:
            path = folder / f"{name}-{width}-{theme}.png"
            _take_screenshot(browser, site, name, width, theme, path)
            print(f"{path}  {path.stat().st_size // 1024} KB")
        browser.close()


def _create_payments(site: Site) -> None:
    """Create payments of demo members, each with another result."""
    wompi, links = LocalWompiTools(site), {}
    for email, plan, status, method in (
        (PAID, "FAMILY", "DECLINED", "PSE"),
        (AT_THE_BANK, "FAMILY", "PENDING", "PSE"),
        (REFUSED, "FAMILY", "DECLINED", "CARD"),
        (PAID, "INDIVIDUAL", "APPROVED", "NEQUI"),
        (TWICE, "FAMILY", "APPROVED", "CARD"),
    ):
        _, links[email] = create_payment_link(site, DemoApiClient(site, email).token, plan)
        transaction_id = wompi.create_transaction(links[email], status, method=method)
        if status == "PENDING":
            wompi.resend_event(transaction_id)
        while site.payments_of(email)[-1][1] != status:  # until the event has come
            time.sleep(0.1)
    wompi.create_transaction(links[TWICE])


def _create_audit_entries(site: Site) -> None:
    """Record what a supervisor, an agent and a job do on a morning."""
    marta, yuliana, ana = (site.person(email) for email in (SUPERVISOR, AGENT, ANA))
    chat = f"chat:{site.chat_of(ANA)}"
    site.record_audit(marta, "hours.set_day", "day:2026-12-24", changes={"hours": ([], ["cerrado 0-1440"])})
    site.record_audit(yuliana, "people.search", "document:1", reason="•••• 4521")
    site.record_audit(yuliana, "people.reveal", f"user:{ana.user_id}", person_id=ana.user_id)
    reason = "Lo lleva quien le respondió la semana pasada."
    changes = {"agent": (None, yuliana.agent_id)}
    site.record_audit(marta, "chats.give", chat, reason=reason, changes=changes, person_id=ana.user_id)
    site.verify_audit()


def _register(page: Page, site: Site) -> str:
    """Register somebody new, and return their address: each screenshot has a browser of its own."""
    email = f"iris{next(_newcomers)}@correo.co"
    page.goto(f"{site.origin}/registro")
    fill_in(page, email)
    page.locator("#password").fill(PASSWORD)
    page.locator("#register").click()
    return email


def _open_as(page: Page, site: Site, email: str, path: str) -> None:
    """Open a page as a person of the demo data."""
    page.goto("about:blank")  # a page whose sign-in has changed leaves by itself, which would end the way to the next
    set_demo_session_cookie(page.context, site, email)
    page.goto(f"{site.origin}{path}")


def _newest_payment_id(site: Site, email: str) -> str:
    return site.payments_of(email)[-1][0]


def _open_payment(page: Page, site: Site, email: str, status: str) -> None:
    query = "?id=a-transaction" if status == "PENDING" else ""
    _open_as(page, site, email, f"/pagos/{_newest_payment_id(site, email)}{query}")
    expect(page.locator("#payment")).to_have_attribute("data-status", status)


def _take_screenshot(browser: Browser, site: Site, name: str, width: int, theme: str, path: Path) -> None:
    is_phone = width < 500
    screen = {"viewport": {"width": width, "height": HEIGHTS[width]}, "is_mobile": is_phone, "has_touch": is_phone}
    context = chromium.new_context(browser, **screen, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    PAGES[name](page, site)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()


@contextmanager
def _demo_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="beneficiate-screenshots-") as folder:
        running = Site(Path(folder), create_template_database(Path(folder) / "demo.db"))
        running.start()
        yield running
        running.kill()


if __name__ == "__main__":
    main()
