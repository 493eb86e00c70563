"""The clock of files: what has no row is deleted after a day, and nothing else."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from beneficiate.clocks.files import SWEEP_S, sweep
from beneficiate.clocks.rota import rota
from beneficiate.gateways.archive import Upload
from beneficiate.gateways.files import SMALL, FolderFiles
from beneficiate.models.chats import Chat
from tests.files import image
from tests.people import agent, member, support_chat


@pytest.fixture
def folder(settings):
    return Path(settings.files)


def names(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def age(folder, hours):
    then = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


@pytest.mark.gen_test
async def test_what_has_no_row_for_a_day_is_deleted(server, folder):
    ana = member()
    chat = support_chat(ana, agent())
    sent = await server.house.archive.keep(Upload(chat.id, BytesIO(image(size=(900, 600))), "a.jpg"), ana.actor)
    own = {sent.attachment.id, sent.attachment.id + SMALL}
    orphan, late = (str(uuid.uuid4()) for _ in range(2))
    for key in (orphan, orphan + SMALL, f"{orphan}.part"):
        FolderFiles(folder).put(key, BytesIO(b"x"))
    age(folder, 23)
    await sweep(server.house)
    assert names(folder) == own | {orphan, orphan + SMALL, f"{orphan}.part"}
    age(folder, 25)
    FolderFiles(folder).put(late, BytesIO(b"x"))
    for _ in range(2):
        await sweep(server.house)
        assert names(folder) == own | {late}
    Chat.delete_by_id(chat.id)
    await sweep(server.house)
    assert names(folder) == {late}


@pytest.mark.gen_test
async def test_many_are_looked_up_some_at_a_time(server, folder, monkeypatch):
    monkeypatch.setattr("beneficiate.gateways.archive.AT_ONCE", 2)
    for _ in range(5):
        FolderFiles(folder).put(str(uuid.uuid4()), BytesIO(b"x"))
    age(folder, 25)
    await sweep(server.house)
    assert names(folder) == set()


@pytest.mark.gen_test
async def test_without_a_folder_there_is_nothing_to_do(server, folder):
    await sweep(server.house)
    assert not folder.exists()


def test_it_is_in_the_rota(settings):
    assert (sweep, SWEEP_S) in rota(settings)
