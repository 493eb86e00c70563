"""Confirmed files are imported by whichever process, and what nobody confirms is deleted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import member_import_files as actions
from beneficiate.domain.member_files import FileMember
from beneficiate.jobs.member_imports import discard_unconfirmed_imports, import_confirmed_members
from beneficiate.models.accounts import User
from beneficiate.models.imports import MemberImport
from tests.factories import supervisor

FILE = actions.BeginImport("a.csv", "d" * 64, "UTF-8", ";", "tipo")


async def store_file(context, who, count):
    """Store a file of so many members, and return its id."""
    import_id = await context.store.run(actions.begin_import, FILE, who.actor)
    members = [FileMember(n + 2, "CC", str(52000000 + n), "Ana", "Gil", f"a{n}@x.co", "", None) for n in range(count)]
    await context.store.run(actions.store_import_rows, actions.StoreImportRows(import_id, members, ()), who.actor)
    await context.store.run(actions.finish_preview, import_id, who.actor)
    return import_id


@pytest.mark.gen_test
async def test_two_processes_import_each_member_once(context, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_PER_PART", 3)
    who = supervisor()
    import_id = await store_file(context, who, 10)
    await context.store.run(actions.confirm_import, actions.ConfirmImport(import_id, sends_links=False), who.actor)
    await asyncio.gather(import_confirmed_members(context), import_confirmed_members(context))
    row = MemberImport.get_by_id(import_id)
    assert (row.state, row.imported_rows, row.present_rows) == ("DONE", 10, 0)
    assert User.select().where(User.email.startswith("a")).count() == 10


@pytest.mark.gen_test
async def test_process_that_stops_leaves_the_rest(context, monkeypatch):
    who = supervisor()
    import_id = await store_file(context, who, 1)
    await context.store.run(actions.confirm_import, actions.ConfirmImport(import_id, sends_links=False), who.actor)
    monkeypatch.setattr(context, "is_stopping", True)
    await import_confirmed_members(context)
    assert MemberImport.get_by_id(import_id).state == "RUNNING"
    monkeypatch.setattr(context, "is_stopping", False)
    await import_confirmed_members(context)
    assert MemberImport.get_by_id(import_id).state == "DONE"


@pytest.mark.gen_test
async def test_what_nobody_confirms_is_deleted(context):
    import_id = await store_file(context, supervisor(), 1)
    MemberImport.update(created_at=datetime.now(UTC) - timedelta(days=2)).execute()
    await discard_unconfirmed_imports(context)
    assert MemberImport.get_by_id(import_id).state == "DISCARDED"
