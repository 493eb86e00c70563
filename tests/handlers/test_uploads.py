"""Files that are refused before they come, and forms; the handler itself is tested with attachments."""

import asyncio
import errno
from tempfile import SpooledTemporaryFile

import pytest

from beneficiate.errors import BadFrame, Invalid
from beneficiate.handlers import uploads
from beneficiate.handlers.uploads import parse_form
from beneficiate.models.chats import Message
from tests.factories import PASSWORD, agent, member, support_chat
from tests.http_client import API_PREFIX, call_api, fetch
from tests.sample_files import PDF

FORM = "multipart/form-data; boundary=xyz"


def form_of(*parts):
    """Return a body of parts (their headers' rest, content)."""
    pieces = [b"--xyz\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content for head, content in parts]
    return b"\r\n".join([*pieces, b"--xyz--\r\n"])


FILE_PART = (b'name="file"; filename="orden m\xc3\xa9dica.pdf"\r\nContent-Type: application/pdf', b"%PDF\r\n\0\xff\r\n")


def test_form_has_a_file_its_name_and_fields():
    file, fields = parse_form(FORM, form_of((b'name="client_id"', b"c-\xc3\xb1"), FILE_PART))
    assert (file.filename, file.body, fields) == ("orden médica.pdf", b"%PDF\r\n\0\xff\r\n", {"client_id": "c-ñ"})


def test_boundary_may_be_quoted():
    assert parse_form('multipart/form-data; charset=utf-8; boundary="xyz"', form_of(FILE_PART))[1] == {}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", form_of(FILE_PART)),
        ("multipart/form-data; boundary=", form_of(FILE_PART)),
        (FORM, b""),
        (FORM, form_of(FILE_PART)[:-9]),
        (FORM, b"--xyz\r\nno headers--xyz--\r\n"),
        (FORM, form_of((b'name="client_id"', b"\xff"), FILE_PART)),
        (FORM, form_of(*[(b'name="a"', b"1")] * 9, FILE_PART)),
        (FORM, form_of((b'name="a"; x="' + b"y" * 5000 + b'"', b"1"), FILE_PART)),
    ],
    ids=["no boundary", "empty boundary", "empty", "cut", "no headers", "not UTF-8", "many parts", "long header"],
)
def test_form_that_cannot_be_read_is_refused(content_type, body):
    with pytest.raises(BadFrame):
        parse_form(content_type, body)


@pytest.mark.parametrize("body", [form_of(FILE_PART, FILE_PART), form_of((b'name="file"', b"abc"))])
def test_form_has_exactly_one_file(body):
    with pytest.raises(Invalid):
        parse_form(FORM, body)


class FullSpool(SpooledTemporaryFile):
    """What a full disk makes of it: what is buffered cannot be written when it is closed either."""

    def write(self, chunk):
        raise OSError(errno.ENOSPC, "full")

    def close(self):
        super().close()
        raise OSError(errno.ENOSPC, "full")


@pytest.mark.gen_test
async def test_file_that_does_not_fit_on_the_disk_is_answered(server, monkeypatch):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    monkeypatch.setattr(uploads, "SpooledTemporaryFile", FullSpool)
    path = f"{API_PREFIX}agent-chat/{chat.id}/attachments?name=orden.pdf"
    answer = await fetch(server.port, path, "POST", PDF, Authorization=f"Bearer {ana.token}")
    assert (answer.status, answer.code) == (503, "unavailable")


@pytest.mark.gen_test
async def test_refusal_does_not_wait_for_the_file(start):
    server = await start(attachment_bytes=1_000_000)
    ana = member()
    chat = support_chat(ana, agent())
    refused = [("", 1000, b"401"), (member().token, 1000, b"404"), (ana.token, 1_000_001, b"413")]
    for token, length, status in refused:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"POST {API_PREFIX}agent-chat/{chat.id}/attachments?name=a.pdf HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        assert status in await reader.readline()
        writer.close()


@pytest.mark.gen_test
async def test_file_whose_sign_in_ended_while_it_came_is_not_stored(server):
    ana = member()
    chat = support_chat(ana, agent())
    signed_in = (await call_api(server.port, "auth/login", None, {"email": ana.user.email, "password": PASSWORD})).data
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        f"POST {API_PREFIX}agent-chat/{chat.id}/attachments?name=a.pdf HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {signed_in['token']}\r\nContent-Length: {len(PDF)}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert b"100" in await reader.readuntil(b"\r\n\r\n")
    out = {"refreshToken": signed_in["refreshToken"]}
    assert (await call_api(server.port, "auth/logout", None, out)).status == 200
    writer.write(PDF)
    assert b"401" in await reader.readline()
    assert not Message.select().where(Message.chat == chat.id).exists()
    writer.close()
