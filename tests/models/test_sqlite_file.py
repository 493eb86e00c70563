"""SQLite's log of old pages is emptied, and says so when somebody still reads them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from beneficiate.models import sqlite_file
from beneficiate.models.sqlite_file import empty_write_ahead_log

WORD = "zaguan"


def create(path):
    database = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = wal", "CREATE TABLE a (b)"):
        database.execute(statement)
    database.execute("INSERT INTO a VALUES (?)", (WORD,))
    return database


def test_log_is_empty_and_the_file_has_what_counts(tmp_path):
    path = tmp_path / "a.db"
    with closing(create(path)) as database:
        assert WORD in Path(f"{path}-wal").read_bytes().decode("latin-1")
        assert empty_write_ahead_log(str(path))
        assert Path(f"{path}-wal").stat().st_size == 0
        assert database.execute("SELECT b FROM a").fetchall() == [(WORD,)]


def test_who_still_reads_keeps_the_old_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "LOG_WAIT_S", 0.05)
    path = tmp_path / "a.db"
    with closing(create(path)) as database, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM a").fetchall()
        database.execute("UPDATE a SET b = ''")
        assert not empty_write_ahead_log(str(path))
        reader.execute("COMMIT")
        assert empty_write_ahead_log(str(path))
