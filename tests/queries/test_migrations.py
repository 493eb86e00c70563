"""What a newer version has migrated is told by the names that this one does not know."""

from datetime import UTC, datetime

import pytest

from beneficiate.migrations import NewerDatabase, report_newer_database
from beneficiate.queries.migrations import list_unknown_migrations
from beneficiate.unit_of_work import SYSTEM, UnitOfWork


def test_names_of_a_newer_version_are_found(db):
    uow = UnitOfWork(SYSTEM, datetime.now(UTC))
    assert list_unknown_migrations(uow) == []
    for name in ("9998_later", "9999_contract_chats"):
        db.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ('{name}', CURRENT_TIMESTAMP)")  # noqa: S608
    assert list_unknown_migrations(uow) == ["9998_later", "9999_contract_chats"]


def test_only_what_takes_something_away_is_too_new():
    report_newer_database(["9998_later"])
    with pytest.raises(NewerDatabase, match="9998_later, 9999_contract_chats"):
        report_newer_database(["9998_later", "9999_contract_chats"])
