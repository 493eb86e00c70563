"""The chain of the audit log is verified in parts, and what was noted of it is found again."""

import pytest

from beneficiate.domain.audit_chain import ChainLink
from beneficiate.models.audit import AuditEntry
from beneficiate.queries import audit_chain
from beneficiate.queries.audit_chain import count_unchained_entries, find_last_link, find_link, verify_next_entries
from beneficiate.unit_of_work import UnitOfWork
from tests.audit import write_audit
from tests.factories import supervisor
from tests.queries.appointment_rows import NOW


@pytest.fixture
def uow(db):
    found = UnitOfWork(supervisor().actor, NOW)
    for number in range(5):
        write_audit(found, "a", f"s:{number}")
    return found


def test_parts_lead_from_one_to_the_next(uow, monkeypatch):
    monkeypatch.setattr(audit_chain, "VERIFIED_PER_READ", 2)
    last, checks = ChainLink(), []
    while not checks or not checks[-1].is_complete:
        checks.append(verify_next_entries(uow, last))
        last = checks[-1].last
    assert [check.last.position for check in checks] == [2, 4, 5]
    assert all(check.broken_at is None for check in checks)


def test_chain_without_entries_is_complete(db):
    check = verify_next_entries(UnitOfWork(supervisor().actor, NOW), ChainLink())
    assert (check.last, check.broken_at, check.is_complete) == (ChainLink(), None, True)


def test_newest_link_is_the_anchor_and_is_found_by_its_position(uow):
    newest = AuditEntry.get(AuditEntry.position == 5)
    assert find_last_link(uow) == find_link(uow, 5) == ChainLink(5, newest.hash)
    assert find_link(uow, 6) is None


def test_entries_of_an_older_version_are_counted(uow):
    AuditEntry.insert(at=NOW, actor_role="agent", address="", what="a", subject="s").execute()
    assert count_unchained_entries(uow) == 1
