"""The files and folders of this machine that a process writes: their rights, and whether they can be written."""

import contextlib
import os
import tempfile
from pathlib import Path

from beneficiate.database_url import parse_database_url
from beneficiate.settings import InvalidSettings, Settings

OUTBOX = Path("var/outbox")
"""Where e-mails are written in development."""
SQLITE_HEADER = b"SQLite format 3\0"


def keep_data_private(settings: Settings) -> Settings:
    """Keep what this process writes, and the data that are there, from other users of this machine."""
    os.umask(0o077)
    for path in _list_data_paths(settings):
        # What belongs to another user stays as that user wants it; what cannot be written is told by `check_…`.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.chmod(0o700 if path.is_dir() else 0o600)
    return settings


def check_database_file(settings: Settings) -> None:
    """Create the folder of SQLite's file where it is missing. Raises InvalidSettings when the file cannot be used."""
    sqlite_path = parse_database_url(settings.database_url)
    if sqlite_path is None:
        return
    path = Path(sqlite_path)
    # The folder too: SQLite writes its log beside the file.
    _check_folder("DATABASE_URL", path.parent)
    try:
        with path.open("r+b") as file:
            header = file.read(len(SQLITE_HEADER))
    except FileNotFoundError:
        return
    except OSError as problem:
        raise InvalidSettings(_unwritable("DATABASE_URL", path, problem)) from problem
    if header not in (b"", SQLITE_HEADER):
        raise InvalidSettings(f"DATABASE_URL: {path} is no database of SQLite.")


def check_folders(settings: Settings) -> None:
    """Create the folders of files and, without a mail server, of e-mails.

    Raises InvalidSettings when one cannot be written.
    """
    _check_folder("BENEFICIATE_FILES", Path(settings.files_folder))
    if not settings.smtp_url:
        _check_folder("SMTP_URL is not set", OUTBOX)


def _list_data_paths(settings: Settings) -> list[Path]:
    """Return the files and folders on this machine that contain personal data."""
    sqlite_path = parse_database_url(settings.database_url)
    database = [] if sqlite_path is None else [Path(f"{sqlite_path}{suffix}") for suffix in ("", "-wal", "-shm")]
    return [*database, Path(settings.files_folder), OUTBOX]


def _check_folder(setting: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise InvalidSettings(_unwritable(setting, folder, problem)) from problem


def _unwritable(setting: str, path: Path, problem: OSError) -> str:
    return f"{setting}: {path} cannot be written: {problem.strerror}."
