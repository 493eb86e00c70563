"""Jobs delete what is older than supervisors have chosen, part by part, and nothing else."""

import json
from datetime import timedelta

import pytest

from beneficiate.actions import retention
from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.domain.retention import CLEARED_TEXT
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import SignIn
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.chats import ACTIVE, Attachment, Chat, ChatEvent, ChatTag, Message, Note, Rating
from beneficiate.models.data_copies import PENDING_COPY, DataCopy
from beneficiate.models.imports import RUNNING_IMPORT, MemberImport
from beneficiate.models.notices import AwayNotice
from beneficiate.models.payments import EVENT_FAILED, EVENT_STORED, WompiEvent
from beneficiate.queries.audit_chain import verify_next_entries
from beneficiate.queries.retention import RETAINED_TABLES, load_retention, load_retention_form
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions import retention_steps as steps
from tests.actions.payment_steps import NOW
from tests.audit import write_audit
from tests.factories import agent, member, supervisor

TYPED = {"ingresos": "30", "avisos": "7", "eventos": "3650", "archivos": "1"}


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def save(act, marta):
    def do(who=marta, version=None, **typed):
        shown = load_retention_form(UnitOfWork(marta.actor, NOW)).version if version is None else version
        return act(retention.save_retention, retention.SaveRetention(shown, {**TYPED, **typed}), who.actor, NOW)

    return do


@pytest.fixture
def run(act):
    """Delete what is old of every table, and return how many rows of each column."""

    def do():
        places = range(len(RETAINED_TABLES))
        return [act(retention.delete_old_rows, place, SYSTEM, NOW)[0] for place in places]

    return do


def test_days_are_used_by_the_jobs(db, save, run):
    for days in (20, 29, 31):
        steps.ended_sign_in(days)
    for days in (200, 3651):
        steps.wompi_event(days)
    steps.wompi_event(4000, EVENT_FAILED)
    run()
    assert [row.family for row in SignIn.select().order_by(SignIn.id)] == ["f20", "f29"]
    assert [row.dedupe_key for row in WompiEvent.select().order_by(WompiEvent.id)] == ["200 DONE", "4000 FAILED"]
    save(ingresos="25", eventos="190")
    run()
    assert [row.family for row in SignIn.select()] == ["f20"]
    assert [row.dedupe_key for row in WompiEvent.select()] == ["4000 FAILED"]


def test_optional_kinds_are_deleted_once_they_are_switched_on(db, save, run):
    for days in (300, 400):
        steps.wompi_event(days, EVENT_FAILED)
        steps.data_copy(days)
        steps.member_import(days)
    steps.wompi_event(400, EVENT_STORED)
    steps.data_copy(400, status=PENDING_COPY)
    steps.data_copy(400, file_id="still there")
    steps.member_import(400, RUNNING_IMPORT)
    assert sum(run()) == 0
    save(fallidos="350", copias="365", importaciones="350")
    assert sum(run()) == 3
    assert [WompiEvent.select().count(), DataCopy.select().count(), MemberImport.select().count()] == [2, 3, 2]
    save()
    steps.wompi_event(500, EVENT_FAILED)
    assert sum(run()) == 0


def test_notices_and_emails_go_after_a_week(db, save, run):
    for days in (6, 8):
        steps.old_notice(days)
        steps.account_email(days)
    run()
    assert (AwayNotice.get().key, AccountEmail.get().email) == ("6", "6@x.co")


def test_many_rows_are_deleted_in_parts(db, run, monkeypatch):
    monkeypatch.setattr(retention, "ROWS_PER_PART", 2)
    for days in (31, 32, 33):
        steps.ended_sign_in(days)
    assert [run()[0] for _ in range(3)] == [2, 1, 0]


