"""Erasures are carried out whole: interrupted anywhere they go on, two at once do no harm, files are gone."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from beneficiate.encryption import KeyedHashes
from beneficiate.errors import NotFound, Unavailable
from beneficiate.models.accounts import Agent, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import Attachment
from beneficiate.models.erasures import ERASED, ERASING, Erasure, ErasureEmail
from beneficiate.queries.erasures import DUE_PER_READ
from beneficiate.services import erasures as service_module
from beneficiate.services.erasures import ErasureService, ListedErasure, append_line, read_list
from tests.erasure_steps import ask_to_be_erased, create_canary
from tests.factories import PASSWORD_HASH, agent, member


@pytest.fixture
def context(server):
    for job in server._jobs:
        job.stop()
    return server.context


def service_of(context, is_stopping=lambda: False, **changes):
    settings = replace(context.settings, **changes)
    return ErasureService(context.store, context.attachments, settings, is_stopping)


def files_in(tmp_path):
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def words_in(path, *words):
    return [word for word in words if word in path.read_text()]


def is_private(path):
    return path.stat().st_mode & 0o077 == 0


def ana_who_asked(days_ago=8):
    ana = member("Ana", password_hash=PASSWORD_HASH)
    return ana, ask_to_be_erased(ana, days_ago)


@pytest.mark.gen_test
async def test_list_has_a_line_for_each_that_names_nobody(context, tmp_path):
    ana, erasure = ana_who_asked()
    assert await service_of(context).carry_out_due() == 1
    assert await service_of(context).carry_out_due() == 0
    path = Path(context.settings.erasures_file)
    (listed,) = read_list(path)
    row = Erasure.get_by_id(erasure.id)
    assert (listed.code, listed.user_id, listed.owner_hash) == (row.code, ana.id, row.owner_hash)
    assert listed.account_hash == KeyedHashes(context.settings.secret).digest(
        "account", f"{ana.id} {ana.user.created_at.isoformat()}"
    )
    assert (listed.erased_at, listed.counts) == (row.erased_at, json.loads(row.counts))
    assert not words_in(path, ana.user.email, ana.user.document_number, "Ana")
    assert is_private(path)


@pytest.mark.gen_test
async def test_what_is_not_due_and_what_was_cancelled_stays(context):
    ana, _ = ana_who_asked(days_ago=6)
    assert await service_of(context).carry_out_due() == 0
    assert User.get_by_id(ana.id).first_name == "Ana"


@pytest.mark.gen_test
@pytest.mark.parametrize("step", ["erase_rows", "list_file_ids", "append_line", "finish_erasure"])
async def test_interrupted_at_any_step_it_goes_on_with_the_next_run(context, tmp_path, monkeypatch, step):
    canary = create_canary(tmp_path / "files")
    erasure = ask_to_be_erased(canary.person, days_ago=9)
    function = getattr(service_module, step)

    def fail(*args):
        raise OSError(28, "the process ended here")

    monkeypatch.setattr(service_module, step, fail)
    monkeypatch.setattr(service_module, "must_wait_for_emails", lambda uow, erasure_id: False)
    assert await service_of(context).carry_out_due() == 0
    assert Erasure.get_by_id(erasure.id).state == ERASING
    monkeypatch.setattr(service_module, step, function)
    assert await service_of(context).carry_out_due() == 1
    assert (files_in(tmp_path), Attachment.select().count()) == ([], 0)
    assert Erasure.get_by_id(erasure.id).state == ERASED
    assert AuditEntry.select().where(AuditEntry.what == "people.erase").count() == 1
    assert len(list(read_list(Path(context.settings.erasures_file)))) == 1


@pytest.mark.gen_test
async def test_file_that_cannot_be_deleted_keeps_it_open(context, tmp_path, monkeypatch):
    canary = create_canary(tmp_path / "files")
    erasure = ask_to_be_erased(canary.person)
    monkeypatch.setattr(service_module, "must_wait_for_emails", lambda uow, erasure_id: False)
    files = context.attachments._files
    delete = files.delete

    def refuse(key):
        raise Unavailable

    files.delete = refuse
    assert await service_of(context).carry_out_due() == 0
    assert (Erasure.get_by_id(erasure.id).state, len(files_in(tmp_path))) == (ERASING, 4)
    files.delete = delete
    assert await service_of(context).carry_out_due() == 1
    assert files_in(tmp_path) == []


@pytest.mark.gen_test
async def test_two_at_once_erase_once(context):
    _, erasure = ana_who_asked()
    service = service_of(context)
    done = await asyncio.gather(*(service.carry_out_due() for _ in range(3)))
    assert sum(done) >= 1
    assert (Erasure.get_by_id(erasure.id).state, ErasureEmail.select().count()) == (ERASED, 1)
    assert AuditEntry.select().where(AuditEntry.what == "people.erase").count() == 1
    assert len(list(read_list(Path(context.settings.erasures_file)))) == 1


@pytest.mark.gen_test
async def test_one_that_fails_holds_up_none_of_the_others(context, monkeypatch):
    _, first = ana_who_asked(days_ago=9)
    _, second = ana_who_asked(days_ago=8)
    close = service_module.close_account

    def fail(uow, erasure_id):
        if erasure_id == first.id:
            raise ZeroDivisionError
        return close(uow, erasure_id)

    monkeypatch.setattr(service_module, "close_account", fail)
    assert await service_of(context).carry_out_due() == 1
    assert Erasure.get_by_id(second.id).state == ERASED


@pytest.mark.gen_test
async def test_those_that_wait_hold_up_none_of_the_others(context):
    for _ in range(DUE_PER_READ):
        joined, _ = ana_who_asked(days_ago=9)
        Agent.create(user=joined.id, agent_code=f"C{joined.id}", created_at=joined.user.created_at)
    _, last = ana_who_asked()
    assert await service_of(context).carry_out_due() == 1
    assert Erasure.get_by_id(last.id).state == ERASED
    assert Erasure.select().where(Erasure.waits_for == "staff").count() == DUE_PER_READ


@pytest.mark.gen_test
async def test_process_that_stops_leaves_it_to_another_one(context):
    _, erasure = ana_who_asked()
    answers = iter([False, True, True, True, True])
    assert await service_of(context, lambda: next(answers)).carry_out_due() == 0
    assert Erasure.get_by_id(erasure.id).state == ERASING
    assert await service_of(context).carry_out_due() == 1


@pytest.mark.gen_test
async def test_whom_a_restore_brought_back_is_erased_by_the_list(context, tmp_path):
    canary = create_canary(tmp_path / "files")
    ana = canary.person
    user = User.get_by_id(ana.id)
    service = service_of(context)
    owner = KeyedHashes(context.settings.secret).digest("document", f"{user.document_type} {user.document_number}")
    now = user.created_at
    times = {"requested_at": now, "erased_at": now, "counts": {"chats": 1}}
    listed = ListedErasure(code="CE-9", user_id=ana.id, owner_hash=owner, **times)
    assert await service.carry_out_again(listed) is True
    assert await service.carry_out_again(listed) is False
    assert (User.get_by_id(ana.id).first_name, files_in(tmp_path)) == ("Persona", [])
    with pytest.raises(NotFound):
        await service.carry_out_again(ListedErasure(code="CE-8", user_id=agent().id, owner_hash=owner, **times))


@pytest.mark.gen_test
async def test_document_that_changed_between_backup_and_erasure_is_recognised_by_the_account(context):
    ana, _ = ana_who_asked()
    before = User.select().where(User.id == ana.id).tuples().get()
    User.update(document_type="CE", document_number="418227", email="otra@x.co").where(User.id == ana.id).execute()
    service = service_of(context)
    assert await service.carry_out_due() == 1
    (listed,) = read_list(Path(context.settings.erasures_file))
    # As a backup has it: the account with the document and the address of before, and nothing asked yet.
    columns = dict(zip(User._meta.sorted_fields, before, strict=True))
    User.update(columns).where(User.id == ana.id).execute()
    ErasureEmail.delete().execute()
    Erasure.delete().execute()
    assert await service.carry_out_again(listed) is True
    assert User.get_by_id(ana.id).document_number == f"borrado-{ana.id}"
    # Somebody else who has the id in another database is not erased, and neither is one of an older list.
    luis = member("Luis", created_at=ana.user.created_at + timedelta(microseconds=1))
    for changes in ({"user_id": luis.id}, {"user_id": luis.id, "account_hash": ""}):
        with pytest.raises(NotFound):
            await service.carry_out_again(msgspec.structs.replace(listed, code="CE-7", **changes))
    assert User.get_by_id(luis.id).first_name == "Luis"


def test_list_is_read_once_for_each_and_a_line_that_is_none_is_said(tmp_path):
    path = tmp_path / "new" / "list.jsonl"
    line = b'{"code":"CE-1","user_id":1,"owner_hash":"a","requested_at":"2026-01-01T00:00:00Z",'
    line += b'"erased_at":"2026-01-08T00:00:00Z","counts":{}}'
    for _ in range(2):
        append_line(path, line)
    assert [one.code for one in read_list(path)] == ["CE-1"]
    with path.open("ab") as file:
        file.write(line[:-1])  # the disk was full
    append_line(path, line.replace(b"CE-1", b"CE-2"))
    assert [one.code for one in read_list(path)] == ["CE-1", "CE-2"]
    append_line(path, b"{}")
    with pytest.raises(ValueError, match="code"):
        list(read_list(path))
