"""Commands that back up everything, and restore it."""

from pathlib import Path

import click

from beneficiate.actions.backups import record_restore
from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.cli.erasures import erase_all_again, read_erasures
from beneficiate.clients.database_copies import CopyFailed, count_rows, load_database
from beneficiate.clients.files import FolderFileStore
from beneficiate.migrations import list_applied_migrations, list_known_migrations, run_migrations
from beneficiate.models.base import database, is_postgresql
from beneficiate.queries.audit_chain import find_last_link
from beneficiate.services.audit_chain import parse_anchor, verify_chain
from beneficiate.services.backups import (
    DATABASE,
    Manifest,
    Source,
    UnusableBackup,
    check_backup,
    compare_rows,
    restore_files,
    write_backup,
)
from beneficiate.services.erasures import ListedErasure
from beneficiate.store import Store

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))


@click.command("backup")
@FOLDER
def back_up(folder: Path) -> None:
    """Copy the database and the files of the chats to FOLDER, while processes serve."""
    settings = open_configured_database()
    applied = list_applied_migrations(database)
    if not applied:
        raise click.ClickException("This database has no data: is DATABASE_URL the right one?")
    link = run_with_store(settings, _find_audit_link)
    source = Source(settings.database_url, _kind(), applied, link, FolderFileStore(Path(settings.files_folder)))
    try:
        manifest = write_backup(source, folder)
    except (UnusableBackup, CopyFailed, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{folder}: {sum(manifest.rows.values())} rows and {manifest.files} files.")
    if manifest.missing_files:
        click.echo(
            f"{manifest.missing_files} files of messages are not in BENEFICIATE_FILES and not in the backup.", err=True
        )


@click.command("restore")
@FOLDER
@click.option(
    "--erasures",
    "erasures_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The list of erased members; that of BENEFICIATE_ERASURES when not given.",
)
@click.option("--without-erasures", is_flag=True, help="Nobody was erased since the backup: there is no list.")
def restore_backup(folder: Path, erasures_path: Path | None, *, without_erasures: bool) -> None:
    """Restore the backup in FOLDER into an empty database. Everybody has to sign in again.

    Members who were erased since the backup are erased again.
    """
    settings = open_configured_database()
    listed = [] if without_erasures else _read_erasures(erasures_path or Path(settings.erasures_file))
    if database.obj.get_tables():
        raise click.ClickException("The database is not empty: restore into a new one, and set DATABASE_URL to it.")
    try:
        manifest = check_backup(folder, _kind(), list_known_migrations())
        # No connection may be open on SQLite's file while it is written.
        database.obj.close_all()
        load_database(folder / DATABASE, settings.database_url)
    except (UnusableBackup, CopyFailed) as problem:
        raise click.ClickException(str(problem)) from problem
    files = restore_files(folder, FolderFileStore(Path(settings.files_folder)))
    _compare(manifest)
    run_migrations(database)
    verified = run_with_store(settings, lambda store: _finish_restore(store, manifest))
    click.echo(f"{sum(manifest.rows.values())} rows and {files} files of {manifest.created_at.isoformat()}. {verified}")
    again = run_with_store(settings, lambda store: erase_all_again(store, settings, listed))
    click.echo(again.sentence)


def _read_erasures(path: Path) -> list[ListedErasure]:
    """Return the list of erased members. Raises ClickException without one: a backup brings them back."""
    if not path.is_file():
        raise click.ClickException(
            f"{path} is missing. A backup brings back members who were erased since: name their list with --erasures, "
            "or say --without-erasures if nobody was."
        )
    return read_erasures(path)


def _compare(manifest: Manifest) -> None:
    with database.obj.connection_context():
        differences = compare_rows(manifest, count_rows(database.obj))
    if differences:
        raise click.ClickException(f"The restored database differs from the backup: {'; '.join(differences)}.")


async def _find_audit_link(store: Store) -> str:
    """Return the newest entry of the audit log as POSITION:HASH, or nothing when there is none."""
    link = await store.read(find_last_link)
    return f"{link.position}:{link.hash}" if link.position else ""


async def _finish_restore(store: Store, manifest: Manifest) -> str:
    """Verify the audit log up to what it had, then end what may not come back."""
    anchors = [parse_anchor(manifest.audit_link)] if manifest.audit_link else []
    verified = await verify_chain(store, anchors)
    await store.run(record_restore, manifest.created_at)
    return verified


def _kind() -> str:
    return "postgresql" if is_postgresql() else "sqlite"
