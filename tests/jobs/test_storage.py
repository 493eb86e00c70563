"""Files without a row are deleted after a day, and nothing else."""

import os
import threading
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import psycopg2
import pytest
from structlog.testing import capture_logs

from beneficiate.actions import search_index
from beneficiate.clients.files import SMALL_SUFFIX, FolderFileStore
from beneficiate.errors import Unavailable
from beneficiate.jobs.storage import delete_orphaned_files, index_new_messages, watch_migrations
from beneficiate.models.base import database, is_postgresql
from beneficiate.models.chats import Chat, Message
from beneficiate.queries import message_index
from beneficiate.queries.message_index import find_unindexed_messages
from beneficiate.services.attachments import AttachmentUpload
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member, support_chat
from tests.sample_files import make_image


@pytest.fixture
def folder(settings):
    return Path(settings.files_folder)


def names(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def age(folder, hours):
    then = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


@pytest.mark.gen_test
async def test_file_without_a_row_is_deleted_after_a_day(server, folder):
    ana = member()
    chat = support_chat(ana, agent())
    with TemporaryFile() as file:
        file.write(make_image(size=(900, 600)))
        sent = await server.context.attachments.send_upload(AttachmentUpload(chat.id, file, "a.jpg"), ana.actor)
    own = {sent.attachment.id, sent.attachment.id + SMALL_SUFFIX}
    orphan, late = (str(uuid.uuid4()) for _ in range(2))
    for key in (orphan, orphan + SMALL_SUFFIX, f"{orphan}.part"):
        FolderFileStore(folder).put(key, BytesIO(b"x"))
    age(folder, 23)
    await delete_orphaned_files(server.context)
    assert names(folder) == own | {orphan, orphan + SMALL_SUFFIX, f"{orphan}.part"}
    age(folder, 25)
    FolderFileStore(folder).put(late, BytesIO(b"x"))
    for _ in range(2):
        await delete_orphaned_files(server.context)
        assert names(folder) == own | {late}
    Chat.delete_by_id(chat.id)
    await delete_orphaned_files(server.context)
    assert names(folder) == {late}


@pytest.mark.gen_test
async def test_file_that_cannot_be_deleted_holds_up_no_other(server, folder):
    keys = sorted(str(uuid.uuid4()) for _ in range(3))
    for key in keys:
        FolderFileStore(folder).put(key, BytesIO(b"x"))
    # A folder of the name of a file cannot be deleted as one.
    stuck = folder / keys[0][:2] / keys[0][2:4] / keys[0]
    stuck.unlink()
    stuck.mkdir()
    age(folder, 25)
    with pytest.raises(Unavailable):
        await delete_orphaned_files(server.context)
    assert names(folder) == set()


@pytest.mark.gen_test
async def test_many_orphans_are_deleted_in_batches(server, folder, monkeypatch):
    monkeypatch.setattr("beneficiate.services.attachments.ORPHAN_BATCH_SIZE", 2)
    for _ in range(5):
        FolderFileStore(folder).put(str(uuid.uuid4()), BytesIO(b"x"))
    age(folder, 25)
    await delete_orphaned_files(server.context)
    assert names(folder) == set()


@pytest.mark.gen_test
async def test_missing_folder_is_not_created(server, folder):
    await delete_orphaned_files(server.context)
    assert not folder.exists()


@pytest.mark.gen_test
async def test_messages_are_indexed_in_parts_while_commands_are_written(server, monkeypatch):
    if not is_postgresql():
        pytest.skip("SQLite has one writer.")
    monkeypatch.setattr(search_index, "INDEX_BATCH_SIZE", 2)
    chat, go_on = support_chat(member(), agent()), threading.Event()
    for seq in range(1, 6):
        Message.create(chat=chat, seq=seq, sender_type="USER", message="hola", sent_at=datetime.now(UTC))
    writing = server.context.store.run(lambda uow: go_on.wait(10))
    await index_new_messages(server.context)
    assert find_unindexed_messages(1) == []
    go_on.set()
    assert await writing


@pytest.mark.gen_test
async def test_old_messages_are_put_into_segments(server, monkeypatch):
    monkeypatch.setattr(message_index, "SEGMENT_IDS", 10)
    monkeypatch.setattr(message_index, "INDEX_LOOKBACK_IDS", 3)
    chat = support_chat(member(), agent())
    for seq in range(1, 41):
        Message.create(chat=chat, seq=seq, sender_type="USER", message="hola", sent_at=datetime.now(UTC))
    await index_new_messages(server.context)
    (segments,) = database.execute_sql("SELECT COUNT(*) FROM line_segments").fetchone()
    assert segments == 3
    assert len(message_index.find_message_ids(["hola"], 100)) == 40


@pytest.mark.gen_test
async def test_text_does_not_change_between_its_reading_and_its_indexing(server, settings):
    """Otherwise a message that is recalled at that moment would be found by its old words."""
    if not is_postgresql():
        pytest.skip("SQLite has one writer.")
    chat = support_chat(member(), agent())
    message = Message.create(chat=chat, seq=1, sender_type="USER", message="secreto", sent_at=datetime.now(UTC))
    recall = "UPDATE chat_lines SET message = '(retirado)'"
    other = psycopg2.connect(settings.database_url, options="-c lock_timeout=1")
    other.autocommit = True
    with database.obj.atomic():
        assert search_index.index_messages(UnitOfWork(SYSTEM, datetime.now(UTC))) == 1
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            other.cursor().execute(recall)
    other.cursor().execute(recall)
    other.close()
    assert find_unindexed_messages(1) == [(message.id, "(retirado)")]


@pytest.mark.gen_test
async def test_newer_version_that_has_migrated_is_told(context, db):
    told = []
    for name in (None, "9998_later", "9999_contract_chats"):
        if name:
            db.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ('{name}', CURRENT_TIMESTAMP)")  # noqa: S608
        with capture_logs() as logs:
            await watch_migrations(context)
        told += [log["event"] for log in logs]
    db.execute_sql("DELETE FROM schema_migration WHERE name >= '9998'")
    assert told == ["database_is_newer", "database_is_too_new"]
