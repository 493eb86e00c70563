"""The command line. `python run.py` alone serves."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from beneficiate import app
from beneficiate.actions import accounts
from beneficiate.cli.backup import back_up, restore_backup
from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.cli.erasures import erase_again, find_erasure, print_erasures
from beneficiate.cli.group import CommandGroup
from beneficiate.cli.imports import import_legacy, import_members_of_file
from beneficiate.cli.reports import detach_facts, load_history_facts, rebuild_reports
from beneficiate.cli.security import make_push_keys, reset_account_second_factor, rotate_stored_secrets
from beneficiate.cli.serve import serve, serve_as_worker
from beneficiate.clients.wompi import WompiClient
from beneficiate.demo import load_test
from beneficiate.demo.appointments import load_demo_appointments
from beneficiate.demo.dataset import load_demo_data
from beneficiate.demo.payments import load_demo_payments
from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.domain.identity_documents import DOCUMENT_TYPES
from beneficiate.domain.passwords import MIN_STAFF_CHARS, PasswordOwner, describe_password_problem
from beneficiate.errors import all_problem_types
from beneficiate.logs import configure_logging
from beneficiate.migrations import run_migrations
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database, write_transaction
from beneficiate.passwords import hash_password
from beneficiate.protocol import reference, typescript
from beneficiate.protocol.asyncapi import Channel, render_asyncapi
from beneficiate.routes import ROUTES
from beneficiate.sandbox.keys import TEST_KEYS
from beneficiate.services.audit_chain import parse_anchor, verify_chain
from beneficiate.services.payments import PaymentService
from beneficiate.settings import DEMO_PASSWORD, Settings
from beneficiate.settings_checks import choose_sandbox_port
from beneficiate.store import Store
from beneficiate.unit_of_work import C, R, UnitOfWork
from beneficiate.views.status_constants import render_status_constants
from beneficiate.websockets.dispatcher import CommandDispatcher
from beneficiate.websockets.handler import SocketHandler

T = TypeVar("T")
PROJECT_ROOT = Path(__file__).parents[2]


@click.group(cls=CommandGroup, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Beneficiate: chat, booking and payments of a health membership."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
def migrate() -> None:
    """Migrate the database and load the reference data. Safe when two processes do it at once."""
    open_configured_database()
    applied = run_migrations(database)
    click.echo(f"Applied: {', '.join(applied)}." if applied else "Nothing to apply.")


@main.command("demo-data")
def demo_data() -> None:
    """Fill a development database with plans, users and chats. May be run repeatedly."""
    settings = open_configured_database()
    if settings.is_production:
        raise click.ClickException("Demo data is for development: its password is public.")
    run_migrations(database)
    now = datetime.now(UTC)
    click.echo(load_demo_data(hash_password(DEMO_PASSWORD), now))
    with database.obj.connection_context(), write_transaction():
        click.echo(load_demo_appointments(now))
        click.echo(load_demo_payments(now, settings.own_url))


@main.command("create-supervisor")
@click.option("--email", prompt="Correo")
@click.option("--first-name", prompt="Nombres")
@click.option("--last-name", prompt="Apellidos")
@click.option("--document-type", prompt="Tipo de documento", type=click.Choice(DOCUMENT_TYPES), default="CC")
@click.option("--document-number", prompt="Número de documento")
@click.password_option("--password", prompt="Contraseña")
def create_supervisor(password: str, email: str, **account: str) -> None:
    """Create the first staff account."""
    owner = PasswordOwner((*account.values(), email), MIN_STAFF_CHARS)
    if problem := describe_password_problem(password, owner):
        raise click.ClickException(problem)
    settings = open_configured_database()
    run_migrations(database)
    account = {**account, "email": normalize_email_address(email), "password_hash": hash_password(password)}
    click.echo(f"Supervisor {_run_action(settings, accounts.create_supervisor_account, account)} created.")


@main.command("deactivate")
@click.argument("email")
def deactivate_account(email: str) -> None:
    """Deactivate an account: its sign-ins end and its connections are closed."""
    click.echo(
        f"User {_run_action(open_configured_database(), accounts.set_account_active, (email, False))} is shut out."
    )


@main.command("activate")
@click.argument("email")
def activate_account(email: str) -> None:
    """Activate an account again."""
    click.echo(
        f"User {_run_action(open_configured_database(), accounts.set_account_active, (email, True))} may sign in."
    )


@main.command("reconcile")
@click.option("--sandbox", is_flag=True, help="Ask the local Wompi of the server that runs beside this.")
def reconcile(*, sandbox: bool) -> None:
    """Check all payments whose event may be missing with Wompi, and print the outcomes."""
    settings = _load_payment_settings(is_local=sandbox)
    click.echo(
        _format_outcomes(_with_payments(settings, lambda payments: payments.reconcile_with_wompi(everything=True)))
    )


@main.command("replay-events")
@click.option("--failed", is_flag=True, help="Only those that were never processed.")
@click.option("--sandbox", is_flag=True, help="Ask the local Wompi of the server that runs beside this.")
def replay_events(*, failed: bool, sandbox: bool) -> None:
    """Process Wompi's stored events again. Settled payments do not change."""
    settings = _load_payment_settings(is_local=sandbox)
    click.echo(_format_outcomes(_with_payments(settings, lambda payments: payments.replay_events(only_failed=failed))))


