"""The filters of the audit log: what is typed, whom it names, and the indexes that find the entries."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from beneficiate.errors import InvalidForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, is_postgresql
from beneficiate.queries.audit_filters import (
    _ACTORS,
    MAX_SUBJECT_CHARS,
    audit_conditions,
    find_audit_filters,
    parse_audit_filters,
)
from beneficiate.queries.audit_log import list_audit_rows
from beneficiate.unit_of_work import SYSTEM, Actor, UnitOfWork
from beneficiate.views.audit_log import TypedFilters
from tests.actions.payment_steps import NOW, get_plan, open_checkout
from tests.audit import write_audit
from tests.factories import member, supervisor
from tests.queries.appointment_rows import create_appointment

UOW = UnitOfWork(SYSTEM, NOW)


def record(actor, subject="chat:1", what="chats.give", now=NOW, **more):
    write_audit(UnitOfWork(actor, now), what, subject, **more)
    return AuditEntry.select().order_by(AuditEntry.id.desc()).get().id


def find(**typed):
    return find_audit_filters(UOW, parse_audit_filters(TypedFilters(**typed)))


def found_ids(**typed):
    return [row.id for row in list_audit_rows(find(**typed), 100)]


def test_person_is_found_by_every_name_under_which_they_acted(db):
    marta = supervisor().id
    other = supervisor().id
    names = ["Marta Inés Gil", "Marta Inés Gil", "Marta Ruiz"]
    ids = [record(Actor(marta, "supervisor", name=name)) for name in names]
    mine = record(Actor(other, "supervisor", name="Óscar Gil"))
    clock = record(SYSTEM)
    assert found_ids(actor="marta gil") == found_ids(actor="RUIZ") == ids[::-1]
    assert found_ids(actor="oscar") == [mine]
    assert found_ids(actor="gil") == [mine, *ids[::-1]]
    assert found_ids(actor="sistema") == found_ids(actor="Sist") == [clock]
    assert found_ids(actor="art") == found_ids(actor="%") == found_ids(actor="-") == []


def test_member_is_found_by_name_and_document(db):
    ana, marta = member("Ana", document_number="52803456"), supervisor()
    entry = record(marta.actor, person_id=ana.id)
    record(marta.actor, person_id=member("Beto").id)
    assert found_ids(member=ana.user.name) == found_ids(member="52.803.456") == [entry]
    assert found_ids(member="nadie") == []


def test_subject_is_found_by_ticket_by_reference_and_as_it_is(db, act):
    marta, ana = supervisor(), member()
    get_plan()
    appointment = create_appointment(ana)
    payment_id = open_checkout(act, ana).payment_id
    booked, payment = record(marta.actor, f"appointment:{appointment.id}"), record(marta.actor, f"payment:{payment_id}")
    hours, chat = record(marta.actor, "hours"), record(marta.actor, "chat:12")
    assert found_ids(subject=appointment.ticket_number.lower()) == [booked]
    assert found_ids(subject=f"bnf-{payment_id[:8]}") == found_ids(subject=f"payment:{payment_id}") == [payment]
    assert (found_ids(subject="hours"), found_ids(subject="chat:12")) == ([hours], [chat])
    assert found_ids(subject="chat:1") == []


@pytest.mark.parametrize("subject", ["APT-", "APT-99999-0001", "BNF-1234567", "BNF-%%%%%%%%", "otra:1", "x" * 100])
def test_subject_that_is_none_has_a_sentence(db, subject):
    with pytest.raises(InvalidForm) as wrong:
        find(subject=subject)
    assert list(wrong.value.fields) == ["asunto"]
    assert len(wrong.value.fields["asunto"]) < MAX_SUBJECT_CHARS + 60


def test_days_are_those_of_bogota(db):
    marta = supervisor()
    midnight = NOW.replace(hour=5, minute=0)
    before, first, last, after = (
        record(marta.actor, now=at)
        for at in (
            midnight - timedelta(microseconds=1),
            midnight,
            midnight + timedelta(days=1, microseconds=-1),
            midnight + timedelta(days=1),
        )
    )
    day = midnight.date().isoformat()
    assert found_ids(since=day, until=day) == [last, first]
    assert found_ids(since=day) == [after, last, first]
    assert found_ids(until=day) == [last, first, before]
    assert parse_audit_filters(TypedFilters(since="25/8/2026")).since == date(2026, 8, 25)


def test_filters_are_joined(db):
    marta, gil = supervisor("Marta"), supervisor("Gil")
    record(marta.actor, "hours", "hours.set_week")
    record(gil.actor)
    both = record(gil.actor, "hours", "hours.set_week")
    assert found_ids(actor="gil", kind="hours.set_week", subject="hours") == [both]


INDEXES = {
    "audit_entries_actor": {"actor_ids": [3]},
    "audit_entries_person": {"person_ids": [3]},
    "subject": {"subjects": ["chat:1"]},
    "audit_entries_what": {"kind": "chats.give"},
}


@pytest.mark.parametrize("index", INDEXES)
def test_each_filter_has_an_index(db, index):
    nothing = find()
    query = AuditEntry.select().where(*audit_conditions(replace(nothing, **INDEXES[index])))
    sql, parameters = query.order_by(AuditEntry.id.desc()).limit(51).sql()
    if is_postgresql():
        # Of a table with a few rows, the planner would read all.
        database.execute_sql("SET enable_seqscan = off")
        database.execute_sql("SET enable_sort = off")
    explain = "EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN "
    plan = str(database.execute_sql(explain + sql, parameters).fetchall())
    assert index in plan, plan


def test_names_are_read_by_jumps_through_an_index(db):
    if is_postgresql():
        database.execute_sql("SET enable_seqscan = off")
    explain = "EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN "
    plan = str(database.execute_sql(explain + _ACTORS).fetchall())
    assert plan.count("audit_entries_actor_name") >= 2, plan