def test_chat_is_cleared_of_what_was_written_and_its_rows_stay(act, db, monkeypatch):
    monkeypatch.setattr(retention, "ROWS_PER_PART", 2)
    chat_id = steps.closed_chat(400, messages=3)
    steps.keep_for(chat_days=365)
    assert [act(retention.clear_messages, chat_id, SYSTEM, NOW)[0] for _ in range(3)] == [2, 1, 0]
    assert act(retention.finish_clearing, chat_id, SYSTEM, NOW)[0]
    assert {(row.message, row.client_id) for row in Message.select()} == {(CLEARED_TEXT, None)}
    assert (Note.get().text, ChatEvent.get().note) == (CLEARED_TEXT, "")
    assert (Rating.get().score, Rating.get().comment) == (5, "")
    assert (Attachment.select().count(), ChatTag.select().count()) == (0, 0)
    chat = Chat.get_by_id(chat_id)
    assert (chat.last_line, chat.cleared_at, chat.last_seq) == (CLEARED_TEXT, NOW, 3)
    assert chat.closed_at == NOW - timedelta(days=400)
    assert not act(retention.finish_clearing, chat_id, SYSTEM, NOW)[0]


def test_chat_that_is_young_or_open_or_kept_for_good_stays(act, db):
    young, reopened = steps.closed_chat(300), steps.closed_chat(400)
    Chat.update(status=ACTIVE, closed_at=None).where(Chat.id == reopened).execute()
    old = steps.closed_chat(4000)
    for days, chats in ((365, (young, reopened)), (0, (old,))):
        steps.keep_for(chat_days=days)
        for chat_id in chats:
            assert act(retention.clear_messages, chat_id, SYSTEM, NOW)[0] == 0
            assert not act(retention.finish_clearing, chat_id, SYSTEM, NOW)[0]
    assert {row.message for row in Message.select()} == {"me duele"}


def test_words_of_a_cleared_chat_go_from_the_audit_log_too_and_its_chain_stays_whole(act, db, marta):
    (chat_id, ana), (other_id, _) = ((steps.closed_chat(400, one, 2), one) for one in (member(), member()))
    first, _ = Message.select().where(Message.chat == chat_id).order_by(Message.seq)
    Message.update(recalled_at=NOW).where(Message.id == first.id).execute()
    uow = UnitOfWork(marta.actor, NOW)
    for subject in (f"message:{first.id}", f"chat:{chat_id}", f"chat:{other_id}", f"user:{ana.id}"):
        write_audit(uow, "message.recall", subject, "fiebre", {"message": ("me duele", "")}, ana.id)
    steps.keep_for(chat_days=365)
    act(retention.clear_messages, chat_id, SYSTEM, NOW)
    assert act(retention.finish_clearing, chat_id, SYSTEM, NOW)[0]
    kept = AuditEntry.select(AuditEntry.subject).join(AuditText, on=AuditText.position == AuditEntry.position)
    assert {subject for (subject,) in kept.tuples()} == {f"chat:{other_id}", f"user:{ana.id}"}
    assert verify_next_entries(uow, ChainLink()).broken_at is None
    AuditText.delete().execute()
    assert verify_next_entries(uow, ChainLink()).broken_at == ChainBreak(3, "changed")


def test_clearing_is_recorded(act, db):
    act(retention.record_clearing, 312, SYSTEM, NOW)
    entry = AuditEntry.get(AuditEntry.what == "retention.clear")
    assert (entry.actor_role, json.loads(entry.after)) == ("system", {"rows": 312})


def test_change_has_a_version_and_is_recorded(save):
    save(ingresos="60")
    assert load_retention(UnitOfWork(SYSTEM, NOW)).sign_in_days == 60
    save(version=1, ingresos="60")
    with pytest.raises(OutdatedForm):
        save(version=1, ingresos="61")
    entry = AuditEntry.get(AuditEntry.what == "retention.save")
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"sign_in_days": 30}, {"sign_in_days": 60})


def test_days_are_checked(save):
    with pytest.raises(InvalidForm):
        save(ingresos="6")


def test_only_supervisors_choose(save):
    for who in (agent(), member()):
        with pytest.raises(NotFound):
            save(who, 1)
