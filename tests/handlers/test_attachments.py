"""Files of chats over HTTP: who may send and read them, what is made of them, and that nothing is left of a refusal."""

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from peewee import OperationalError
from tornado.httpclient import AsyncHTTPClient

from beneficiate.models.chats import CLOSED, Attachment, Chat, Message
from tests.conftest import stop_refilling
from tests.factories import PASSWORD, agent, connect_socket, direct_chat, member, supervisor, support_chat
from tests.http_client import API_PREFIX, CookieClient, call_api
from tests.sample_files import (
    HTML,
    PDF,
    SVG,
    make_animated_gif,
    make_decompression_bomb,
    make_heic,
    make_image,
    make_photo,
    open_image,
    with_long_size,
)
from tests.ws_client import wait_until

TEN = 10 * 1024 * 1024
MISSING = "00000000-0000-4000-8000-000000000000"


async def fetch(port, path, who=None, body=None, **options):
    """One request; the answer with its bytes."""
    headers = {"Authorization": f"Bearer {who.token}"} if who else {}
    headers |= options.pop("headers", {})
    options.setdefault("method", "GET" if body is None else "POST")
    return await AsyncHTTPClient(force_instance=True, defaults={"request_timeout": 20}).fetch(
        f"http://127.0.0.1:{port}{path}",
        body=body,
        headers=headers,
        raise_error=False,
        follow_redirects=False,
        **options,
    )


async def send(port, chat, who, content, name="foto.jpg", query="", **options):
    """Send a file; status and what came back: the line, or the refusal."""
    path = f"{API_PREFIX}agent-chat/{getattr(chat, 'id', chat)}/attachments?name={quote(name)}{query}"
    answer = await fetch(port, path, who, content, **options)
    told = Told(answer)
    return answer.code, told


