"""A supervisor imports members of a file: what was chosen stays when it cannot be sent, and progress is shown."""

import re

import pytest
from playwright.sync_api import expect

from beneficiate.models.accounts import User
from beneficiate.models.imports import DISCARDED_IMPORT, MemberImport
from tests.browser.page_checks import find_page_problems
from tests.browser.page_objects import set_session_cookie

PAGE = "/supervisor/ajustes/importar"
HEADER = "Tipo;Documento;Nombres;Apellidos;Correo"


def file_of(name, *rows):
    return {"name": name, "mimeType": "text/csv", "buffer": "\n".join([HEADER, *rows]).encode()}


@pytest.fixture
def open_page(profiles, site):
    def do(**options):
        context = profiles.new_context(**options)
        set_session_cookie(context, site, site.add_supervisor("Marta"))
        page = context.new_page()
        page.goto(f"{site.origin}{PAGE}")
        return page

    return do


def test_file_is_imported_and_coming_back_shows_where_it_is(open_page, site):
    page = open_page(bypass_csp=True, reduced_motion="reduce")
    rows = [f"CC;{71000000 + n};Ana;Gil;ana.gil.{n}@x.co" for n in range(450)]
    page.locator("#file").set_input_files(file_of("miembros.csv", *rows, "CC;5,2E+07;Rosa;Díaz;rosa@x.co"))
    page.locator("#import-send").click()
    expect(page.locator("#count-new")).to_have_text("450")
    expect(page.locator("#refused")).to_contain_text("notación científica")
    found = find_page_problems(page)
    page.locator("#confirm").click()
    expect(page.locator("#count-imported")).to_be_visible()
    # Leaving it and coming back.
    page.goto(f"{site.origin}{PAGE}")
    page.locator("#imports .row-open").first.click()
    expect(page.locator("#import-state")).to_have_attribute("data-state", "DONE")
    expect(page.locator("#count-imported")).to_have_text("450")
    with page.expect_download() as downloaded:
        page.locator("#refused-csv").click()
    assert downloaded.value.suggested_filename == "no-importados.csv"
    assert User.select().where(User.email.startswith("ana.gil.")).count() == 450
    assert found + find_page_problems(page) == []


def test_what_was_chosen_stays_when_it_cannot_be_sent(open_page, profiles):
    profiles.expect_console_errors("ERR_INTERNET_DISCONNECTED")
    page = open_page()
    page.locator("#import-send").click()
    expect(page.locator("#import-wrong")).to_contain_text("Elija el archivo")
    page.locator("#file").set_input_files(file_of("solo.csv"))
    page.context.set_offline(True)
    page.locator("#import-send").click()
    expect(page.locator("#import-wrong")).to_contain_text("conexión")
    page.context.set_offline(False)
    page.locator("#import-send").click()
    expect(page.locator("#import-wrong")).to_contain_text("no tiene ninguna fila")
    expect(page.locator("#file")).to_be_focused()
    expect(page.locator("#file")).to_have_attribute("aria-invalid", "true")
    assert page.locator("#file").evaluate("input => input.files[0].name") == "solo.csv"
    page.locator("#file").set_input_files({"name": "g.csv", "mimeType": "text/csv", "buffer": b"x" * (5 * 2**20 + 1)})
    page.locator("#import-send").click()
    expect(page.locator("#import-wrong")).to_contain_text("hasta 5 MB")
    for name, content, sentence in (
        ("lista.csv", b"Nombre;Correo\nAna;ana@x.co\n", "Faltan columnas en la primera fila"),
        ("foto.xlsx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "no"),
    ):
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        page.locator("#import-send").click()
        expect(page.locator("#import-wrong")).to_contain_text(sentence)
        expect(page.locator("#file")).to_be_focused()
    page.locator("#file").set_input_files(file_of("una.csv", "CC;71000998;Ana;Gil;ana.otra@x.co"))
    page.locator("#import-send").click()
    expect(page.locator("#count-new")).to_have_text("1")
    # Another supervisor discards it meanwhile.
    profiles.expect_console_errors("status of 410")
    MemberImport.update(state=DISCARDED_IMPORT).where(MemberImport.file_name == "una.csv").execute()
    page.locator("#confirm").click()
    expect(page.get_by_text("Ese archivo se descartó, y sus filas se borraron.")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.locator("#import-state")).to_have_attribute("data-state", DISCARDED_IMPORT)
    expect(page.locator("#confirm")).to_have_count(0)


def test_it_works_without_a_script(open_page):
    page = open_page(java_script_enabled=False)
    page.locator("#file").set_input_files(file_of("mal.csv"))
    page.locator("#import-send").click()
    expect(page.locator("#import-wrong")).to_contain_text("no tiene ninguna fila")
    page.locator("#file").set_input_files(file_of("uno.csv", "CC;71000999;Ana;Gil;ana.una@x.co"))
    page.locator("#import-send").click()
    expect(page).to_have_url(re.compile(rf"{PAGE}/\d+$"))
    page.locator("#discard").click()
    expect(page.locator("#admin-said")).to_contain_text("descartamos")
