"""What an operator can mend is said in one sentence."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import servers
from tests.server_process import process_environment, start_command

COMMANDS = (["serve", "--port", "1"], ["migrate"])


def run(arguments, database_url, **variables):
    """Run a command in a process of its own; return the exit code and what was printed."""
    environment = process_environment(database_url, **{"BENEFICIATE_ENV": "development", **variables})
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        code = start_command(arguments, environment, output, errors).wait(60)
        return code, output.read_text(encoding="utf-8") + errors.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_without_postgresql_a_command_ends_with_a_sentence(arguments):
    url = f"postgresql://ana:clave@127.0.0.1:{servers.free_port()}/x"
    code, output = run(arguments, url)
    assert code == 1
    assert output.startswith("Error: The database does not answer: connection to server at ")
    assert output.count("\n") == 1
    assert "clave" not in output


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_a_database_that_older_versions_cannot_use_is_refused(arguments, db, database_url):
    with newer_database(db, "9999_contract_chats"):
        code, output = run(arguments, database_url)
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith(
        "Error: The database is newer than this version of Beneficiate: it has 9999_contract_chats."
    )


def test_a_newer_version_may_have_migrated_the_database(db, database_url):
    with newer_database(db, "9999_later"):
        code, output = run(["migrate"], database_url)
    assert code == 0
    assert "Nothing to apply." in output
    assert "database_is_newer" in output


@contextmanager
def newer_database(db, name):
    """Let a newer version have migrated the database, of which the next test gets the same tables."""
    db.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ('{name}', CURRENT_TIMESTAMP)")  # noqa: S608
    try:
        yield
    finally:
        db.execute_sql(f"DELETE FROM schema_migration WHERE name = '{name}'")  # noqa: S608