async def send_form(port, chat, who, content, name, client_id):
    """Send a file as a form, as browsers and other programs do."""
    head = 'Content-Disposition: form-data; name="'
    body = (
        f'--xyz\r\n{head}client_id"\r\n\r\n{client_id}\r\n--xyz\r\n{head}file"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n--xyz--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    answer = await fetch(port, f"{API_PREFIX}agent-chat/{chat.id}/attachments", who, body, headers=headers)
    return answer.code, Told(answer)


class Told(dict):
    """The data of an answer, or the whole of a refusal."""

    def __init__(self, answer):
        said = json.loads(answer.body)
        super().__init__(said.get("data") or said)
        self.headers = answer.headers


async def get(port, who, line, query=""):
    return await fetch(port, f"{API_PREFIX}attachments/{line['attachment']['id']}{query}", who)


@pytest.fixture
def kept(settings):
    """The files that lie in the store, by name."""
    return lambda: sorted(path.name for path in Path(settings.files_folder).rglob("*") if path.is_file())


@pytest.fixture
def no_folder(settings):
    """Where the folder should be is a file."""
    Path(settings.files_folder).write_text("")


@pytest.fixture
def chat_pair(server):
    """A member, her agent and their chat."""
    ana, yuliana = member("Ana"), agent("Yuliana")
    return ana, yuliana, support_chat(ana, yuliana)


@pytest.mark.gen_test
async def test_photo_reaches_both_sides_and_can_be_read(server, chat_pair, kept):
    ana, yuliana, chat = chat_pair
    at_home, at_desk = await connect_socket(server.port, ana), await connect_socket(server.port, yuliana)
    status, line = await send(server.port, chat, ana, make_photo(), "orden médica.JPG", "&client_id=c-9")
    assert status == 201
    file = line["attachment"]
    assert (line["seq"], line["message"], line["client_id"]) == (1, "orden médica.JPG", "c-9")
    assert (file["name"], file["kind"], file["width"], file["height"]) == ("orden médica.JPG", "image/jpeg", 48, 64)
    for client in (at_home, at_desk):
        assert (await client.receive("user_message"))["message"] == line
    assert (await at_home.receive("message_delivered"))["message_id"] == line["id"]
    answer = await get(server.port, yuliana, line)
    assert (answer.code, len(answer.body)) == (200, file["size"])
    assert dict(open_image(answer.body).getexif()) == {}
    assert b"Secreta" not in answer.body
    assert kept() == [file["id"]]


@pytest.mark.gen_test
async def test_pages_lists_and_resume_have_the_attachment(server, chat_pair):
    ana, yuliana, chat = chat_pair
    client = await connect_socket(server.port, yuliana)
    ack = await client.request("chat_message", chat_id=chat.id, message="¿Tiene la orden?")
    assert "attachment" not in ack["message"]
    _, line = await send(server.port, chat, ana, PDF, "orden.pdf")
    assert (line["attachment"]["width"], line["attachment"]["height"]) == (None, None)
    lines = (await call_api(server.port, f"agent-chat/messages/{chat.id}", ana)).data
    assert ["attachment" in one for one in lines] == [False, True]
    assert lines[1]["attachment"] == line["attachment"]
    payload = (await call_api(server.port, f"agent-chat/user/{ana.id}", ana)).data[0]
    assert (payload["last_message"], payload["last_seq"]) == ("orden.pdf", 2)
    back = await connect_socket(server.port, ana)
    back.send("resume", id="r", chats={str(chat.id): 1})
    assert (await back.receive("user_message"))["message"]["attachment"] == line["attachment"]


@pytest.mark.gen_test
async def test_image_is_shown_and_a_document_is_saved_and_neither_runs(server, chat_pair):
    ana, _, chat = chat_pair
    _, shown = await send(server.port, chat, ana, make_image("PNG"), "eco.png")
    _, saved = await send(server.port, chat, ana, PDF + HTML, 'órden "1"; x.pdf')
    for line, kind, how in ((shown, "image/png", "inline"), (saved, "application/pdf", "attachment")):
        headers = (await get(server.port, ana, line)).headers
        assert headers["Content-Type"] == kind
        assert headers["Content-Disposition"].split(";")[0] == how
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"] == "no-store"
        assert "Authorization" in headers["Vary"]
    named = "attachment; filename*=UTF-8''%C3%B3rden%20%221%22%3B%20x.pdf"
    assert (await get(server.port, ana, saved)).headers["Content-Disposition"] == named
    assert (await get(server.port, ana, saved)).body == PDF + HTML


@pytest.mark.gen_test
async def test_large_image_has_a_small_version_and_others_are_given_whole(server, chat_pair, kept):
    ana, _, chat = chat_pair
    _, large = await send(server.port, chat, ana, make_image("JPEG", (1200, 600)))
    _, tiny = await send(server.port, chat, ana, make_animated_gif(), "baile.gif")
    _, document = await send(server.port, chat, ana, PDF, "a.pdf")
    assert open_image((await get(server.port, ana, large, "?size=small")).body).size == (480, 240)
    assert open_image((await get(server.port, ana, large, "?size=enorme")).body).size == (1200, 600)
    assert open_image((await get(server.port, ana, tiny, "?size=small")).body).size == (20, 10)
    assert (await get(server.port, ana, document, "?size=small")).body == PDF
    assert tiny["message"] == "baile.png"
    assert len(kept()) == 4


@pytest.mark.gen_test
async def test_content_decides_the_kind_of_a_file(server, chat_pair, kept):
    ana, _, chat = chat_pair
    for content in (HTML, SVG, b"", b"\x89PNG\r\n\x1a\n" + HTML, b"GIF89a/*" + HTML, b"MZ" + b"\0" * 100):
        told = {"Content-Type": "image/png"}
        status, refusal = await send(server.port, chat, ana, content, "foto.png", headers=told)
        assert (status, refusal["code"]) == (415, "unsupported_type"), content[:12]
    status, refusal = await send(server.port, chat, ana, make_decompression_bomb(), "foto.png")
    assert (status, refusal["code"]) == (413, "too_large")
    assert "megapíxeles" in refusal["error"]
    status, line = await send(
        server.port, chat, ana, make_image("PNG"), "x.html", headers={"Content-Type": "text/html"}
    )
    assert (status, line["attachment"]["kind"], line["message"]) == (201, "image/png", "x.html.png")
    assert kept() == [line["attachment"]["id"]]
    assert (Message.select().count(), Attachment.select().count()) == (1, 1)


@pytest.mark.gen_test
async def test_photo_of_an_iphone_is_taken_whatever_its_content_type(server, chat_pair):
    ana, _, chat = chat_pair
    for told in (
        {},
        {"Content-Type": ""},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "image/heif"},
    ):
        status, line = await send(server.port, chat, ana, make_heic(), "IMG_0042.HEIC", headers=told)
        assert (status, line["attachment"]["kind"]) == (201, "image/jpeg"), told
        assert line["message"] == "IMG_0042.jpg"
    status, line = await send_form(server.port, chat, ana, with_long_size(make_heic()), "IMG_0043.HEIC", "c-1")
    assert (status, line["attachment"]["kind"]) == (201, "image/jpeg")


