"""Copies of the database; the commands that use them are tested with both databases in `tests/cli/test_backup.py`."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest

from beneficiate.clients.database_copies import CopyFailed, copy_database, count_rows, load_database
from tests import servers
from tests.factories import member

PROGRAMS = servers.postgresql_programs()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
class TestPostgresqlPrograms:
    """What `pg_dump` and `pg_restore` are called with, and what is said when they fail."""

    @pytest.mark.parametrize("password", ["muy-secreta", "a:b\\c d"])
    def test_password_is_in_no_argument_and_in_a_file_of_ours(self, db, database_url, tmp_path, monkeypatch, password):
        tool = tmp_path / "pg_dump"
        tool.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n'
            f'sed -n "s/.*passfile=\\([^ ]*\\).*/\\1/p" {tmp_path}/arguments | xargs cat > {tmp_path}/password\n'
        )
        tool.chmod(0o700)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        parts = urlsplit(database_url)
        escaped = password.replace("\\", "%5C").replace(":", "%3A").replace(" ", "%20")
        copy_database(urlunsplit(parts._replace(netloc=f"postgres:{escaped}@")), tmp_path / "copy")
        assert "--snapshot=" in (tmp_path / "arguments").read_text()
        assert password not in (tmp_path / "arguments").read_text()
        stored = password.replace("\\", "\\\\").replace(":", "\\:")
        assert (tmp_path / "password").read_text() == f"*:*:*:*:{stored}\n"

    def test_missing_program_is_said(self, db, database_url, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(CopyFailed, match="pg_dump is not installed"):
            copy_database(database_url, tmp_path / "copy")

    def test_what_the_program_says_is_passed_on(self, db, database_url, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
        (tmp_path / "copy").write_bytes(b"no dump")
        with pytest.raises(CopyFailed, match=r"pg_restore failed: .*archive"):
            load_database(tmp_path / "copy", database_url)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_copy_of_sqlite_is_one_file_and_says_what_it_has(db, database_url, tmp_path):
    member()
    copied = copy_database(database_url, tmp_path / "copy")
    assert copied.counts == count_rows(db)
    assert copied.counts["users"] == 1
    assert copied.attachment_ids == set()
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy"]


def test_file_that_is_no_database_leaves_nothing(tmp_path):
    (tmp_path / "copy").write_bytes(b"no database, but as long as the head of one" * 3)
    with pytest.raises(CopyFailed, match="cannot be written"):
        load_database(tmp_path / "copy", f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()
