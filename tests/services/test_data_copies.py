"""A copy has everything of its member and nothing of anybody else; pages and JSON say the same."""

import hashlib
import tracemalloc
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest

from beneficiate.actions.data_copies import CLAIM_LIFETIME, claim_copy, request_copy
from beneficiate.clients.files import FolderFileStore
from beneficiate.models.account_emails import COPY_READY, AccountEmail
from beneficiate.models.accounts import User
from beneficiate.models.base import database
from beneficiate.models.chats import Message
from beneficiate.models.data_copies import PENDING_COPY, READY_COPY, DataCopy
from beneficiate.queries.copied_data import COPIED_TABLES
from tests.data_copies import FILE_IDS, OpenedCopy, PageFacts, member_with_everything
from tests.factories import agent, member, support_chat

ALL_FILES = {"index.html", "conversaciones.html", "datos.json", "claves.json", "manifiesto.json"}


@pytest.fixture
def folder(settings):
    return Path(settings.files_folder)


async def ask(context, who):
    await context.store.run(request_copy, who.user.password_hash, actor=who.actor)
    return await context.store.run(claim_copy)


def never():
    return False


def is_reached(calls, last):
    return next(calls) >= last


async def make_copy(context, folder, who):
    """Ask for a copy, let it be written, and open it."""
    claimed = await ask(context, who)
    assert await context.data_copies.write_copy(claimed, never)
    with FolderFileStore(folder).open(claimed.file_id).content as content:
        return OpenedCopy(BytesIO(content.read()))


@pytest.mark.gen_test
async def test_everything_of_the_member_is_in_it_and_nothing_of_anybody_else(context, folder):
    ana, beto = (member_with_everything(folder, name) for name in ("Ana", "Beto"))
    copy = await make_copy(context, folder, ana)
    assert copy.zip.testzip() is None
    tables = copy.tables
    assert {code for code, rows in tables.items() if not rows} == set()
    assert set(tables) == {one.code for one in COPIED_TABLES}
    everything = "".join(copy.text(name) for name in copy.names)
    for mark in ("Dolor de rodilla de Ana", "Muy bien de Ana", "contenido 1 de Ana", "contenido 2 de Ana"):
        assert mark in everything
    for secret in (
        "de Beto",
        beto.user.email,
        beto.user.document_number,
        "secreto del equipo",
        'huella"',
        "Yuliana Secreta",
    ):
        assert secret not in everything
    assert User.get_by_id(ana.id).password_hash not in everything
    assert tables["looks"][0]["part"] == "panel"


@pytest.mark.gen_test
async def test_pages_and_json_have_the_same_facts_and_names_do_no_harm(context, folder):
    ana = member_with_everything(folder, last_name="<script>alert(2)</script> & «Rojas»")
    copy = await make_copy(context, folder, ana)
    pages = [PageFacts(copy.text(name)) for name in ("index.html", "conversaciones.html")]
    found = {code: rows for page in pages for code, rows in page.tables.items() if code != "no-va"}
    expected = {
        code: [{key: as_text(value) for key, value in row.items() if value not in (None, "")} for row in rows]
        for code, rows in copy.tables.items()
    }
    assert found == expected
    assert [page.scripts for page in pages] == [0, 0]
    keys = copy.json("claves.json")
    for code, rows in copy.tables.items():
        assert all(set(row) == set(keys[code]["keys"]) for row in rows), code


@pytest.mark.gen_test
async def test_files_are_in_folders_of_their_own_and_the_manifest_has_their_digests(context, folder):
    ana = member_with_everything(folder)
    FolderFileStore(folder).delete(f"{FILE_IDS['Ana']}2")
    copy = await make_copy(context, folder, ana)
    own = {name for name in copy.names if name.startswith("archivos/")}
    assert own == {f"archivos/{FILE_IDS['Ana']}1/_.._orden_médica.png"}
    assert set(copy.names) == ALL_FILES | own | {"autorizaciones/version-1.html"}
    manifest = copy.json("manifiesto.json")
    listed = {one["name"]: (one["size"], one["sha256"]) for one in manifest["entries"]}
    assert listed == {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name in copy.names
        if name != "manifiesto.json"
        for content in [copy.zip.read(name)]
    }
    assert manifest["missing_files"] == [f"archivos/{FILE_IDS['Ana']}2/_.._orden_médica.png"]
    assert {one["what"] for one in manifest["not_included"]} >= {"Notas internas del equipo"}
    assert f'href="archivos/{FILE_IDS["Ana"]}1/_.._orden_m%C3%A9dica.png"' in copy.text("conversaciones.html")


