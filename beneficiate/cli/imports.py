"""Commands that import: the database of the old service, and members of a file."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from beneficiate.actions.member_imports import ImportMembers, import_members, plan_member_import
from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.clients.legacy_database import LegacyDatabase, LegacyUnavailable
from beneficiate.clients.spreadsheets import UnreadableFile, read_file, read_spreadsheet
from beneficiate.database_url import POSTGRESQL_SCHEMES
from beneficiate.domain.legacy.plans import MERGED, NEW, PRESENT, REFUSED, ImportOutcome
from beneficiate.domain.legacy.values import Refused
from beneficiate.domain.member_files import has_member_columns, parse_members
from beneficiate.errors import Unavailable
from beneficiate.formatting import bogota_date
from beneficiate.logs import configure_logging
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database
from beneficiate.services.legacy_import import PROGRESS_TABLES, TABLE_OF_RECORD, ImportReport, LegacyImport
from beneficiate.settings import Settings
from beneficiate.views.csv_lines import CSV_BYTE_ORDER_MARK, format_csv_line

RESULT_NAMES = {
    NEW: "se importan",
    PRESENT: "ya estaban",
    MERGED: "repetidos, unidos a otro",
    REFUSED: "no se importan",
}
RESULT_OF_ROW = {NEW: "Se importa", PRESENT: "Ya estaba", MERGED: "Se une a otro", REFUSED: "No se importa"}
LOST_COLUMNS = ("tabla", "id", "filas", "resultado", "motivo")
ROW_COLUMNS = ("tabla", "id", "resultado", "registro", "id_registro", "motivo")
MAX_TOLD_ROWS = 20
REFUSED_FILE = "no-importados.csv"
PRIVATE_FILE = 0o600
_IN_PART = "en parte"
_ROW_IN_PART = "Se importa en parte"


@click.command("import-legacy")
@click.option(
    "--from",
    "source",
    required=True,
    envvar="LEGACY_DATABASE_URL",
    help="postgresql://… of the old service; better in LEGACY_DATABASE_URL, where no list of processes shows it.",
)
@click.option(
    "--dry-run",
    "is_dry_run",
    is_flag=True,
    help="Write nothing here, and print what each row would become; messages are counted by chat, since nobody "
    "reads a line for each of a million: --rows has them.",
)
@click.option("--legacy-zone", default="UTC", show_default=True, help="The zone of its times, as America/Bogota.")
@click.option(
    "--refused",
    "refused_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="A CSV of what cannot be imported, with the table, the id and the reason; a dry run writes one in any case, "
    f"{REFUSED_FILE} in this folder.",
)
@click.option(
    "--rows",
    "rows_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="A CSV of all rows: the table, the id, what it becomes and which record here.",
)
def import_legacy(
    source: str, *, is_dry_run: bool, legacy_zone: str, refused_path: Path | None, rows_path: Path | None
) -> None:
    """Import members, plans, payments, appointments and chats of the old service. May be stopped and run again."""
    if is_dry_run and refused_path is None:
        refused_path = Path(REFUSED_FILE)
    if source.partition("://")[0] not in POSTGRESQL_SCHEMES:
        raise click.ClickException("La dirección del servicio anterior debe empezar por postgresql://.")
    if refused_path is not None and rows_path is not None and refused_path.resolve() == rows_path.resolve():
        raise click.ClickException("--refused y --rows deben ser dos archivos distintos.")
    zone = _parse_zone(legacy_zone)
    settings = open_configured_database()
    configure_logging(as_json=settings.is_production)
    run_migrations(database)
    try:
        with (
            _open_list(refused_path, LOST_COLUMNS) as refused,
            _open_list(rows_path, ROW_COLUMNS) as rows,
            LegacyDatabase(source) as old,
        ):

            def write(outcome: ImportOutcome, record_id: int | str | None) -> None:
                _write_loss(refused, outcome)
                _write_rows(rows, outcome, record_id)
                if is_dry_run and outcome.each_id:
                    click.echo(format_outcome(outcome, record_id))

            report = _import_with_progress(settings, old, zone, write, is_dry_run=is_dry_run)
    except LegacyUnavailable as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(format_report(report, is_dry_run=is_dry_run))
    if is_dry_run:
        click.echo(f"\nLo que no se importa quedó en {refused_path}.")


@click.command("import-members")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Write nothing, and print what each row would become.")
@click.option("--send-links", is_flag=True, help="Send each new member an e-mail with a link to set a password.")
@click.option(
    "--refused",
    "refused_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="A CSV of the rows that are refused, with the reason.",
)
def import_members_of_file(file: Path, *, is_dry_run: bool, send_links: bool, refused_path: Path | None) -> None:
    """Import the members of FILE, a CSV or XLSX. They set their password at /recuperar. May be run again."""
    try:
        sheet = read_spreadsheet(read_file(file), has_member_columns)
        members, refused = parse_members(sheet.rows, bogota_date(datetime.now(UTC)))
    except (UnreadableFile, Refused, Unavailable) as problem:
        raise click.ClickException(str(problem)) from problem
    settings = open_configured_database()
    run_migrations(database)
    command = ImportMembers(members, send_links)
    plan = run_with_store(
        settings,
        lambda store: store.read(plan_member_import, members) if is_dry_run else store.run(import_members, command),
    )
    refused = sorted([*refused, *plan.refused], key=lambda one: one.row)
    with _open_list(refused_path, ("fila", "motivo")) as report:
        if report is not None:
            report.writelines(format_csv_line((one.row, one.reason)) for one in refused)
    lines = {one.row: f"Fila {one.row}: {one.reason}" for one in refused}
    if is_dry_run:
        news = {one.row for one in plan.new}
        results = {one.row: RESULT_OF_ROW[NEW if one.row in news else PRESENT] for one in members}
        lines = {row: f"Fila {row}: {result}." for row, result in results.items()} | lines
    shown = sorted(lines)[: len(lines) if is_dry_run else MAX_TOLD_ROWS]
    for row in shown:
        click.echo(lines[row])
    if len(shown) < len(lines):
        click.echo(f"Y {len(lines) - len(shown)} más: use --refused para verlas todas.")
    told = "ENSAYO, no se escribió nada: " if is_dry_run else ""
    click.echo(f"{told}{len(plan.new)} se importan, {plan.present} ya estaban, {len(refused)} no se importan.")


def format_outcome(outcome: ImportOutcome, record_id: int | str | None) -> str:
    """Return what a row would become, or the messages of a chat: no more of it than `--rows` writes."""
    of = f"{outcome.table} {outcome.old_id}"
    if outcome.old_ids is not None:
        rows = f"{outcome.table}, {_format_count(len(outcome.each_id))} filas"
        of = rows if outcome.holder is None else f"{rows} de {' '.join(outcome.holder)}"
    record = "" if record_id is None else f" como {TABLE_OF_RECORD.get(outcome.table, outcome.table)} {record_id}"
    return f"{of}: {_name_result(outcome)}{record}. {outcome.reason}".rstrip()


def format_report(report: ImportReport, *, is_dry_run: bool) -> str:
    """Return what became of the rows of each table, in Spanish."""
    lines = ["ENSAYO: no se escribió nada." if is_dry_run else "Importación terminada.", ""]
    for table in dict.fromkeys(table for table, _ in report.results):
        counts = {name: report.results[table, result] for result, name in RESULT_NAMES.items()}
        counts[_IN_PART] = report.losses[table]
        told = ", ".join(f"{_format_count(number)} {name}" for name, number in counts.items() if number)
        lines.append(f"{table}: {told or 'nada'}")
    left = {table: rows for table, rows in report.left_behind.items() if rows}
    lines += ["", "Se quedan en el servicio anterior, no se importan:"]
    lines += [f"{table}: {_format_count(rows)}" for table, rows in left.items()] or ["nada"]
    return "\n".join(lines)


def _parse_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.ClickException(f"{name!r} no es una zona horaria, como UTC o America/Bogota.") from None


def _import_with_progress(
    settings: Settings,
    old: LegacyDatabase,
    zone: ZoneInfo,
    write: Callable[[ImportOutcome, int | str | None], None],
    *,
    is_dry_run: bool,
) -> ImportReport:
    """Import everything behind a progress bar, which a file or a pipe does not get, nor a screen with a line a row."""
    total = sum(old.count_rows(table) for table in PROGRESS_TABLES)
    with click.progressbar(
        length=total,
        label="Filas",
        file=sys.stderr,
        update_min_steps=max(1, total // 200),
        hidden=is_dry_run and sys.stdout.isatty(),
    ) as bar:
        return run_with_store(
            settings,
            lambda store: LegacyImport(old, store, zone, is_dry_run, write, bar.update).run(),
        )


@contextmanager
def _open_list(path: Path | None, columns: tuple[str, ...]) -> Iterator[TextIO | None]:
    """Open a CSV of rows, which only its owner may read. Raises ClickException if it cannot be had."""
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE)
        # A file that was there has its own mode; a device, such as /dev/null, is not ours to change.
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, PRIVATE_FILE)
            os.ftruncate(descriptor, 0)
    except OSError as problem:
        raise click.ClickException(f"No se puede escribir {path}: {problem.strerror}.") from problem
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(CSV_BYTE_ORDER_MARK + format_csv_line(columns))
        yield file


def _write_loss(file: TextIO | None, outcome: ImportOutcome) -> None:
    if file is not None and outcome.reason:
        result = RESULT_OF_ROW[REFUSED] if outcome.result == REFUSED else _ROW_IN_PART
        file.write(format_csv_line((outcome.table, outcome.old_id, len(outcome.each_id), result, outcome.reason)))


def _write_rows(file: TextIO | None, outcome: ImportOutcome, record_id: int | str | None) -> None:
    if file is None:
        return
    record = "" if record_id is None else TABLE_OF_RECORD.get(outcome.table, outcome.table)
    became = (_name_result(outcome), record, "" if record_id is None else record_id, outcome.reason)
    file.writelines(format_csv_line((outcome.table, old_id, *became)) for old_id in outcome.each_id)


def _name_result(outcome: ImportOutcome) -> str:
    return _ROW_IN_PART if outcome.result == NEW and outcome.reason else RESULT_OF_ROW[outcome.result]


def _format_count(number: int) -> str:
    return f"{number:,}".replace(",", ".")
