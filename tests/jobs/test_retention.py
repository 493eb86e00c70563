"""What was kept long enough is deleted by a job: rows, what was written in chats, and their files."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from beneficiate.actions import retention
from beneficiate.domain.retention import CLEARED_TEXT
from beneficiate.errors import Internal
from beneficiate.jobs.retention import clear_old_chats, delete_what_is_old
from beneficiate.jobs.storage import index_new_messages
from beneficiate.models.accounts import SignIn
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import CLOSED, Attachment, Chat, Message
from beneficiate.queries.retention import RETAINED_TABLES
from beneficiate.services.attachments import AttachmentUpload
from tests.actions.retention_steps import keep_for
from tests.erasure_steps import dump_database
from tests.factories import agent, member, support_chat
from tests.jobs.test_storage import names
from tests.sample_files import make_image

LONG_AGO = datetime.now(UTC) - timedelta(days=400)


def ended_sign_ins(count):
    row = {"user": member().id, "kind": "page", "secret_hash": "x", "created_at": LONG_AGO, "expires_at": LONG_AGO}
    SignIn.insert_many([{"family": f"f{number}", **row} for number in range(count)]).execute()


@pytest.mark.gen_test
async def test_rows_are_deleted_part_by_part_until_none_is_left(context, monkeypatch):
    monkeypatch.setattr("beneficiate.jobs.retention.ROWS_PER_PART", 2)
    monkeypatch.setattr(retention, "ROWS_PER_PART", 2)
    ended_sign_ins(5)
    await asyncio.gather(delete_what_is_old(context), delete_what_is_old(context))
    assert SignIn.select().count() == 0
    recorded = AuditEntry.select().where(AuditEntry.what == "retention.delete")
    entries = [(row.actor_role, json.loads(row.after)) for row in recorded]
    assert {(role, after["kind"]) for role, after in entries} == {("system", "ingresos")}
    assert sum(after["rows"] for _, after in entries) == 5


@pytest.mark.gen_test
async def test_kind_that_fails_stops_no_other_and_is_reported(context, monkeypatch):
    ran = []

    def fail(uow, place):
        ran.append(place)
        if place == 0:
            raise ZeroDivisionError
        return 0

    monkeypatch.setattr("beneficiate.jobs.retention.delete_old_rows", fail)
    with pytest.raises(Internal):
        await delete_what_is_old(context)
    assert ran == list(range(len(RETAINED_TABLES)))


@pytest.mark.gen_test
async def test_chats_are_cleared_with_their_files_and_words(context, settings):
    ana, desk = member(), agent()
    chat = support_chat(ana, desk)
    with TemporaryFile() as file:
        file.write(make_image("PNG", (900, 600)))
        file.seek(0)
        await context.attachments.send_upload(AttachmentUpload(chat.id, file, "orden.png"), ana.actor)
    Message.update(message="dolorunico").where(Message.chat == chat.id).execute()
    Chat.update(status=CLOSED, closed_at=LONG_AGO).where(Chat.id == chat.id).execute()
    await index_new_messages(context)
    folder = Path(settings.files_folder)
    await clear_old_chats(context)
    assert len(names(folder)) == 2
    keep_for(chat_days=365)
    await asyncio.gather(clear_old_chats(context), clear_old_chats(context))
    assert names(folder) == set()
    assert Attachment.select().count() == 0
    assert Chat.get_by_id(chat.id).last_line == CLEARED_TEXT
    assert {row.message for row in Message.select().where(Message.chat == chat.id)} == {CLEARED_TEXT}
    assert AuditEntry.select().where(AuditEntry.what == "retention.clear").count() >= 1
    assert not [place for place, text in dump_database().items() if "lorunico" in text]
