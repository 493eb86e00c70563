"""Entries of the audit log outlive the person who caused them, and the database refuses to change or delete them."""

from datetime import timedelta

import pytest
from peewee import DatabaseError

from beneficiate.models.audit import AuditEntry, AuditHead
from beneficiate.models.base import database, is_postgresql
from tests.factories import supervisor
from tests.models.constraints import delete_row, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def entry(who=None, **changes):
    given = {"actor_role": "supervisor", "address": "127.0.0.1", "what": "payment_revoked", "subject": "payment:1"}
    return AuditEntry.create(at=NOW, actor_id=who.id if who else None, **{**given, **changes})


def refuse(statement):
    with pytest.raises(DatabaseError, match="audit log are not changed"), database.atomic():
        statement()


def test_entry_keeps_the_name_of_an_actor_who_is_deleted():
    marta = supervisor()
    written = entry(marta, actor_name="Marta Gil")
    delete_row(marta.user)
    kept = reload(written)
    assert (kept.actor_id, kept.actor_name, kept.actor_role, kept.at) == (marta.id, "Marta Gil", "supervisor", NOW)


@pytest.mark.parametrize("position", [None, 1])
def test_entry_is_not_deleted(position):
    written = entry(position=position)
    refuse(lambda: delete_row(written))
    assert reload(written).subject == "payment:1"


@pytest.mark.parametrize("position", [None, 1])
@pytest.mark.parametrize(
    "change",
    [
        {"at": NOW + timedelta(seconds=1)},
        {"actor_id": 9},
        {"actor_name": "Otra"},
        {"actor_role": "agent"},
        {"address": ""},
        {"request_id": "x"},
        {"what": "x"},
        {"subject": "x"},
        {"person_id": 9},
        {"before": "[]"},
        {"after": "[]"},
        {"reason": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_content_is_not_changed(position, change):
    written = entry(position=position)
    refuse(AuditEntry.update(change).where(AuditEntry.id == written.id).execute)


def test_entry_joins_the_chain_once():
    written = entry()
    assert AuditEntry.update(position=1, hash="a" * 64).where(AuditEntry.id == written.id).execute() == 1
    refuse(AuditEntry.update(position=2).where(AuditEntry.id == written.id).execute)
    refuse(AuditEntry.update(hash="b" * 64).where(AuditEntry.id == written.id).execute)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET position = 1",
        "UPDATE audit_head SET position = 2, hash = 'b'",
        "UPDATE audit_head SET id = 2, position = 3",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, position, hash) VALUES (2, 1, 'a')",
        "INSERT INTO audit_head (id, position, hash) VALUES (1, 3, 'a') ON CONFLICT (id) DO UPDATE SET position = 3",
    ],
)
def test_end_of_the_chain_only_moves_on(statement):
    entry(position=1, hash="a")
    entry(position=2, hash="c")
    entry()
    with pytest.raises(DatabaseError, match="only moves on"), database.atomic():
        database.execute_sql(statement)
    assert list(AuditHead.select().tuples()) == [(1, 2, "c")]


def test_table_is_not_emptied():
    written = entry(position=1)
    refuse(lambda: database.execute_sql(f"{'TRUNCATE' if is_postgresql() else 'DELETE FROM'} audit_entries"))
    assert reload(written).position == 1
