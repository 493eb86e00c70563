"""Files without a row are deleted after a day, and nothing else."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from beneficiate.clients.files import SMALL_SUFFIX, FolderFileStore
from beneficiate.jobs.storage import delete_orphaned_files
from beneficiate.models.chats import Chat
from beneficiate.services.attachments import AttachmentUpload
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
