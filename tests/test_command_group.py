"""What an operator can mend is said in one sentence."""

import subprocess
import sys

import pytest

from tests import servers
from tests.server_process import ROOT, process_environment

COMMANDS = (["serve", "--port", "1"], ["migrate"])


def run(arguments, database_url, **variables):
    """Run a command in a process of its own; return the exit code and what was printed."""
    done = subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=ROOT,
        env=process_environment(database_url, **{"BENEFICIATE_ENV": "development", **variables}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_without_postgresql_a_command_ends_with_a_sentence(arguments):
    url = f"postgresql://ana:clave@127.0.0.1:{servers.free_port()}/x"
    code, output = run(arguments, url)
    assert code == 1
    assert output.startswith("Error: The database does not answer: connection to server at ")
    assert output.count("\n") == 1
    assert "clave" not in output


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_a_database_of_a_newer_version_is_refused(arguments, db, database_url):
    db.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', CURRENT_TIMESTAMP)")
    try:
        code, output = run(arguments, database_url)
    finally:
        # The next test gets the same tables.
        db.execute_sql("DELETE FROM schema_migration WHERE name = '9999_later'")
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("Error: The database is newer than this version of Beneficiate: it has 9999_later.")
