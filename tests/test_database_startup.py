"""What is required of the database before a process serves; `flows/test_pgbouncer.py` has what a pooler does."""

from dataclasses import replace

import pytest

from beneficiate.database_startup import prepare_database, require_own_sessions
from beneficiate.migrations import list_applied_migrations, list_known_migrations
from beneficiate.models.base import SESSION_OPTIONS, database, is_postgresql, open_database
from beneficiate.settings import InvalidSettings


def test_database_is_migrated_and_its_sessions_are_as_they_should_be(db, settings):
    prepare_database(settings)
    assert list_applied_migrations(database) == list_known_migrations()


def test_sessions_without_the_settings_are_refused(db, settings):
    if not is_postgresql():
        pytest.skip("SQLite has no settings of a session.")
    database.initialize(open_database(settings.database_url, "transaction"))
    try:
        with pytest.raises(InvalidSettings) as refused:
            prepare_database(settings)
    finally:
        database.obj.close_all()
    assert "BENEFICIATE_DATABASE_POOLER=transaction" in str(refused.value)
    assert {name for name in SESSION_OPTIONS if name in str(refused.value)} == set(SESSION_OPTIONS)


def test_commands_need_sessions_of_their_own(settings):
    require_own_sessions(settings)
    with pytest.raises(InvalidSettings, match="set DATABASE_URL to PostgreSQL itself"):
        require_own_sessions(replace(settings, database_pooler="transaction"))
