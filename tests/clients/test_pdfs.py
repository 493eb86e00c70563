"""Documents are parsed, not recognised by their first bytes, and nothing active is taken."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name

from beneficiate.clients.pdfs import MAX_OBJECTS, check_pdf
from beneficiate.errors import UnsupportedType
from tests.sample_files import HTML, PDF, make_pdf


def add_open_action(action):
    def change(pdf):
        pdf.Root.OpenAction = Dictionary(action)

    return change


def add_link_action(pdf):
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F="cmd.exe"))
    pdf.pages[0].Annots = Array([link])


def add_file(pdf):
    pdf.attachments["factura.exe"] = b"MZ"


def add_loose_script(pdf):
    """Add an object that nothing refers to."""
    pdf.Root.Loose = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def add_form_script(pdf):
    pdf.Root.AcroForm = Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))


ACTIVE = {
    "script": add_open_action({"/S": Name.JavaScript, "/JS": "app.alert(1)"}),
    "launch": add_open_action({"/S": Name.Launch, "/F": "cmd.exe"}),
    "next": add_open_action({"/S": Name.GoTo, "/Next": Dictionary(S=Name.JavaScript, JS="1")}),
    "other file": add_open_action({"/S": Name.GoToR, "/F": "\\\\servidor\\carpeta"}),
    "script as a link": add_open_action({"/S": Name.URI, "/URI": "javascript:alert(1)"}),
    "file as a link": add_open_action({"/S": Name.URI, "/URI": "file:///etc/passwd"}),
    "share as a link": add_open_action({"/S": Name.URI, "/URI": "\\\\servidor\\carpeta"}),
    "link": add_link_action,
    "file": add_file,
    "loose": add_loose_script,
    "form": add_form_script,
}


def test_plain_document_is_accepted():
    check_pdf(BytesIO(PDF))


@pytest.mark.parametrize(
    "link",
    ["https://beneficiate.co", "HTTP://x.co/a:b", "www.x.co/a", "x.co:8080/a", "mailto:a@x.co", "tel:+573001234567"],
)
def test_link_to_a_page_is_not_active(link):
    check_pdf(BytesIO(make_pdf(add_open_action({"/S": Name.URI, "/URI": link}))))


def test_document_of_very_many_objects_is_refused_before_they_are_looked_at():
    def add_objects(pdf):
        pdf.Root.Many = Array([pdf.make_indirect(Dictionary(N=number)) for number in range(MAX_OBJECTS)])

    with pytest.raises(UnsupportedType, match="demasiado complejo"):
        check_pdf(BytesIO(make_pdf(add_objects)))


@pytest.mark.parametrize("change", ACTIVE.values(), ids=ACTIVE)
@pytest.mark.parametrize("mode", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
def test_document_that_does_something_is_refused(change, mode):
    with pytest.raises(UnsupportedType, match="programas"):
        check_pdf(BytesIO(make_pdf(change, object_stream_mode=mode)))


def test_name_written_in_another_way_is_the_same_name():
    content = make_pdf(ACTIVE["script"], object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert content.count(b"/JavaScript") == 1
    with pytest.raises(UnsupportedType, match="programas"):
        check_pdf(BytesIO(content.replace(b"/JavaScript", b"/#4aavaScript").replace(b"/JS ", b"/#4aS ")))


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-",
        b"%PDF-1.7\n" + b"\0" * 100_000,
        b"%PDF-1.7\n" + HTML,
        b"%PDF-1.4\nMZ" + b"\x90" * 500,
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        PDF[:40],
    ],
    ids=["mark", "zeros", "html", "program", "no page", "cut"],
)
def test_what_only_begins_like_a_document_is_refused(content):
    with pytest.raises(UnsupportedType, match="dañado"):
        check_pdf(BytesIO(content))


def test_document_with_a_password_is_refused_because_nobody_can_look_into_it():
    with pytest.raises(UnsupportedType, match="contraseña"):
        check_pdf(BytesIO(make_pdf(encryption=Encryption(owner="o", user="u"))))


def test_document_that_only_restricts_printing_is_accepted_and_looked_into():
    check_pdf(BytesIO(make_pdf(encryption=Encryption(owner="o", user=""))))
    with pytest.raises(UnsupportedType, match="programas"):
        check_pdf(BytesIO(make_pdf(ACTIVE["script"], encryption=Encryption(owner="o", user=""))))
