"""Backups of everything, made while others write, and restored into an empty database."""

import io
import os
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from beneficiate.clients.files import FolderFileStore
from beneficiate.models.accounts import SignIn, User
from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.models.chats import Attachment
from beneficiate.models.data_copies import READY_COPY, DataCopy
from beneficiate.models.facts import Fact
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests import servers
from tests.audit import write_audit
from tests.factories import agent, member, support_chat
from tests.test_cli import run  # noqa: F401

NOW = datetime(2026, 5, 5, 15, tzinfo=UTC)
PROGRAMS = servers.postgresql_programs()


@pytest.fixture(autouse=True)
def _postgresql_programs(monkeypatch):
    """`pg_dump` and `pg_restore` of the server's own version come first."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def site(run, database_url, tmp_path):  # noqa: F811
    """A database with a chat, a sign-in, an entry of the audit log and a file, and the folder for a backup."""
    with database.obj.connection_context(), write_transaction():
        ana = member()
        chat = support_chat(ana, agent())
        key = store_file(chat, tmp_path / "files", b"%PDF-1.7 resultado")
        SignIn.create(
            family=str(uuid.uuid4()), user=ana.id, kind="api", secret_hash="x", created_at=NOW, expires_at=NOW
        )
        write_audit(UnitOfWork(SYSTEM, NOW), "hours.set_week", "week")
        # On PostgreSQL in three partitions: of before, of this month or the first that was made, and the default one.
        for at in (NOW, datetime.now(UTC) + timedelta(days=62), datetime(2100, 1, 1, tzinfo=UTC)):
            Fact.create(at=at, kind="opened", actor_role="member", chat_id=chat.id)
    return Site(run, database_url, tmp_path, key)


class Site:
    """What is backed up, and the commands with their settings."""

    def __init__(self, run_command, url, tmp_path, key):
        self._run, self.url, self.folder, self.key = run_command, url, tmp_path / "copy", key
        self.files, self.other_files = tmp_path / "files", tmp_path / "other-files"
        self.stored = self.files / key[:2] / key[2:4] / key

    def back_up(self, **more):
        return self._run("backup", str(self.folder), BENEFICIATE_FILES=str(self.files), **more)

    def restore(self, url, *options, **more):
        settings = {"DATABASE_URL": url, "BENEFICIATE_FILES": str(self.other_files), **more}
        return self._run("restore", str(self.folder), *(options or ("--without-erasures",)), **settings)


@pytest.fixture
def empty_url(database_url, tmp_path):
    """The URL of a database without tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/empty/restored.db"
        return
    name = f"beneficiate_restored_{os.getpid()}"
    execute_outside(database_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    execute_outside(database_url, f"DROP DATABASE {name} WITH (FORCE)")


def store_file(chat, files, content):
    """A message with a file in the chat; return the file's key."""
    key = str(uuid.uuid4())
    row = {"chat": chat.id, "uploader": chat.user_id, "name": "resultado.pdf", "kind": "pdf", "size": len(content)}
    Attachment.insert(id=key, created_at=NOW, **row).execute()
    FolderFileStore(files).put(key, io.BytesIO(content))
    return key


def execute_outside(url, *statements):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


def read_tables(url):
    """All rows of all tables, as text, by table."""
    opened = open_database(url)
    with opened.connection_context():
        tables = {
            table: sorted(map(str, opened.execute_sql(f'SELECT * FROM "{table}"').fetchall()))  # noqa: S608
            for table in opened.get_tables()
        }
    opened.close_all()
    return tables


def test_what_is_restored_is_what_was_backed_up(site, empty_url):
    before = read_tables(site.url)
    # Rows of a partition are those of its table.
    count = sum(len(rows) for table, rows in before.items() if not table.startswith("facts_"))
    assert site.back_up() == f"{site.folder}: {count} rows and 1 files.\n"
    assert "La cadena está completa: 1 registros" in site.restore(empty_url)
    after = read_tables(empty_url)
    assert before.keys() == after.keys()
    # Who restores signs everybody out, and leaves an entry.
    changed = {"users", "sign_ins", "audit_entries", "audit_head", "sqlite_sequence"}
    assert {name: rows for name, rows in before.items() if name not in changed} == {
        name: rows for name, rows in after.items() if name not in changed
    }
    assert len(before["users"]) == len(after["users"])
    assert (site.other_files / site.key[:2] / site.key[2:4] / site.key).read_bytes() == site.stored.read_bytes()


def test_copies_of_their_data_that_members_asked_for_are_in_no_backup(site, empty_url):
    key = str(uuid.uuid4())
    FolderFileStore(site.files).put(key, io.BytesIO(b"everything about somebody"))
    with database.obj.connection_context(), write_transaction():
        times = {"requested_at": NOW, "ready_at": NOW, "expires_at": datetime(2199, 1, 1, tzinfo=UTC)}
        DataCopy.create(user=User.select().get(), status=READY_COPY, file_id=key, **times)
    assert " and 1 files." in site.back_up()
    assert not list(site.folder.rglob(key))
    site.restore(empty_url)
    assert not list(site.other_files.rglob(key))
    assert not any(key in row for row in read_tables(empty_url)["data_copies"])


def test_backup_is_of_one_moment_and_waits_for_no_writer(site, empty_url):
    writer = open_database(site.url)
    with writer.connection_context(), writer.atomic():
        writer.execute_sql("UPDATE specialties SET name = 'Después' WHERE id = 1")
        site.back_up()
    writer.close_all()
    site.restore(empty_url)
    assert not any("Después" in row for row in read_tables(empty_url)["specialties"])
    assert any("Después" in row for row in read_tables(site.url)["specialties"])


def test_backup_overwrites_nothing(site):
    site.back_up()
    assert "not empty" in site.back_up(code=1)
    assert "The database is not empty" in site.restore(site.url, code=1)


def test_missing_file_is_said(site):
    site.stored.unlink()
    assert "1 files of messages are not in BENEFICIATE_FILES" in site.back_up()


def test_empty_database_is_not_backed_up(run, tmp_path):  # noqa: F811
    url = f"sqlite:///{tmp_path}/nothing.db"
    assert "has no data" in run("backup", str(tmp_path / "copy"), code=1, DATABASE_URL=url)
