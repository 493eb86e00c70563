"""No later migration reads, writes or indexes a whole table while it keeps others from it (PostgreSQL).

Each statement is watched on a database with rows: whether the tables that had rows are still the same files, and what
it says. Migrations that take something away from older versions are named so.
"""

import re

import pytest
from playhouse.migrations import Runner

from beneficiate.migrations import CONTRACT_MARK, MIGRATIONS_DIR
from tests.migrations.populated import add_row_to_each_table, read_catalogue
from tests.migrations.test_online import NAMES, empty, postgresql  # noqa: F401

BEFORE = "0035_notices"
LATER = [name for name in NAMES if name > BEFORE]
FILES = "SELECT oid, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?\w+ ON (?P<table>\w+)")
CONSTRAINT = re.compile(
    r"ALTER TABLE (?P<table>\w+) ADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY)(?! USING INDEX)"
    r"(?!.*NOT VALID)"
)
NOT_NULL = re.compile(r"ALTER TABLE (?P<table>\w+) ALTER COLUMN (?P<column>\w+) SET NOT NULL")
TAKES_COLUMN = re.compile(r"DROP COLUMN|RENAME COLUMN")
TAKES_TABLE = re.compile(r"DROP TABLE (?:IF EXISTS )?(?P<table>\w+)")


class Watcher:
    """Finds what statements do that would keep others from a table for long."""

    def __init__(self, opened):
        self._execute, self._opened = opened.execute_sql, opened
        self.problems, self.takes_away, self._tables = [], [], set(opened.get_tables())

    def execute_sql(self, sql, params=None, *rest):
        text = " ".join(sql.split())
        if text.startswith(("ALTER", "CREATE", "DROP")):
            self._read(text)
            before = self._files()
            cursor = self._execute(sql, params, *rest)
            after = self._files()
            if any(after.get(table, file) != file for table, file in before.items()):
                self.problems.append(f"writes a table anew: {text}")
            return cursor
        return self._execute(sql, params, *rest)

    def _files(self):
        return dict(self._execute(FILES).fetchall())

    def _read(self, text):
        for found in (INDEX.match(text), CONSTRAINT.match(text)):
            if found and self._has_rows(found["table"]):
                self.problems.append(f"reads a whole table: {text}")
        found = NOT_NULL.match(text)
        if found and not self._is_checked(found["table"], found["column"]):
            self.problems.append(f"reads a whole table: {text}")
        dropped = TAKES_TABLE.match(text)
        if TAKES_COLUMN.search(text) or (dropped and dropped["table"] in self._tables):
            self.takes_away.append(text)

    def _has_rows(self, table):
        (is_there,) = self._execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
        return is_there and self._execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]  # noqa: S608

    def _is_checked(self, table, column):
        sql = (
            "SELECT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass(%s) AND convalidated "
            "AND pg_get_constraintdef(oid) LIKE %s)"
        )
        return self._execute(sql, (table, f"%({column} IS NOT NULL)%")).fetchone()[0]


@pytest.fixture
def populated(postgresql):  # noqa: F811
    _, opened = postgresql
    opened.connect()
    Runner(opened, str(MIGRATIONS_DIR)).up(BEFORE)
    add_row_to_each_table(opened, read_catalogue(opened), 0)
    return opened


def test_later_migrations_keep_nobody_from_a_table(populated, monkeypatch):
    runner = Runner(populated, str(MIGRATIONS_DIR))
    for name in LATER:
        watcher = Watcher(populated)
        with monkeypatch.context() as patch:
            patch.setattr(populated, "execute_sql", watcher.execute_sql)
            runner.up(name)
        assert watcher.problems == [], name
        assert not watcher.takes_away or CONTRACT_MARK in name, f"{name}: {watcher.takes_away}"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE INDEX users_phone ON users (phone)", "reads"),
        ("CREATE UNIQUE INDEX IF NOT EXISTS users_phone ON users (phone)", "reads"),
        ("ALTER TABLE users ADD CONSTRAINT a CHECK (phone <> '')", "reads"),
        ("ALTER TABLE users ADD FOREIGN KEY (township_id) REFERENCES townships (id)", "reads"),
        ("ALTER TABLE departments ALTER COLUMN name TYPE INTEGER USING 1", "writes"),
        ("ALTER TABLE users ADD COLUMN seen TIMESTAMPTZ DEFAULT clock_timestamp()", "writes"),
        ("ALTER TABLE users ALTER COLUMN birth_date SET NOT NULL", "reads"),
        ("ALTER TABLE users ADD COLUMN seen TIMESTAMPTZ DEFAULT '2026-01-01'", None),
        ("CREATE INDEX CONCURRENTLY users_phone ON users (phone)", None),
        ("ALTER TABLE users ADD CONSTRAINT a CHECK (phone <> '') NOT VALID", None),
        ("CREATE TABLE later (id INTEGER PRIMARY KEY)", None),
    ],
)
def test_watcher_finds_what_is_not_allowed(populated, statement, problem):
    watcher = Watcher(populated)
    watcher.execute_sql(statement)
    assert [text.split()[0] for text in watcher.problems] == ([problem] if problem else [])
    watcher.execute_sql("ALTER TABLE users DROP COLUMN last_seen")
    assert len(watcher.takes_away) == 1