@pytest.mark.gen_test
async def test_second_format_behind_the_pixels_is_gone(server, chat_pair):
    ana, _, chat = chat_pair
    _, line = await send(server.port, chat, ana, make_image("JPEG") + b"PK\x03\x04" + HTML)
    assert b"script" not in (await get(server.port, ana, line)).body


@pytest.mark.gen_test
async def test_only_participants_of_an_open_chat_send_files(server, chat_pair, kept):
    ana, yuliana, chat = chat_pair
    marta, beto, carla, other = supervisor(), member(), member(), agent()
    closed = support_chat(beto, other, status=CLOSED)
    desk, waiting = direct_chat(yuliana, marta), support_chat(carla, None)
    for where, who in ((chat, ana), (chat, yuliana), (desk, yuliana), (desk, marta), (waiting, carla)):
        assert (await send(server.port, where, who, make_image()))[0] == 201
    refused = [
        (chat, None, 401),
        (chat, beto, 404),
        (chat, other, 404),
        (chat, marta, 404),
        (desk, ana, 404),
        (waiting, yuliana, 404),
        (closed, beto, 409),
        (closed, other, 409),
        (2_000_000_000, ana, 404),
        ("9" * 20, ana, 404),
    ]
    for where, who, status in refused:
        assert (await send(server.port, where, who, make_image()))[0] == status
    assert len(kept()) == 5


@pytest.mark.gen_test
async def test_those_who_may_read_the_chat_read_its_files(server, chat_pair):
    ana, yuliana, chat = chat_pair
    marta, beto, other = supervisor(), member(), agent()
    _, line = await send(server.port, chat, ana, make_image())
    _, desk = await send(server.port, direct_chat(yuliana, marta), marta, make_image())
    Chat.update(status=CLOSED).where(Chat.id == chat.id).execute()
    expected = [
        (ana, (200, 404)),
        (yuliana, (200, 200)),
        (marta, (200, 200)),
        (other, (200, 404)),
        (beto, (404, 404)),
        (None, (401, 401)),
    ]
    for who, statuses in expected:
        assert ((await get(server.port, who, line)).code, (await get(server.port, who, desk)).code) == statuses
    assert (await get(server.port, ana, {"attachment": {"id": MISSING}})).code == 404
    assert (await get(server.port, ana, {"attachment": {"id": "..%2F..%2Fetc%2Fpasswd"}})).code == 404


@pytest.mark.gen_test
async def test_pages_show_them_by_the_cookie(server, chat_pair):
    ana, _, chat = chat_pair
    _, line = await send(server.port, chat, ana, make_image())
    path = f"/archivos/{line['attachment']['id']}"
    assert (await fetch(server.port, path)).code == 302
    for who, status in ((ana, 200), (supervisor(), 200), (member(), 404)):
        browser = CookieClient(server.port)
        await browser.sign_in(who, PASSWORD)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        answer = await fetch(server.port, path, headers={"Cookie": cookie})
        assert answer.code == status
        if status == 200:
            assert open_image(answer.body).size == (64, 48)
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert "Cookie" in answer.headers["Vary"]
        else:
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.gen_test
async def test_repeated_client_id_stores_one_message_and_one_file(server, chat_pair, kept):
    ana, yuliana, chat = chat_pair
    client = await connect_socket(server.port, yuliana)
    first = await send(server.port, chat, ana, make_image(), query="&client_id=c-1")
    status, again = await send(server.port, chat, ana, make_image(), query="&client_id=c-1")
    assert (status, again["id"], again["attachment"]) == (201, first[1]["id"], first[1]["attachment"])
    status, refusal = await send(server.port, chat, ana, make_image(), "otra.jpg", "&client_id=c-1")
    assert (status, refusal["code"]) == (409, "conflict")
    assert [frame["event"] for frame in await client.receive_until_pong()].count("user_message") == 1
    assert kept() == [first[1]["attachment"]["id"]]
    for bad in ("", "x" * 65):
        assert (await send(server.port, chat, ana, make_image(), query=f"&client_id={bad}"))[0] == 422
    assert Message.select().count() == 1


