"""Backups of everything, made while others write, and restored into an empty database."""

import io
import uuid
from datetime import UTC, datetime

from beneficiate.clients.files import FolderFileStore
from beneficiate.models.accounts import User
from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.models.data_copies import READY_COPY, DataCopy
from tests.cli.conftest import NOW


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


def test_empty_database_is_not_backed_up(run, tmp_path):
    url = f"sqlite:///{tmp_path}/nothing.db"
    assert "has no data" in run("backup", str(tmp_path / "copy"), code=1, DATABASE_URL=url)
