"""Texts of the audit log are read with their entries; what was changed or taken away is noticed, erasures are not."""

import json

import pytest

from beneficiate.domain.audit_chain import ChainBreak, ChainLink
from beneficiate.domain.erasures import ERASED_TEXT
from beneficiate.models.audit import AuditEntry, AuditText
from beneficiate.models.erasures import ERASED, REQUESTED, Erasure
from beneficiate.queries.audit_chain import verify_next_entries
from beneficiate.queries.audit_log import load_audit_entry
from beneficiate.queries.audit_texts import find_broken_texts, open_entries
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.queue_steps import seconds_after_now
from tests.audit import write_audit
from tests.factories import member, supervisor

NOW = seconds_after_now(0)


@pytest.fixture
def ana(db):
    return member()


@pytest.fixture
def marta(db):
    return supervisor()


@pytest.fixture
def entry(ana, marta):
    changes = {"message": ("Me duele", "Mensaje retirado."), "agent": (1, 2)}
    write_audit(UnitOfWork(marta.actor, NOW), "message.recall", "message:7", "Se equivocó", changes, ana.id)
    return AuditEntry.get()


def check(marta):
    return verify_next_entries(UnitOfWork(marta.actor, NOW), ChainLink())


def test_entry_has_no_words_and_is_read_with_them(entry, marta):
    stored = f"{entry.before} {entry.after} {entry.reason}"
    assert not [word for word in ("Me duele", "retirado", "equivocó") if word in stored]
    values = ({"message": "Me duele", "agent": 1}, {"message": "Mensaje retirado.", "agent": 2}, "Se equivocó")
    assert open_entries([entry]) == {entry.id: values}
    shown = load_audit_entry(UnitOfWork(marta.actor, NOW), entry.id)
    assert (shown.reason, shown.changes[0].before) == ("Se equivocó", "Me duele")
    assert (check(marta).broken_at, find_broken_texts([entry])) == (None, set())


def test_without_a_member_the_entry_has_its_words_itself(marta):
    write_audit(UnitOfWork(marta.actor, NOW), "agents.away", "agent:1", "Almuerzo")
    entry = AuditEntry.get()
    assert (entry.reason, open_entries([entry])[entry.id][2]) == ("Almuerzo", "Almuerzo")
    assert not AuditText.select().exists()


def test_words_that_were_changed_are_noticed(entry, marta):
    texts = json.loads(AuditText.get().texts)
    AuditText.update(texts=json.dumps({**texts, "reason": "otra"})).execute()
    assert check(marta).broken_at == ChainBreak(1, "changed")


def test_words_may_be_gone_where_a_person_was_erased_and_nowhere_else(entry, ana, marta):
    AuditText.delete().execute()
    assert check(marta).broken_at == ChainBreak(1, "changed")
    row = Erasure.create(user=ana.id, state=REQUESTED, code="a", requested_at=NOW, due_at=NOW)
    assert check(marta).broken_at == ChainBreak(1, "changed")
    Erasure.update(state=ERASED).where(Erasure.id == row.id).execute()
    assert check(marta).broken_at is None
    before, after, reason = open_entries([entry])[entry.id]
    assert (before, after["message"], reason) == ({"message": ERASED_TEXT, "agent": 1}, ERASED_TEXT, ERASED_TEXT)


def test_entry_of_an_older_version_is_read_as_it_is(ana, marta):
    AuditEntry.insert(
        at=NOW, actor_role="agent", address="", what="chats.give", subject="chat:1", person_id=ana.id, reason="viejo"
    ).execute()
    entry = AuditEntry.get()
    assert open_entries([entry])[entry.id] == ({}, {}, "viejo")
    assert find_broken_texts([entry]) == set()