@pytest.mark.gen_test
async def test_file_may_come_in_a_form_with_its_name(server, chat_pair, kept):
    ana, _, chat = chat_pair
    status, line = await send_form(server.port, chat, ana, PDF, "orden médica.pdf", "c-7")
    assert (status, line["message"], line["client_id"]) == (201, "orden médica.pdf", "c-7")
    assert (await get(server.port, ana, line)).body == PDF
    status, line = await send_form(server.port, chat, ana, PDF + b"\0" * (TEN - len(PDF)), "a.pdf", "c-8")
    assert (status, line["attachment"]["size"]) == (201, TEN)
    status, refusal = await send_form(server.port, chat, ana, PDF + b"\0" * (TEN + 1 - len(PDF)), "a.pdf", "c-9")
    assert (status, refusal["code"]) == (413, "too_large")
    status, refusal = await send_form(server.port, chat, ana, PDF, "a.pdf", "x" * 65)
    assert (status, refusal["code"]) == (422, "invalid")
    assert (await send_form(server.port, chat, member(), PDF, "a.pdf", "c-1"))[0] == 404
    cut = {"Content-Type": "multipart/form-data; boundary=xyz"}
    status, refusal = await send(server.port, chat, ana, b"--xyz\r\n", headers=cut)
    assert (status, refusal["code"]) == (400, "bad_frame")
    assert len(kept()) == 2


@pytest.mark.gen_test
async def test_limit_is_ten_megabytes(server, chat_pair, kept):
    ana, _, chat = chat_pair
    status, line = await send(server.port, chat, ana, PDF + b"\0" * (TEN - len(PDF)), "a.pdf")
    assert (status, line["attachment"]["size"]) == (201, TEN)
    assert len((await get(server.port, ana, line)).body) == TEN
    status, refusal = await send(server.port, chat, ana, PDF + b"\0" * (TEN + 1 - len(PDF)), "a.pdf")
    assert (status, refusal["code"]) == (413, "too_large")
    assert "10 MB" in refusal["error"]
    assert len(kept()) == 1


@pytest.mark.gen_test
async def test_body_of_unknown_length_is_counted(start, chat_pair, kept):
    server = await start(attachment_bytes=200_000)
    ana, _, chat = chat_pair

    async def produce(write):
        for _ in range(3):
            await write(PDF + b"\0" * 100_000)

    status, refusal = await send(server.port, chat, ana, None, method="POST", body_producer=produce)
    assert (status, refusal["code"]) == (413, "too_large")
    assert kept() == []


@pytest.mark.gen_test
async def test_body_of_twice_the_limit_is_refused_at_once(server, chat_pair):
    ana, _, chat = chat_pair
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_head(chat, ana, 500 * 1024 * 1024))
    assert b" 413 " in await reader.readline()
    assert b"too_large" in await reader.read()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_head(chat, member(), 1000, "Expect: 100-continue\r\n"))
    assert b" 404 " in await reader.readline()
    writer.close()


@pytest.mark.gen_test
async def test_expect_continue_is_answered(server, chat_pair):
    ana, _, chat = chat_pair
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_head(chat, ana, len(PDF), "Expect: 100-continue\r\n"))
    assert b" 100 " in await reader.readline()
    writer.write(PDF)
    assert await reader.readline() == b"\r\n"
    assert b" 201 " in await reader.readline()
    writer.close()


@pytest.mark.gen_test
async def test_upload_that_is_cut_off_leaves_nothing(server, chat_pair, kept):
    ana, _, chat = chat_pair
    before = asyncio.all_tasks()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_head(chat, ana, 2_000_000) + PDF + b"\0" * 1_000_000)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await wait_until(lambda: asyncio.all_tasks() <= before)
    assert (kept(), Message.select().count()) == ([], 0)
    assert (await send(server.port, chat, ana, make_image()))[0] == 201


