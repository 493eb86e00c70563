"""Backups: a folder with a copy of the database, the files of the chats, and what is needed to check both.

manifest.json   when, which database, which migrations, how many rows in each table, the end of the audit log
database        SQLite's file, or a dump of `pg_dump --format=custom`
files/          the files of the chats
SHA256SUMS      a line for each file, as `sha256sum --check` reads it; written last: without it nothing is restored
"""

import hashlib
import os
from collections.abc import Container, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj

import msgspec

from beneficiate.clients.database_copies import CopiedRows, copy_database
from beneficiate.clients.files import FileStore
from beneficiate.errors import NotFound

MANIFEST, DATABASE, FILES, SUMS = "manifest.json", "database", "files", "SHA256SUMS"
FORMAT = 1


class UnusableBackup(Exception):
    """A folder that is no complete backup, or not one for this database; the text is for an operator."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself.

    `audit_link` is POSITION:HASH of the newest entry that the audit log had before the copy.
    """

    format: int
    created_at: datetime
    database: str
    migrations: list[str]
    rows: dict[str, int]
    audit_link: str
    files: int
    missing_files: int


class Source(msgspec.Struct, frozen=True):
    """What is backed up: the URL and kind of the database, what it has, and where the files are."""

    url: str
    database: str
    migrations: list[str]
    audit_link: str
    files: FileStore


def write_backup(source: Source, folder: Path) -> Manifest:
    """Write a backup to a folder that is empty or not there yet. Raises UnusableBackup, CopyFailed, Unavailable.

    The database is copied first: a file is stored before the message that has it, so each file of the copy is there.
    Files without a message are copied too, and deleted after a restore as they are anywhere. Copies of their data that
    members asked for are left out: they have all of a person, and after 48 hours nobody may have them any more.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UnusableBackup(f"{folder} is not empty: a backup needs a folder of its own.")
    folder.mkdir(parents=True, exist_ok=True)
    created_at = datetime.now(UTC)
    copied = copy_database(source.url, folder / DATABASE)
    keys = set(_copy_files(source.files, folder, copied.data_copy_ids))
    manifest = _describe(source, created_at, copied, keys)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    _write_sums(folder)
    return manifest


def check_backup(folder: Path, database: str, known_migrations: list[str]) -> Manifest:
    """Return what a backup says of itself, when all its files are as they were written. Raises UnusableBackup."""
    try:
        listed = list(_read_sums(folder))
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, ValueError) as problem:
        raise UnusableBackup(f"{folder} has no complete backup.") from problem
    if manifest.format != FORMAT:
        raise UnusableBackup(f"{folder} has a backup of format {manifest.format}; this version reads {FORMAT}.")
    if manifest.database != database:
        raise UnusableBackup(f"{folder} has a backup of {manifest.database}, and DATABASE_URL is of {database}.")
    if unknown := sorted(set(manifest.migrations) - set(known_migrations)):
        raise UnusableBackup(f"{folder} has a backup of a newer version, with {', '.join(unknown)}.")
    for path, expected in listed:
        if not path.is_file() or _digest(path) != expected:
            raise UnusableBackup(f"{path} is missing, or is not what was backed up.")
    return manifest


def restore_files(folder: Path, files: FileStore) -> int:
    """Store the files of a backup and return how many. Raises Unavailable; running it again is harmless."""
    count = 0
    for path in sorted((folder / FILES).glob("??/*")):
        with path.open("rb") as content:
            files.put(path.name, content)
        count += 1
    return count


def compare_rows(manifest: Manifest, found: dict[str, int]) -> list[str]:
    """Return a sentence for each table that does not have as many rows as the manifest says."""
    tables = sorted(manifest.rows.keys() | found.keys())
    return [
        f"{table}: {found.get(table, 0)} rows instead of {manifest.rows.get(table, 0)}"
        for table in tables
        if found.get(table) != manifest.rows.get(table)
    ]


def _describe(source: Source, created_at: datetime, copied: CopiedRows, keys: set[str]) -> Manifest:
    return Manifest(
        format=FORMAT,
        created_at=created_at,
        database=source.database,
        migrations=source.migrations,
        rows=copied.counts,
        audit_link=source.audit_link,
        files=len(keys),
        missing_files=len(copied.attachment_ids - keys),
    )


def _copy_files(files: FileStore, folder: Path, left_out: Container[str]) -> Iterator[str]:
    """Copy the stored files and yield their keys; one that is deleted meanwhile belonged to no message."""
    (folder / FILES).mkdir()
    for key in files.keys(datetime.now(UTC)):
        if key in left_out:
            continue
        target = folder / FILES / key[:2] / key
        try:
            found = files.open(key)
        except NotFound:
            continue
        target.parent.mkdir(exist_ok=True)
        with found.content as content, target.open("wb") as copy:
            copyfileobj(content, copy)
        yield key


def _write_sums(folder: Path) -> None:
    """Write the checksum of every file, on the disk before it has its name."""
    part = folder / f"{SUMS}.part"
    with part.open("w", encoding="utf-8") as sums:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path != part):
            sums.write(f"{_digest(path)}  {path.relative_to(folder)}\n")
        sums.flush()
        os.fsync(sums.fileno())
    part.replace(folder / SUMS)


def _read_sums(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file of a backup with its checksum."""
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        yield folder / name, digest


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal, and flush the file to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
