"""The audit log records who did what to what, from where, why, and the values before; each entry joins the chain."""

import json
from dataclasses import replace

import pytest

from beneficiate.actions.audit import CHAINED_PER_RUN, chain_entries
from beneficiate.domain.audit_chain import ChainLink
from beneficiate.models.audit import AuditEntry
from beneficiate.queries.audit_chain import verify_next_entries
from beneficiate.queries.audit_texts import open_entries
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW
from tests.audit import write_audit
from tests.factories import member, supervisor

pytestmark = pytest.mark.usefixtures("db")


def write_as_an_older_version_does(**changes):
    columns = {"at": NOW, "actor_role": "supervisor", "address": "", "what": "a", "subject": "s", **changes}
    AuditEntry.insert(columns).execute()


def test_entry_says_who_did_what_to_what_from_where_and_why():
    marta, ana = supervisor(), member()
    actor = replace(marta.actor, address="190.1.2.3", request_id="f0a1")
    write_audit(
        UnitOfWork(actor, NOW), "payments.release", "payment:7", "No hay enlace", {"status": ("A", "B")}, ana.id
    )
    entry = AuditEntry.get()
    assert (entry.at, entry.actor_id, entry.actor_name, entry.actor_role) == (NOW, marta.id, actor.name, "supervisor")
    assert (entry.address, entry.request_id, entry.person_id) == ("190.1.2.3", "f0a1", ana.id)
    assert (entry.what, entry.subject) == ("payments.release", "payment:7")
    assert open_entries([entry])[entry.id] == ({"status": "A"}, {"status": "B"}, "No hay enlace")


def test_changes_may_be_several_none_or_of_any_kind():
    write_audit(UnitOfWork(SYSTEM, NOW), "a", "s", changes={"count": (1, None), "at": (NOW, "ñ")})
    write_audit(UnitOfWork(SYSTEM, NOW), "b", "s")
    first, second = AuditEntry.select().order_by(AuditEntry.id)
    assert json.loads(first.before) == {"count": 1, "at": str(NOW)}
    assert json.loads(first.after) == {"count": None, "at": "ñ"}
    assert (second.before, second.after) == ("{}", "{}")


def test_system_has_no_actor_id():
    write_audit(UnitOfWork(SYSTEM, NOW), "a", "s")
    assert (AuditEntry.get().actor_id, AuditEntry.get().actor_role) == (None, "system")


def test_entries_are_a_chain_from_one():
    uow = UnitOfWork(supervisor().actor, NOW)
    for number in range(3):
        write_audit(uow, "a", f"s:{number}")
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [entry.position for entry in entries] == [1, 2, 3]
    assert [entry.previous_hash for entry in entries] == ["", entries[0].hash, entries[1].hash]
    check = verify_next_entries(uow, ChainLink())
    assert (check.last, check.broken_at) == (ChainLink(3, entries[2].hash), None)


def test_entries_of_an_older_version_join_the_chain_in_parts_behind_the_newer_ones():
    uow = UnitOfWork(SYSTEM, NOW)
    for number in range(CHAINED_PER_RUN + 2):
        write_as_an_older_version_does(subject=f"s:{number}")
    write_audit(uow, "b", "newer")
    assert [chain_entries(uow) for _ in range(3)] == [CHAINED_PER_RUN, 2, 0]
    uow.finish()
    entries = list(AuditEntry.select().order_by(AuditEntry.position))
    joined = [f"s:{number}" for number in range(CHAINED_PER_RUN + 2)]
    assert [entry.subject for entry in entries] == ["newer", *joined, "audit", "audit"]
    assert [json.loads(entry.after) for entry in entries[-2:]] == [{"rows": CHAINED_PER_RUN}, {"rows": 2}]
    assert verify_next_entries(uow, ChainLink()).broken_at is None