@pytest.mark.gen_test
async def test_refusal_is_answered_after_the_body(server, chat_pair):
    _, _, chat = chat_pair
    content = PDF + b"\0" * (8 * 1024 * 1024)
    for who, status in ((None, 401), (member(), 404)):
        for _ in range(3):
            assert (await send(server.port, chat, who, content))[0] == status


@pytest.mark.gen_test
async def test_uploads_are_rate_limited(start, chat_pair):
    server = stop_refilling(await start(uploads_per_minute=2))
    ana, yuliana, chat = chat_pair
    outcomes = [await send(server.port, chat, ana, make_image()) for _ in range(3)]
    assert [status for status, _ in outcomes] == [201, 201, 429]
    assert outcomes[2][1]["code"] == "rate_limited"
    assert 0 < int(outcomes[2][1].headers["Retry-After"]) <= 30
    assert (await send(server.port, chat, yuliana, make_image()))[0] == 201


@pytest.mark.gen_test
async def test_bytes_of_a_day_are_limited(start, chat_pair, kept):
    ana, yuliana, chat = chat_pair
    size = len(PDF)
    server = await start(upload_bytes_per_day=2 * size)
    outcomes = [await send(server.port, chat, ana, PDF) for _ in range(3)]
    assert [status for status, _ in outcomes] == [201, 201, 429]
    assert "Ha enviado muchos archivos hoy. Intente de nuevo en " in outcomes[2][1]["error"]
    assert len(kept()) == 2
    assert (await send(server.port, chat, yuliana, PDF))[0] == 201


@pytest.mark.gen_test
async def test_internal_error_leaves_no_file_and_no_row(server, chat_pair, kept, monkeypatch):
    ana, yuliana, chat = chat_pair
    client = await connect_socket(server.port, yuliana)

    def fail(**_):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(Attachment, "create", fail)
    status, refusal = await send(server.port, chat, ana, make_image(size=(900, 900)), query="&client_id=c-1")
    assert (status, refusal["code"]) == (500, "internal")
    assert (kept(), Message.select().count(), Attachment.select().count()) == ([], 0, 0)
    assert "user_message" not in [frame["event"] for frame in await client.receive_until_pong()]
    monkeypatch.undo()
    assert (await send(server.port, chat, ana, make_image(), query="&client_id=c-1"))[0] == 201


@pytest.mark.gen_test
async def test_commit_in_doubt_keeps_the_file(server, chat_pair, kept, monkeypatch):
    ana, _, chat = chat_pair

    def vanish(**_):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Attachment, "create", vanish)
    assert (await send(server.port, chat, ana, make_image()))[0] == 503
    assert len(kept()) == 1


@pytest.mark.gen_test
async def test_full_disk_is_unavailable_and_leaves_no_row(server, chat_pair, no_folder):
    ana, _, chat = chat_pair
    status, refusal = await send(server.port, chat, ana, make_image())
    assert (status, refusal["code"]) == (503, "unavailable")
    assert Message.select().count() == 0


@pytest.mark.gen_test
async def test_row_whose_file_is_gone_is_not_found(server, chat_pair, settings):
    ana, _, chat = chat_pair
    _, line = await send(server.port, chat, ana, make_image())
    server.context.attachments._delete_versions(line["attachment"]["id"])
    assert (await get(server.port, ana, line)).code == 404


@pytest.mark.gen_test
async def test_preflight_of_allowed_sites_is_answered(start, chat_pair):
    server = await start(origins=("https://socios.co",))
    _, _, chat = chat_pair
    path = f"{API_PREFIX}agent-chat/{chat.id}/attachments"
    answer = await fetch(server.port, path, method="OPTIONS", headers={"Origin": "https://socios.co"})
    assert (answer.code, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://socios.co")
    assert (await fetch(server.port, path, member())).code == 405


def _head(chat, who, length, more=""):
    return (
        f"POST {API_PREFIX}agent-chat/{chat.id}/attachments?name=a.pdf HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {who.token}\r\nContent-Length: {length}\r\n{more}\r\n"
    ).encode()