@main.command("verify-audit")
@click.option("--anchor", "anchors", multiple=True, help="POSITION:HASH of an `audit_anchor` in the log.")
def verify_audit(anchors: tuple[str, ...]) -> None:
    """Verify the chain of the audit log, and that it has what was noted in the log."""
    settings = open_configured_database()
    if not AuditEntry.table_exists():
        raise click.ClickException("This database has no audit log: is DATABASE_URL the right one?")
    run_migrations(database)
    click.echo(run_with_store(settings, lambda store: verify_chain(store, list(map(parse_anchor, anchors)))))


@main.command("load-data")
@click.option(
    "--pairs",
    type=click.IntRange(1, 100_000),
    required=True,
    help="How many members and agents, each pair with an open chat.",
)
def load_data(pairs: int) -> None:
    """Create pairs for a load test and print their tokens, valid for a day, as JSON."""
    settings = open_configured_database()
    if settings.is_production:
        raise click.ClickException("Load data is for development.")
    run_migrations(database)
    sys.stdout.write(msgspec.json.encode(load_test.create_load_test_pairs(pairs, settings)).decode() + "\n")


@main.command()
def protocol() -> None:
    """Print the protocol's documents into docs/ and what the browser needs of it into static/src/core/."""
    for path, text in render_protocol_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path.relative_to(PROJECT_ROOT))


main.add_command(serve)
main.add_command(serve_as_worker)
main.add_command(back_up)
main.add_command(restore_backup)
main.add_command(import_legacy)
main.add_command(import_members_of_file)
main.add_command(erase_again)
main.add_command(print_erasures)
main.add_command(find_erasure)
main.add_command(rebuild_reports)
main.add_command(detach_facts)
main.add_command(load_history_facts)
main.add_command(rotate_stored_secrets)
main.add_command(reset_account_second_factor)
main.add_command(make_push_keys)


def render_protocol_files() -> dict[Path, str]:
    """Return what `protocol` writes, by file; a test compares it with the files."""
    meanings = sorted(
        {
            (problem.code, " ".join((problem.__doc__ or "").split()) or problem.sentence)
            for problem in all_problem_types()
        }
    )
    codes = sorted({code for code, _ in meanings})
    client = PROJECT_ROOT / "static" / "src" / "core"
    return {
        PROJECT_ROOT / "docs" / "protocol.md": reference.render_markdown(meanings),
        PROJECT_ROOT / "docs" / "protocol.schema.json": reference.render_json_schema(),
        PROJECT_ROOT / "docs" / "asyncapi.json": render_asyncapi(websocket_channels()),
        client / "protocol.js": reference.render_js_constants(codes),
        client / "protocol.d.ts": typescript.render_typescript(codes),
        client / "statuses.js": render_status_constants(),
    }


def websocket_channels() -> list[Channel]:
    """Return every WebSocket URL with the commands that each role may send there."""
    return [
        Channel(
            route.path,
            " ".join((route.handler.__doc__ or "").split()),
            {
                role: {*commands, *CommandDispatcher.connection_commands}
                for role, commands in route.handler.commands_by_role.items()
            },
        )
        for route in ROUTES
        if issubclass(route.handler, SocketHandler)
    ]


def _load_payment_settings(*, is_local: bool) -> Settings:
    """Return settings with keys of Wompi or of the local one, with the database migrated."""
    settings = open_configured_database()
    if is_local and not settings.is_production:
        port = choose_sandbox_port(settings.port, settings.metrics_address)
        settings = app.with_sandbox_keys(settings, TEST_KEYS, f"http://127.0.0.1:{port}")
    if not settings.takes_payments:
        raise click.ClickException("Wompi's keys are not configured.")
    configure_logging(as_json=settings.is_production)
    run_migrations(database)
    return settings


def _run_action(settings: Settings, action: Callable[[UnitOfWork, C], R], command: C) -> R:
    """Run one action and return its result."""
    return run_with_store(settings, lambda store: store.run(action, command))


def _with_payments(settings: Settings, task: Callable[[PaymentService], Awaitable[Counter[str]]]) -> Counter[str]:
    async def run(store: Store) -> Counter[str]:
        wompi = WompiClient(settings)
        try:
            return await task(PaymentService(store, wompi, settings.wompi_environment))
        finally:
            wompi.close()

    return run_with_store(settings, run)


def _format_outcomes(outcomes: Counter[str]) -> str:
    """Return the number of payments or events of each outcome as text."""
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())) or "Nothing to do."
