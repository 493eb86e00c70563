"""Contents on the disk: whole or not at all, under keys that lead nowhere else."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from beneficiate.clients.files import SMALL_SUFFIX, FolderFileStore
from beneficiate.errors import NotFound, Unavailable

KEY = "5b1c3f0e-1111-4222-8333-944455556666"
SOON = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    return FolderFileStore(tmp_path / "files")


def read(files, key):
    opened = files.open(key)
    with opened.content:
        content = opened.content.read()
    assert len(content) == opened.size
    return content


class Broken(BytesIO):
    """A content that ends in the middle."""

    def read(self, *_):
        if self.tell():
            raise OSError("gone")
        return super().read(3)


def test_file_is_stored_two_folders_deep_with_private_permissions(files, tmp_path):
    files.put(KEY, BytesIO(b"uno"))
    (path,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())
    assert path == tmp_path / "files" / "5b" / "1c" / KEY
    assert path.stat().st_mode & 0o077 == 0
    assert read(files, KEY) == b"uno"


def test_versions_are_separate_files(files):
    files.put(KEY, BytesIO(b"whole"))
    files.put(KEY + SMALL_SUFFIX, BytesIO(b"small"))
    assert (read(files, KEY), read(files, KEY + SMALL_SUFFIX)) == (b"whole", b"small")
    files.delete(KEY)
    assert read(files, KEY + SMALL_SUFFIX) == b"small"


def test_missing_key_is_not_found_and_may_be_deleted(files):
    files.delete(KEY)
    with pytest.raises(NotFound):
        files.open(KEY)
    assert list(files.keys(SOON)) == []


def test_interrupted_upload_leaves_no_file(files, tmp_path):
    with pytest.raises(Unavailable):
        files.put(KEY, Broken(b"abcdef"))
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_disk_error_is_unavailable(files, tmp_path):
    (tmp_path / "files").write_text("no folder")
    for refused in (lambda: files.put(KEY, BytesIO(b"x")), lambda: files.open(KEY), lambda: files.delete(KEY)):
        with pytest.raises(Unavailable):
            refused()


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", f"{KEY}/../x", f"{KEY}\n", KEY.upper(), f"{KEY}.exe"])
def test_invalid_key_is_refused(files, key):
    for refused in (lambda: files.put(key, BytesIO(b"x")), lambda: files.open(key), lambda: files.delete(key)):
        with pytest.raises(ValueError, match="not the key"):
            refused()


def test_file_that_another_process_deletes_meanwhile_is_left_out(files, tmp_path, monkeypatch):
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for key in keys:
        files.put(key, BytesIO(b"x"))
    stat = Path.stat

    def stat_deleted(path, **how):
        if path.name == keys[0]:
            path.unlink(missing_ok=True)
        return stat(path, **how)

    monkeypatch.setattr(Path, "stat", stat_deleted)
    assert list(files.keys(SOON)) == [keys[1]]


def test_keys_lists_only_our_files_older_than_the_date(files, tmp_path):
    keys = [str(uuid.uuid4()) for _ in range(3)]
    for key in keys:
        files.put(key, BytesIO(b"x"))
    old, begun = keys[0], f"{keys[1]}.part"
    folder = tmp_path / "files"
    (folder / begun[:2] / begun[2:4] / begun).write_bytes(b"half")
    (folder / old[:2] / old[2:4] / "README.txt").write_bytes(b"of somebody else")
    yesterday = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for path in folder.rglob("*"):
        if path.name in (old, begun, "README.txt"):
            os.utime(path, (yesterday, yesterday))
    assert set(files.keys(datetime.now(UTC) - timedelta(days=1))) == {old, begun}
    assert set(files.keys(SOON)) == {*keys, begun}
