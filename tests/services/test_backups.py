"""Backups as folders: what they have, and which are refused."""

import io
import subprocess
import uuid

import msgspec
import pytest

from beneficiate.clients.files import FolderFileStore
from beneficiate.services.backups import (
    Source,
    UnusableBackup,
    check_backup,
    compare_rows,
    restore_files,
    write_backup,
)
from tests.factories import member

MIGRATIONS = ["0001_first_tables"]
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def files(tmp_path):
    store = FolderFileStore(tmp_path / "files")
    for key in (str(uuid.uuid4()), f"{uuid.uuid4()}.small"):
        store.put(key, io.BytesIO(key.encode()))
    return store


@pytest.fixture
def folder(db, database_url, files, tmp_path):
    """A backup of a database with one person, and of two files."""
    member()
    write_backup(Source(database_url, "sqlite", MIGRATIONS, "", files), tmp_path / "copy")
    return tmp_path / "copy"


def check(folder, database="sqlite", migrations=MIGRATIONS):
    return check_backup(folder, database, migrations)


def test_backup_says_what_it_has(folder):
    manifest = check(folder)
    assert (manifest.rows["users"], manifest.files, manifest.missing_files) == (1, 2, 0)
    assert manifest.migrations == MIGRATIONS


def test_backup_can_be_checked_with_standard_tools(folder):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)


def test_files_come_back_as_they_were(folder, files, tmp_path):
    restored = FolderFileStore(tmp_path / "restored")
    assert restore_files(folder, restored) == restore_files(folder, restored) == 2
    for path in (tmp_path / "files").glob("??/??/*"):
        with restored.open(path.name).content as content:
            assert content.read() == path.read_bytes()


@pytest.mark.parametrize("pattern", ["database", "manifest.json", "files/??/*"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_damaged_backup_is_refused(folder, pattern, is_deleted):
    path = next(folder.glob(pattern))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    if not is_deleted:
        path.write_bytes(content)
    with pytest.raises(UnusableBackup):
        check(folder)


def test_interrupted_backup_is_no_backup(folder):
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(UnusableBackup, match="no complete backup"):
        check(folder)


def test_backup_that_does_not_fit_is_refused(folder):
    with pytest.raises(UnusableBackup, match="a backup of sqlite, and DATABASE_URL is of postgresql"):
        check(folder, "postgresql")
    with pytest.raises(UnusableBackup, match="newer version, with 0001_first_tables"):
        check(folder, migrations=[])
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(UnusableBackup, match="format 2"):
        check(folder)


def test_folder_in_use_is_refused(folder, database_url, files):
    with pytest.raises(UnusableBackup, match="not empty"):
        write_backup(Source(database_url, "sqlite", MIGRATIONS, "", files), folder)


def test_tables_are_compared(folder):
    manifest = check(folder)
    assert compare_rows(manifest, manifest.rows) == []
    other = msgspec.structs.replace(manifest, rows={**manifest.rows, "users": 7, "gone": 1})
    assert compare_rows(other, manifest.rows) == ["gone: 0 rows instead of 1", "users: 1 rows instead of 7"]
