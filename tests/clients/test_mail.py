"""Letters into a folder, and to a real mail server."""

import asyncio
import threading
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from beneficiate.clients import mail as mail_module
from beneficiate.clients.mail import (
    EmailHeaders,
    FolderMailClient,
    MailInDoubt,
    MailRefused,
    SmtpMailClient,
    attach_calendar,
    build_email,
    offer_unsubscribe,
)
from beneficiate.errors import Unavailable
from tests.servers import free_port

ENTRY = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Cita de Cardiología\r\nEND:VCALENDAR\r\n".encode()


def letter(name="Ana María Ñáñez", email="ana@pruebas.co", key="letters.1"):
    headers = EmailHeaders("citas@beneficiate.co", name, email, "Su cita está confirmada · APT-7K2QX-0481", key)
    return build_email(headers, "Hola, señora.\n", "<p>Hola, señora.</p>\n")


def read(data):
    return message_from_bytes(data, policy=policy.default)


class Postman:
    """A mail server that keeps what it is given, or refuses it."""

    def __init__(self, refusal=""):
        self.refusal, self.bags = refusal, []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if self.refusal:
            return self.refusal
        self.bags.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def post_office():
    """Start mail servers: `post_office(postman, **options)` returns the port."""
    started = []

    def start(postman, **options):
        controller = Controller(postman, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        started.append(controller)
        return controller.port

    yield start
    for controller in started:
        controller.stop()


def test_a_letter_has_a_text_and_an_html_part_and_says_who_and_whom():
    found = read(bytes(letter()))
    assert [part.get_content_type() for part in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert found.get_body(("plain",)).get_content() == "Hola, señora.\n"
    assert "<p>Hola, señora.</p>" in found.get_body(("html",)).get_content()
    assert found["Subject"] == "Su cita está confirmada · APT-7K2QX-0481"
    (sender,), (to,) = found["From"].addresses, found["To"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Beneficiate", "citas@beneficiate.co")
    assert (to.display_name, to.addr_spec) == ("Ana María Ñáñez", "ana@pruebas.co")
    assert found["Message-ID"].endswith("@beneficiate.co>")


def test_letter_that_is_sent_again_is_the_same_message():
    assert letter()["Message-ID"] == letter()["Message-ID"] == "<letters.1@beneficiate.co>"
    assert letter(key="letters.2")["Message-ID"] != letter()["Message-ID"]


@pytest.mark.parametrize(
    "email", ["ana@x.co,beto@x.co", "ana@x.co.", "ana@x.co\nBcc: todos@x.co", "ana", "", "a b@x.co"]
)
def test_what_is_no_address_is_refused_before_anything_is_sent(email):
    with pytest.raises(MailRefused):
        letter(email=email)


@pytest.mark.parametrize("name", ["Ana (la mamá)", "Rojas, Ana", 'Ana "Nana" Ñáñez', "Ana <x@y.co>", "", "\u202eanA"])
def test_name_never_changes_the_address(name):
    found = read(bytes(letter(name=name)))["To"].addresses
    assert [one.addr_spec for one in found] == ["ana@pruebas.co"]
    assert found[0].display_name == name.replace("\u202e", "")


@pytest.mark.parametrize("name", ["a" * 255 + " " + "b" * 255, "ñ" * 500, "a " * 250, "=?utf-8?q?hola?= Ana"])
def test_no_name_ends_the_head_or_is_read_as_another(name):
    raw = bytes(letter(name=name))
    found = read(raw)
    assert (found["Subject"], found["To"].addresses[0].addr_spec) == (letter()["Subject"], "ana@pruebas.co")
    assert "hola" not in found["To"].addresses[0].display_name or "utf" in found["To"].addresses[0].display_name
    assert b"\n\n" not in raw[: raw.index(b"Subject:")]


def test_domain_of_an_address_is_encoded():
    assert letter(email="ana@ñandú.co")["To"].addresses[0].addr_spec == "ana@xn--and-6ma2c.co"


@pytest.mark.parametrize(("is_cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_a_calendar_entry_is_attached_with_its_method(is_cancelled, method):
    whole = letter()
    attach_calendar(whole, ENTRY, is_cancelled=is_cancelled)
    (part,) = read(bytes(whole)).iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "cita.ics")
    assert part.get_param("method") == method
    assert part.get_payload(decode=True) == ENTRY


def test_a_calendar_entry_with_accents_can_be_read_as_text():
    whole = letter()
    attach_calendar(whole, ENTRY, is_cancelled=False)
    (part,) = read(bytes(whole)).iter_attachments()
    assert "Cardiología" in part.get_content()


@pytest.mark.parametrize("text", ["Ana\nBcc: todos@pruebas.co", "Ana\r\nSubject: otra"])
def test_nobody_writes_headers_by_their_name(text):
    try:
        found = read(bytes(letter(name=text)))
    except ValueError:
        return
    assert found["Bcc"] is None
    assert len(found.get_all("Subject")) == 1


@pytest.mark.gen_test
async def test_in_development_letters_lie_in_a_folder_that_is_made_when_needed(tmp_path, io_loop):
    mail = FolderMailClient(tmp_path / "var" / "outbox")
    for name in ("Ana", "Beto"):
        await mail.send(letter(name=name, key=name), "ana@pruebas.co")
    files = list((tmp_path / "var" / "outbox").glob("*.eml"))
    assert sorted(read(path.read_bytes())["To"].addresses[0].display_name for path in files) == ["Ana", "Beto"]


@pytest.mark.gen_test
async def test_a_mail_server_gets_the_letter_as_it_is(post_office, io_loop):
    postman = Postman()
    port = post_office(postman)
    whole = letter()
    attach_calendar(whole, ENTRY, is_cancelled=True)
    await SmtpMailClient(f"smtp://127.0.0.1:{port}").send(whole, "ana@pruebas.co")
    ((sender, to, content),) = postman.bags
    assert (sender, to) == ("citas@beneficiate.co", ["ana@pruebas.co"])
    found = read(content)
    assert found["Subject"] == whole["Subject"]
    assert [part.get_content_type() for part in found.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.gen_test
async def test_name_and_password_of_the_url_are_used(post_office, io_loop):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word", handled=False)

    postman = Postman()
    port = post_office(postman, authenticator=authenticate, auth_required=True, auth_require_tls=False)
    await SmtpMailClient(f"smtp://citas%40beneficiate.co:p%40ss%2Fword@127.0.0.1:{port}").send(
        letter(), "ana@pruebas.co"
    )
    assert seen[0] == (b"citas@beneficiate.co", b"p@ss/word")
    assert len(postman.bags) == 1
    with pytest.raises(Unavailable):
        await SmtpMailClient(f"smtp://citas:otra@127.0.0.1:{port}").send(letter(), "ana@pruebas.co")
    assert len(postman.bags) == 1


@pytest.mark.parametrize("refusal", ["550 No such mailbox", "552 Too much"])
@pytest.mark.gen_test
async def test_letter_that_is_refused_for_good_is_not_tried_again(post_office, refusal, io_loop):
    port = post_office(Postman(refusal))
    with pytest.raises(MailRefused):
        await SmtpMailClient(f"smtp://127.0.0.1:{port}").send(letter(), "ana@pruebas.co")


@pytest.mark.gen_test
async def test_letter_whose_answer_does_not_come_is_in_doubt(post_office, monkeypatch, io_loop):
    asked, go_on = threading.Event(), threading.Event()

    class SilentPostman:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
            asked.set()
            await asyncio.to_thread(go_on.wait)
            return "250 OK"

    monkeypatch.setattr(mail_module, "SMTP_TIMEOUT_S", 0.5)
    port = post_office(SilentPostman())
    try:
        with pytest.raises(MailInDoubt):
            await SmtpMailClient(f"smtp://127.0.0.1:{port}").send(letter(), "ana@pruebas.co")
        assert asked.is_set()
    finally:
        go_on.set()


@pytest.mark.parametrize("refusal", ["451 Try later"])
@pytest.mark.gen_test
async def test_a_letter_that_is_not_taken_is_a_problem_that_passes(post_office, refusal, io_loop):
    port = post_office(Postman(refusal))
    with pytest.raises(Unavailable):
        await SmtpMailClient(f"smtp://127.0.0.1:{port}").send(letter(), "ana@pruebas.co")


@pytest.mark.gen_test
async def test_a_server_that_is_not_there_is_a_problem_that_passes(io_loop):
    with pytest.raises(Unavailable):
        await SmtpMailClient(f"smtp://127.0.0.1:{free_port()}").send(letter(), "ana@pruebas.co")


@pytest.mark.gen_test
async def test_address_to_unsubscribe_arrives_in_one_line_however_long_it_is(post_office, io_loop):
    postman, message = Postman(), letter()
    url = f"https://afiliados.beneficiate.com.co/baja/2147483647-reminder-{'a' * 43}"
    offer_unsubscribe(message, url)
    await SmtpMailClient(f"smtp://127.0.0.1:{post_office(postman)}").send(message, "ana@pruebas.co")
    lines = postman.bags[0][2].decode("ascii").split("\r\n")
    assert f"List-Unsubscribe: <{url}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert max(map(len, lines)) < 998
    assert read(postman.bags[0][2])["Subject"] == "Su cita está confirmada · APT-7K2QX-0481"


def test_without_an_address_there_is_no_header():
    message = letter()
    offer_unsubscribe(message, "")
    assert "List-Unsubscribe" not in message
