"""Requests about personal data: members file them, agents too, supervisors answer. Every state is accessible."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from beneficiate.domain.data_requests.terms import CLAIM, find_due_day, find_latest_day
from beneficiate.formatting import bogota_date
from beneficiate.models.accounts import INACTIVE_STAFF, Supervisor
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie

SHORT = "Corto"
TEXT = "La fecha de nacimiento de Tomás quedó como 2016 y es 2017. En el consultorio no lo dejaron pasar."


def file_claim(who):
    """Store a claim of somebody, as they filed it now."""
    now = datetime.now(UTC)
    row = {"kind": "claim", "subject": "delete", "text": TEXT, "state": "received", "received_at": now}
    today = bogota_date(now)
    claim = DataRequest.create(user=who.id, counted_from=today, due_on=find_due_day(CLAIM, today), **row)
    DataRequestEvent.create(request=claim, kind="filed", at=now, actor_role="member", actor_name=who.user.name)
    return claim


def open_page(profiles, site, who):
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce")
    set_session_cookie(context, site, who)
    return context.new_page()


def require_wrong(page, focused, *errors, typed=""):
    """Check that the first wrong field has the focus, that each error is there and what was typed in the first."""
    expect(page.locator(focused)).to_be_focused()
    expect(page.locator(focused)).to_be_in_viewport()
    for name in errors:
        expect(page.locator(f"#{name}-error")).to_be_visible()
    if typed:
        expect(page.locator(focused)).to_have_value(typed)
        expect(page.locator(focused)).to_have_attribute("aria-invalid", "true")


def require_clash_of_state(page, sentence, kept):
    """Check that a form is refused for what the request has become, and that what was typed can still be copied."""
    problem = page.locator("#request-problem")
    expect(problem).to_contain_text(sentence)
    expect(problem).to_be_focused()
    expect(problem).to_have_attribute("data-code", "conflict")
    expect(page.locator("[data-part=kept]", has_text=kept)).to_be_visible()


def test_member_files_a_claim_and_a_supervisor_answers_it(profiles, site):
    ana, marta, olga = site.add_member("Ana"), site.add_supervisor("Marta"), site.add_supervisor("Olga")
    page = open_page(profiles, site, ana)
    page.goto(f"{site.origin}/mi")
    page.locator("#new-request").click()
    found = find_page_problems(page)
    page.locator("#send").click()
    expect(page.locator("[name=pide]").first).to_be_focused()
    found += find_page_problems(page)
    page.get_by_label("Corregir un dato").check()
    page.locator("#texto").fill(TEXT)
    page.locator("#send").click()
    expect(page.locator("#account-said")).to_contain_text("La recibimos: su número es RD-")
    expect(page.locator("#history")).to_contain_text("Leyenda «reclamo en trámite» puesta")
    expect(page.locator(".cal .is-end")).to_have_count(1)
    found += find_page_problems(page)
    own_address = page.url

    desk = open_page(profiles, site, marta)
    desk.goto(f"{site.origin}/supervisor")
    desk.locator("#rail-requests").click()
    found += find_page_problems(desk)
    desk.get_by_role("link", name=ana.user.name).click()
    desk.locator("#quien").select_option(str(olga.id))
    Supervisor.update(status=INACTIVE_STAFF).where(Supervisor.user == olga.id).execute()
    desk.locator("#assign").click()
    require_wrong(desk, "#quien", "quien", typed=str(marta.id))
    desk.locator("#assign").click()
    expect(desk.locator("#request-said")).to_be_visible()
    desk.locator("#ask-part summary").click()
    desk.locator("#extend-part summary").click()
    found += find_page_problems(desk)
    desk.locator("#motivo").fill(SHORT)
    desk.locator("#extend-form button").click()
    require_wrong(desk, "#motivo", "motivo", typed=SHORT)
    found += find_page_problems(desk)
    desk.locator("#motivo").fill("La clínica responde el lunes.")
    claim = DataRequest.select().where(DataRequest.user == ana.id).get()
    desk.locator("#hasta").fill(claim.due_on.isoformat())
    desk.locator("#extend-form button").click()
    require_wrong(desk, "#hasta", "hasta", typed=claim.due_on.isoformat())
    expect(desk.locator("#motivo")).to_have_value("La clínica responde el lunes.")
    desk.locator("#hasta").fill(find_latest_day(CLAIM, claim.due_on).isoformat())
    desk.locator("#extend-form button").click()
    expect(desk.locator("#request-said")).to_contain_text("la persona ve la razón y la fecha")
    desk.locator("#respuesta").fill(SHORT)
    desk.locator("#reply").click()
    require_wrong(desk, "[name=decision] >> nth=0", "decision", "respuesta")
    found += find_page_problems(desk)
    desk.get_by_label("Se acepta", exact=True).check()
    desk.locator("#reply").click()
    require_wrong(desk, "#respuesta", "respuesta", typed=SHORT)
    expect(desk.get_by_label("Se acepta", exact=True)).to_be_checked()
    desk.locator("#respuesta").fill("Corregimos la fecha de nacimiento de Tomás.")
    desk.locator("#reply").click()
    expect(desk.locator("#answer")).to_contain_text("Corregimos la fecha")
    found += find_page_problems(desk)

    page.goto(own_address)
    expect(page.locator("#answer")).to_contain_text("Nuestra respuesta: se acepta")
    found += find_page_problems(page)
    page.goto(f"{site.origin}/mi/solicitudes")
    found += find_page_problems(page)
    assert found == []


def test_what_is_missing_is_asked_for_and_the_clash_of_two_is_shown(profiles, site):
    ana, marta, luz = site.add_member("Ana"), site.add_supervisor("Marta"), site.add_supervisor("Luz")
    with site.database():
        claim = file_claim(ana)
    pages = [open_page(profiles, site, who) for who in (marta, luz)]
    for page in pages:
        page.goto(f"{site.origin}/supervisor/solicitudes/{claim.id}")
    pages[0].locator("#ask-part summary").click()
    pages[0].locator("#pregunta").fill(SHORT)
    pages[0].get_by_role("button", name="Pedir").click()
    require_wrong(pages[0], "#pregunta", "pregunta", typed=SHORT)
    pages[0].locator("#pregunta").fill("Envíenos el registro civil, por favor.")
    pages[0].get_by_role("button", name="Pedir").click()
    expect(pages[0].locator("#complete-part")).to_be_visible()
    found = find_page_problems(pages[0])
    pages[1].get_by_label("No procede, con la razón").check()
    pages[1].locator("#respuesta").fill("No tenemos esa orden médica.")
    pages[1].locator("#reply").click()
    expect(pages[1].locator("#clash")).to_contain_text("No tenemos esa orden médica.")
    found += find_page_problems(pages[1])
    pages[0].locator("#complete-part summary").click()
    pages[0].locator("#complete-form #texto").fill(SHORT)
    pages[0].locator("#complete-form button").click()
    require_wrong(pages[0], "#texto", "texto", typed=SHORT)
    own = open_page(profiles, site, ana)
    windows = [own, own.context.new_page()]
    for window in windows:
        window.goto(f"{site.origin}/mi/solicitudes/{claim.id}")
    expect(own.locator("#question")).to_have_text("Envíenos el registro civil, por favor.")
    found += find_page_problems(own)
    own.locator("#texto").fill("Aquí está el número del registro civil.")
    own.locator("#complete").click()
    expect(own.locator("#account-said")).to_be_visible()
    # What is typed in another window meanwhile comes too late, and can still be copied.
    windows[1].locator("#texto").fill("El registro está en la notaría segunda.")
    windows[1].locator("#complete").click()
    require_clash_of_state(windows[1], "ya no espera información", "El registro está en la notaría segunda.")
    found += find_page_problems(windows[1])
    pages[0].locator("#texto").fill("Lo leyó por teléfono: 2017.")
    pages[0].locator("#complete-form button").click()
    pages[0].locator("#clash-save").click()
    require_clash_of_state(pages[0], "ya no espera información", "Lo leyó por teléfono: 2017.")
    found += find_page_problems(pages[0])
    windows[1].locator("#withdraw-ask summary").click()
    windows[1].locator("#withdraw").click()
    expect(windows[1].locator("[data-state=withdrawn]")).to_be_visible()
    assert found + find_page_problems(windows[1]) == []
    # It was closed while a supervisor wrote the answer.
    pages[1].locator("#clash-save").click()
    expect(pages[1].locator("#clash")).to_be_visible()
    pages[1].locator("#clash-save").click()
    require_clash_of_state(pages[1], "ya se cerró", "No tenemos esa orden médica.")
    assert find_page_problems(pages[1]) == []


def test_agent_files_for_the_member_of_the_chat(profiles, site):
    pair = site.add_pair("Ana", "Yuliana")
    desk = profiles.desk(pair, bypass_csp=True, reduced_motion="reduce")
    desk.page.locator("#chat-more").click()
    with desk.page.context.expect_page() as opened:
        desk.page.locator("#file-request").click()
    expect(desk.page.locator("#chat-menu")).to_be_hidden()
    page = opened.value
    expect(page.locator("h1")).to_have_text("Registrar una solicitud de datos")
    found = find_page_problems(page)
    page.locator("#texto").fill(SHORT)
    page.locator("#send").click()
    require_wrong(page, "[name=pide] >> nth=0", "pide", "texto")
    expect(page.locator("#texto")).to_have_value(SHORT)
    found += find_page_problems(page)
    page.get_by_label("Borrar datos").check()
    page.locator("#send").click()
    require_wrong(page, "#texto", "texto", typed=SHORT)
    page.locator("#texto").fill(TEXT)
    page.locator("#send").click()
    expect(page.locator("#filed-new")).to_contain_text("quedó registrada")
    assert found + find_page_problems(page) == []
    desk.page.reload()
    expect(desk.page.locator(".about-claim")).to_contain_text("Reclamo en trámite: borrar datos")
    assert find_page_problems(desk.page) == []


def test_list_is_narrowed_and_says_when_nothing_is_found_or_a_filter_is_wrong(profiles, site):
    people = [site.add_member(name) for name in ("Rosalba", "Evelio")]
    with site.database():
        claims = [file_claim(who) for who in people]
    context = profiles.new_context(bypass_csp=True, reduced_motion="reduce", viewport={"width": 390, "height": 600})
    set_session_cookie(context, site, site.add_supervisor("Marta"))
    page = context.new_page()
    page.goto(f"{site.origin}/supervisor/solicitudes")
    rows = page.locator("#requests tbody tr")
    assert rows.count() >= 2
    page.locator("#filter-persona").fill("rosalba")
    page.locator("#filter-tipo").select_option("claim")
    page.locator("#requests-search").click()
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("data-id", str(claims[0].id))
    expect(page.locator("#filter-tipo")).to_have_value("claim")
    found = find_page_problems(page)
    page.locator("#filter-plazo").select_option(label="Vencidas")
    page.locator("#requests-search").click()
    expect(page.locator("#requests-none")).to_contain_text("Nada con esos filtros")
    expect(page.locator("#filter-persona")).to_have_value("rosalba")
    found += find_page_problems(page)
    page.locator("#filters-clear").click()
    expect(page.locator(f"[data-id='{claims[1].id}']")).to_be_visible()
    page.goto(f"{page.url}?despues=ayer")
    expect(page.locator("#requests-problem")).to_be_in_viewport()
    expect(rows).to_have_count(0)
    assert found + find_page_problems(page) == []
