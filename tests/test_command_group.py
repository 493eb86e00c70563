"""What an operator can mend is said in one sentence."""

import pytest
from click.testing import CliRunner

from beneficiate import cli
from beneficiate.models.base import database
from tests import servers
from tests.factories import SECRET

COMMANDS = (["serve", "--port", "1"], ["migrate"], ["reconcile", "--sandbox"], ["load-data", "--pairs", "1"])


@pytest.fixture
def run():
    """Run a command on a database; return the exit code and what was printed."""

    def run_command(arguments, database_url):
        environ = {"DATABASE_URL": database_url, "BENEFICIATE_SECRET": SECRET, "BENEFICIATE_ENV": "development"}
        result = CliRunner().invoke(cli.main, arguments, env=environ)
        return result.exit_code, result.output

    return run_command


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_without_postgresql_a_command_ends_with_a_sentence(run, arguments):
    url = f"postgresql://ana:clave@127.0.0.1:{servers.free_port()}/x"
    code, output = run(arguments, url)
    assert code == 1
    assert output.startswith("Error: The database does not answer: connection to server at ")
    assert output.count("\n") == 1
    assert "clave" not in output


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: one[0])
def test_a_database_of_a_newer_version_is_refused(run, arguments, db, database_url):
    db.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', CURRENT_TIMESTAMP)")
    try:
        code, output = run(arguments, database_url)
    finally:
        # The next test gets the same tables.
        database.connect(reuse_if_open=True)
        database.execute_sql("DELETE FROM schema_migration WHERE name = '9999_later'")
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("Error: The database is newer than this version of Beneficiate: it has 9999_later.")
