"""A page of the audit log, and one entry of it."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.audit import AuditEntry
from beneficiate.models.professionals import Professional
from beneficiate.queries import audit_log
from beneficiate.queries.audit_filters import find_audit_filters, parse_audit_filters
from beneficiate.queries.audit_log import (
    count_audit_rows,
    list_audit_rows,
    load_audit_entry,
    load_audit_list,
    load_chain_status,
)
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.audit_log import TypedFilters
from tests.audit import write_audit
from tests.factories import agent, member, professional, supervisor
from tests.queries.appointment_rows import NOW, create_appointment

UOW = UnitOfWork(SYSTEM, NOW)
NOTHING = TypedFilters()


def everything(before=""):
    return find_audit_filters(UOW, parse_audit_filters(NOTHING, before))


def listed(before=""):
    return load_audit_list(UOW, (NOTHING, everything(before)))


def record(subject="chat:1", what="chats.give", **more):
    write_audit(UnitOfWork(supervisor().actor, NOW), what, subject, **more)
    return AuditEntry.select().order_by(AuditEntry.id.desc()).get().id


def test_pages_have_each_entry_once_the_newest_first(db, monkeypatch):
    monkeypatch.setattr(audit_log, "ENTRIES_PER_PAGE", 2)
    ids = [record() for _ in range(5)]
    seen, before = [], ""
    while before is not None:
        page = listed(before)
        assert page.is_first == (before == "")
        seen += [entry.entry_id for entry in page.entries]
        before = page.before and str(page.before)
    assert seen == ids[::-1]


def test_page_that_is_just_full_is_the_last(db, monkeypatch):
    monkeypatch.setattr(audit_log, "ENTRIES_PER_PAGE", 2)
    record(), record()
    assert listed().before is None


def test_what_an_entry_refers_to_has_its_name(db):
    ana, yuliana, doctor = member("Ana"), agent("Yuliana"), professional()
    appointment = create_appointment(ana)
    changes = {"agent": (None, yuliana.agent_id), "professional": (None, doctor.id)}
    entry = load_audit_entry(UOW, record(f"appointment:{appointment.id}", changes=changes, person_id=ana.id))
    row = Professional.get_by_id(doctor.id)
    assert [one.after for one in entry.changes] == [yuliana.user.name, f"{row.first_name} {row.last_name}"]
    assert (entry.subject.rpartition(" ")[2], entry.person.name) == (appointment.ticket_number, ana.user.name)


def test_member_who_is_gone_has_no_name_and_the_entry_stays(db):
    assert load_audit_entry(UOW, record(person_id=9999)).person is None


def test_entry_that_does_not_exist_is_not_found(db):
    with pytest.raises(NotFound):
        load_audit_entry(UOW, 1)


def test_entries_are_counted_up_to_a_limit(db):
    for _ in range(3):
        record()
    assert [count_audit_rows(everything(), limit) for limit in (2, 10)] == [2, 3]
    assert len(list_audit_rows(everything(), 2)) == 2


def test_chain_that_no_job_has_verified_says_so(db):
    record()
    chain = load_chain_status(UOW)
    assert (chain.verified_at, chain.whole, chain.pending, chain.newest) == (None, 0, 1, 1)
