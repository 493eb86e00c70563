"""Storage of file contents in a local folder."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import IO, NamedTuple, Protocol

from beneficiate.errors import FileNotStored, NotFound, Unavailable
from beneficiate.logs import log_failure

SMALL_SUFFIX = ".small"
"""The key of the small version of an image is the id with this suffix."""
PARTIAL_SUFFIX = ".part"
"""The suffix of a key while its content is being stored."""
_KEY_PATTERN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.small)?(?:\.part)?")


class OpenFile(NamedTuple):
    """An open file and its size in bytes. The caller closes it."""

    content: IO[bytes]
    size: int


class FileStore(Protocol):
    """Stores contents by key: the id of a file (a UUID), with or without SMALL_SUFFIX. Blocking: call it in a thread.

    A store over S3 is one more class with these four methods and a line in `app.build_context` that chooses it: `put`
    uploads an object, `open` returns its body and length, `delete` ignores a missing one and `keys` lists by
    `LastModified`. Nothing else depends on where contents are.
    """

    def put(self, key: str, content: IO[bytes]) -> None:
        """Store a content completely or not at all; durable once this returns. Raises Unavailable."""

    def open(self, key: str) -> OpenFile:
        """Open a content for reading. Raises NotFound, Unavailable."""

    def delete(self, key: str) -> None:
        """Delete a content; a missing one is ignored. Raises Unavailable."""

    def keys(self, before: datetime) -> Iterator[str]:
        """Return the keys stored before this moment, and those of uploads begun before it that never ended."""


class FolderFileStore:
    """Files on disk, in two levels of folders by the first four characters of the key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: IO[bytes]) -> None:
        """Store the content under its key. Raises Unavailable."""
        path = self._path(key)
        part = path.with_name(path.name + PARTIAL_SUFFIX)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(part, content)
            part.replace(path)
            _fsync_folder(path.parent)
        except BaseException as problem:
            # The content may be made while it is read: then reading it fails too.
            with suppress(OSError):
                part.unlink()
            if isinstance(problem, OSError):
                raise _storage_problem("put", problem) from problem
            raise

    def open(self, key: str) -> OpenFile:
        """Return the stored file. Raises NotFound, Unavailable."""
        try:
            content = self._path(key).open("rb")
        except FileNotFoundError as problem:
            raise NotFound from problem
        except OSError as problem:
            raise _storage_problem("open", problem) from problem
        return OpenFile(content, os.fstat(content.fileno()).st_size)

    def delete(self, key: str) -> None:
        """Delete the file; one that is gone already is no error. Raises Unavailable."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as problem:
            raise _storage_problem("delete", problem) from problem

    def keys(self, before: datetime) -> Iterator[str]:
        """Yield the keys of files that were last changed before this moment."""
        for path in self._folder.glob("??/??/*"):
            if not _KEY_PATTERN.fullmatch(path.name):
                continue
            try:
                changed_at = path.stat().st_mtime
            except FileNotFoundError:  # another process deletes files too
                continue
            if datetime.fromtimestamp(changed_at, UTC) < before:
                yield path.name

    def _path(self, key: str) -> Path:
        """Return the path of a key. Raises ValueError for an invalid key, so that no name leads out of the folder."""
        if not _KEY_PATTERN.fullmatch(key):
            raise ValueError("not the key of a file")
        return self._folder / key[:2] / key[2:4] / key

    def _write(self, path: Path, content: IO[bytes]) -> None:
        # Readable by our user only: files of chats are private on this machine too.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())


def _fsync_folder(folder: Path) -> None:
    """Flush a folder: a new name is durable only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _storage_problem(operation: str, problem: OSError) -> Unavailable:
    log_failure("files_unavailable", problem, what=operation, number=problem.errno)
    return FileNotStored()
