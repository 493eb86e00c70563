"""A supervisor uploads a file of members, sees how it was understood, confirms it, and sees what became of it."""

import re

import pytest

from beneficiate.jobs.member_imports import import_confirmed_members
from beneficiate.models.accounts import User
from beneficiate.models.imports import MemberImport, MemberImportRow
from tests.conftest import stop_refilling
from tests.factories import agent, member, supervisor
from tests.http_client import fetch

PAGE = "/supervisor/ajustes/importar"
HEADER = "Tipo;Documento;Nombres;Apellidos;Correo;Celular"
ROWS = [
    "CC;52100200;José;Peña;jose@x.co;3104428016",
    "CC;5,21E+07;Rosa;Díaz;rosa@x.co;",
    "CC;52100202;Ana;Gil;ana@x.co;",
]
FILE = "\n".join([HEADER, *ROWS])


async def upload(browser, content, name="miembros.csv", token=None):
    """Send the form of the page with a file, as a browser does."""
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n{token or browser.xsrf_token}\r\n',
        f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}\r\n--xyz--\r\n',
    ]
    headers = {"Cookie": browser._cookie(), "Content-Type": "multipart/form-data; boundary=xyz"}
    return await fetch(browser.port, PAGE, "POST", "".join(parts), **headers)


@pytest.fixture
def open_page(signed_in):
    """Return a function that opens the page as a supervisor, and returns their browser."""

    async def do():
        browser = await signed_in(supervisor("Marta"))
        await browser.get(PAGE)
        return browser

    return do


def count_of(text, name):
    return re.search(rf'id="count-{name}">([^<]*)<', text)[1]


@pytest.mark.gen_test
async def test_who_sends_files_too_often_reads_on_the_page_how_long_to_wait(server, open_page):
    marta = await open_page()
    stop_refilling(server)
    boss = User.get(User.first_name == "Marta").id
    for _ in range(server.settings.uploads_per_minute):
        await server.context.limiters.uploads.acquire(boss)
    sent = await upload(marta, FILE)
    assert (sent.status, MemberImport.select().count()) == (200, 0)
    assert "Intente de nuevo en" in sent.text.split('id="import-wrong"')[1].split("</p>")[0]


@pytest.mark.gen_test
async def test_file_is_shown_as_it_was_understood_then_imported(server, open_page):
    marta = await open_page()
    member(email="ana@x.co", document_type="CC", document_number="52100202")
    sent = await upload(marta, FILE)
    assert sent.status == 303
    path = sent.headers["Location"]
    shown = (await marta.get(path)).text
    assert [count_of(shown, name) for name in ("new", "present", "refused")] == ["1", "1", "1"]
    assert "Texto con punto y coma, UTF-8" in shown
    assert "Nacimiento</dd>" in shown
    assert "notación científica" in shown
    # What a supervisor sees of a person is masked here too.
    assert ("•••• 0200" in shown, "52100200" in shown, "jo••••@x.co" in shown, "jose@x.co" in shown) == (
        True, False, True, False,
    )  # fmt: skip
    csv = await marta.get(f"{path}/no-importados.csv")
    assert csv.text.splitlines()[0] == "\ufefffila;motivo"
    assert csv.text.splitlines()[1].startswith("3;El número está en notación científica")
    assert not User.select().where(User.email == "jose@x.co").exists()
    for _ in range(2):
        assert (await marta.post(f"{path}/confirmar")).headers["Location"] == path
    assert 'data-state="RUNNING"' in (await marta.get(f"{path}/estado")).text
    await import_confirmed_members(server.context)
    done = (await marta.get(path)).text
    assert [count_of(done, name) for name in ("imported", "present", "refused")] == ["1", "1", "1"]
    assert "Importación terminada" in done
    assert "Terminada" in (await marta.get(PAGE)).text
    again = await upload(marta, FILE)
    assert count_of((await marta.get(again.headers["Location"])).text, "present") == "2"


@pytest.mark.gen_test
async def test_same_file_twice_is_one_preview_and_a_changed_one_is_another(server, open_page):
    marta = await open_page()
    first, second = await upload(marta, FILE), await upload(marta, FILE, "otro nombre.csv")
    assert first.headers["Location"] == second.headers["Location"]
    assert (await upload(marta, FILE + "\n")).headers["Location"] != first.headers["Location"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("", "", "Elija un archivo"),
        ("", "nada.csv", "está vacío"),
        (HEADER, "solo.csv", "no tiene ninguna fila"),
        ("Nombre;Correo\nAna;a@x.co", "otro.csv", "Faltan columnas en la primera fila: tipo, numero, apellidos."),
        ("x" * (5 * 1024 * 1024 + 1), "grande.csv", "demasiado grande"),
        (f"{HEADER}\n" + f"{ROWS[0]}\n" * 5_001, "largo.csv", "más de 5.000 filas"),
        ("PK\x03\x04roto", "roto.xlsx", "dañado"),
    ],
)
@pytest.mark.gen_test
async def test_file_that_is_no_list_of_members_is_said(server, open_page, content, name, sentence):
    marta = await open_page()
    answer = await upload(marta, content, name)
    assert answer.status == 200
    assert sentence in re.search(r'data-part="wrong">([^<]*)<', answer.text)[1]
    assert MemberImport.select().count() == 0


@pytest.mark.gen_test
async def test_much_too_large_body_is_refused_before_it_comes(server, open_page):
    marta = await open_page()
    answer = await upload(marta, "x" * (6 * 1024 * 1024))
    assert answer.status == 413
    assert "hasta 5 MB" in answer.text


@pytest.mark.gen_test
async def test_form_without_its_token_is_refused(server, open_page):
    marta = await open_page()
    assert (await upload(marta, FILE, token="2|1|2|3")).status == 403
    assert MemberImport.select().count() == 0


@pytest.mark.gen_test
async def test_discarded_file_is_gone(server, open_page):
    marta = await open_page()
    path = (await upload(marta, FILE)).headers["Location"]
    assert (await marta.post(f"{path}/descartar")).headers["Location"] == f"{PAGE}?listo=descartado"
    assert "Archivo descartado" in (await marta.get(path)).text
    assert 'id="rows-none"' in (await marta.get(f"{PAGE}?listo=descartado")).text
    assert (await marta.post(f"{path}/confirmar")).status == 410
    assert MemberImportRow.select().count() == 0


@pytest.mark.gen_test
async def test_only_supervisors_import(server, signed_in, open_page):
    path = (await upload(await open_page(), FILE)).headers["Location"]
    for who in (agent(), member()):
        browser = await signed_in(who)
        assert (await upload(browser, FILE)).status == 403
        for address in (PAGE, path, f"{path}/estado", f"{path}/no-importados.csv"):
            assert (await browser.get(address)).status == 403
        for act in ("confirmar", "descartar"):
            assert (await browser.post(f"{path}/{act}")).status == 403
    assert (await fetch(server.port, PAGE, "POST", "x", Content_Type="multipart/form-data; boundary=xyz")).status == 401


@pytest.mark.gen_test
async def test_unknown_import_is_not_found(server, open_page):
    marta = await open_page()
    for address in (f"{PAGE}/9", f"{PAGE}/9/estado", f"{PAGE}/9/no-importados.csv"):
        assert (await marta.get(address)).status == 404
    assert (await marta.post(f"{PAGE}/9/confirmar")).status == 404
