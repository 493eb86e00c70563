"""Copies are written one after another, by whichever process; what fails is tried again."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beneficiate.actions.data_copies import CLAIM_LIFETIME, request_copy
from beneficiate.errors import Unavailable
from beneficiate.jobs.data_copies import delete_expired_copies, write_requested_copies
from beneficiate.jobs.emails import send_due_account_emails
from beneficiate.jobs.storage import delete_orphaned_files
from beneficiate.models.data_copies import FAILED_COPY, PENDING_COPY, READY_COPY, DataCopy
from tests.factories import member
from tests.jobs.test_emails import outbox
from tests.jobs.test_storage import age, names


def statuses():
    return [row.status for row in DataCopy.select().order_by(DataCopy.id)]


@pytest.mark.gen_test
async def test_copies_are_written_once_by_two_processes_at_once_and_members_are_told(context, settings, tmp_path):
    people = [member() for _ in range(3)]
    for who in people:
        await context.store.run(request_copy, who.user.password_hash, actor=who.actor)
    await asyncio.gather(write_requested_copies(context), write_requested_copies(context))
    assert statuses() == [READY_COPY] * 3
    assert {row.tries for row in DataCopy} == {1}
    await send_due_account_emails(context)
    sent = outbox(tmp_path)
    assert {one["To"].addresses[0].addr_spec for one in sent} == {who.user.email for who in people}
    text = sent[0].get_body(("plain",)).get_content()
    assert ("/mi/datos#descargar" in text, "salud" in text, "48 horas" in text) == (True, False, True)
    # It has a row: the job that looks for files without one leaves it.
    folder = Path(settings.files_folder)
    age(folder, 47)
    await delete_orphaned_files(context)
    assert names(folder) == {row.file_id for row in DataCopy}
    DataCopy.update(expires_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    await delete_expired_copies(context)
    assert names(folder) == set()


@pytest.mark.gen_test
async def test_what_cannot_be_stored_is_tried_three_times_and_holds_up_no_other(context, settings, monkeypatch):
    ana = member()
    await context.store.run(request_copy, ana.user.password_hash, actor=ana.actor)
    put, broken = context.data_copies._files.put, [True]

    def fail(key, content):
        if broken:
            raise Unavailable
        put(key, content)

    monkeypatch.setattr(context.data_copies._files, "put", fail)
    with pytest.raises(Unavailable):
        await write_requested_copies(context)
    assert statuses() == [PENDING_COPY]
    ana = member()
    await context.store.run(request_copy, ana.user.password_hash, actor=ana.actor)
    broken.clear()
    await write_requested_copies(context)
    assert statuses() == [PENDING_COPY, READY_COPY]
    broken.append(True)
    for _ in range(2):
        DataCopy.update(claimed_at=datetime.now(UTC) - 2 * CLAIM_LIFETIME).execute()
        with pytest.raises(Unavailable):
            await write_requested_copies(context)
    DataCopy.update(claimed_at=datetime.now(UTC) - 2 * CLAIM_LIFETIME).execute()
    await write_requested_copies(context)
    assert statuses() == [FAILED_COPY, READY_COPY]


@pytest.mark.gen_test
async def test_process_that_stops_begins_none(context):
    ana = member()
    await context.store.run(request_copy, ana.user.password_hash, actor=ana.actor)
    context.is_stopping = True
    await write_requested_copies(context)
    assert DataCopy.get().tries == 0
