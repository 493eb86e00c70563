"""The audit log records who did what to what, from where, why, and the values before."""

import json

from beneficiate.actions.audit import record_audit
from beneficiate.models.audit import AuditEntry
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW
from tests.factories import supervisor


def test_entry_says_who_did_what_to_what_and_why(db):
    marta = supervisor()
    record_audit(
        UnitOfWork(marta.actor, NOW), "payments.release", "payment:7", "190.1.2.3", "No hay enlace", status=("A", "B")
    )
    entry = AuditEntry.get()
    assert (entry.at, entry.actor_id, entry.actor_role, entry.address) == (NOW, marta.id, "supervisor", "190.1.2.3")
    assert (entry.what, entry.subject, entry.reason) == ("payments.release", "payment:7", "No hay enlace")
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"status": "A"}, {"status": "B"})


def test_changes_may_be_several_none_or_of_any_kind(db):
    record_audit(UnitOfWork(SYSTEM, NOW), "a", "s", "", "", count=(1, None), at=(NOW, "ñ"))
    record_audit(UnitOfWork(SYSTEM, NOW), "b", "s", "", "")
    first, second = AuditEntry.select().order_by(AuditEntry.id)
    assert json.loads(first.before) == {"count": 1, "at": str(NOW)}
    assert json.loads(first.after) == {"count": None, "at": "ñ"}
    assert (second.before, second.after) == ("{}", "{}")


def test_system_has_no_actor_id(db):
    record_audit(UnitOfWork(SYSTEM, NOW), "a", "s", "", "")
    assert (AuditEntry.get().actor_id, AuditEntry.get().actor_role) == (None, "system")