@pytest.mark.gen_test
async def test_member_without_anything_gets_a_copy_too(context, folder):
    copy = await make_copy(context, folder, member())
    assert (len(copy.tables["account"]), copy.tables["messages"]) == (1, [])
    assert "No hay nada." in copy.text("conversaciones.html")


@pytest.mark.gen_test
async def test_copy_of_a_process_that_died_is_written_again_and_its_rest_deleted(context, folder):
    ana = member_with_everything(folder)
    died = await ask(context, ana)
    FolderFileStore(folder).put(f"{died.file_id}.part", BytesIO(b"half"))
    assert await context.store.run(claim_copy) is None
    DataCopy.update(claimed_at=datetime.now(UTC) - 2 * CLAIM_LIFETIME).execute()
    again = await context.store.run(claim_copy)
    assert again.file_id != died.file_id
    assert await context.data_copies.write_copy(again, never)
    # The first one was only slow: it notices, and leaves nothing behind.
    assert not await context.data_copies.write_copy(died, never)
    row = DataCopy.get()
    assert (row.status, row.file_id, row.tries) == (READY_COPY, again.file_id, 2)
    assert {path.name for path in folder.rglob("*") if path.is_file() and path.name.startswith(died.file_id)} == set()
    assert AccountEmail.select().where(AccountEmail.kind == COPY_READY).count() == 1


@pytest.mark.gen_test
async def test_file_of_a_member_who_was_erased_meanwhile_is_not_left(context, folder, monkeypatch):
    claimed = await ask(context, member_with_everything(folder))
    files = context.data_copies._files
    put = type(files).put

    def put_and_erase(self, key, content):
        put(self, key, content)
        # The erasure has looked for files before this one was there.
        with database.obj.connection_context():
            DataCopy.delete().execute()

    monkeypatch.setattr(type(files), "put", put_and_erase)
    assert not await context.data_copies.write_copy(claimed, never)
    assert not [path for path in folder.rglob(f"{claimed.file_id}*") if path.is_file()]


@pytest.mark.gen_test
async def test_process_that_stops_leaves_the_copy_to_another_at_once(context, folder):
    ana = member_with_everything(folder)
    claimed = await ask(context, ana)
    for stops_after in (0, 15, 60):
        calls = count()
        assert not await context.data_copies.write_copy(claimed, partial(is_reached, calls, stops_after))
        row = DataCopy.get()
        assert (row.status, row.claimed_at, row.tries) == (PENDING_COPY, None, 0)
        claimed = await context.store.run(claim_copy)
    assert not list(folder.rglob("*.part"))
    assert await context.data_copies.write_copy(claimed, never)


@pytest.mark.gen_test
async def test_member_who_is_erased_meanwhile_gets_none(context, folder):
    claimed = await ask(context, who := member())
    User.delete_by_id(who.id)
    assert not await context.data_copies.write_copy(claimed, never)
    assert not list(folder.rglob("*-*"))


@pytest.mark.gen_test
async def test_expired_files_are_deleted(context, folder):
    await make_copy(context, folder, member())
    assert await context.data_copies.delete_expired() == 0
    DataCopy.update(expires_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    assert await context.data_copies.delete_expired() == 1
    assert (DataCopy.get().file_id, list(folder.rglob("*-*"))) == ("", [])
    assert await context.data_copies.delete_expired() == 0


@pytest.mark.gen_test
@pytest.mark.slow
async def test_three_thousand_messages_take_the_memory_of_a_few(context, folder):
    peaks = []
    for messages in (100, 3_000):
        ana = member()
        chat = support_chat(ana, agent())
        rows = [
            {
                "chat": chat,
                "seq": seq,
                "sender_type": "USER",
                "message": f"mensaje {seq} " * 20,
                "sent_at": datetime.now(UTC),
            }
            for seq in range(1, messages + 1)
        ]
        for start in range(0, messages, 500):
            Message.insert_many(rows[start : start + 500]).execute()
        del rows
        claimed = await ask(context, ana)
        tracemalloc.start()
        assert await context.data_copies.write_copy(claimed, never)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    print(f"peak of 100 messages {peaks[0]:,} bytes, of 3,000 {peaks[1]:,}")
    assert peaks[1] < peaks[0] + 4 * 1024 * 1024


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)
