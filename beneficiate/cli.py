"""The command line. `python run.py` alone serves."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from beneficiate import app, loading
from beneficiate.actions import accounts
from beneficiate.demo import fill
from beneficiate.demo_agenda import fill_agenda
from beneficiate.errors import Problem, every_problem
from beneficiate.gateways.cashier import Cashier
from beneficiate.gateways.wompi import Wompi
from beneficiate.logs import set_up_logs
from beneficiate.migrations import migrate as run_migrations
from beneficiate.models.base import database, open_database, transaction
from beneficiate.passwords import hash_password
from beneficiate.protocol import catalogue
from beneficiate.protocol.asyncapi import Channel, asyncapi
from beneficiate.realtime.publisher import Publisher
from beneficiate.realtime.reactions import Reactions
from beneficiate.routes import ROUTES
from beneficiate.sandbox.keys import TEST_KEYS
from beneficiate.sandbox.server import Sandbox
from beneficiate.settings import DEMO_PASSWORD, BadSettings, Settings
from beneficiate.sockets.base import Socket
from beneficiate.sockets.conversation import Conversation
from beneficiate.store import Store

T = TypeVar("T")
ROOT = Path(__file__).parents[1]


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Beneficiate: chat, booking and payments of a health membership."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
@click.option("--port", type=int, help="The port to listen on; PORT when not given.")
@click.option("--sandbox", is_flag=True, help="Play Wompi, with test keys, unless keys are configured.")
def serve(port: int | None = None, *, sandbox: bool = False) -> None:
    """Serve pages, sockets and the API until SIGTERM."""
    settings = _settings(port=port)
    set_up_logs(as_json=settings.is_production)
    wompi = _sandbox(settings) if sandbox else None
    welcome = "" if settings.is_production else _welcome(settings, wompi)
    try:
        asyncio.run(app.serve(settings, lambda: click.echo(welcome), wompi))
    except OSError as problem:
        raise click.ClickException(
            f"Cannot listen on port {settings.port}: {problem.strerror or problem}."
        ) from problem


@main.command()
def migrate() -> None:
    """Bring the database up to date and load the reference data. Safe when two processes do it at once."""
    _opened()
    applied = run_migrations(database)
    click.echo(f"Applied: {', '.join(applied)}." if applied else "Nothing to apply.")


@main.command("demo-data")
def demo_data() -> None:
    """Fill a development database with plans, people and conversations. Run it as often as you like."""
    settings = _opened()
    if settings.is_production:
        raise click.ClickException("Demo data is for development: its password is public.")
    run_migrations(database)
    click.echo(fill(hash_password(DEMO_PASSWORD), datetime.now(UTC)))
    with database.obj.connection_context(), transaction():
        click.echo(fill_agenda())


@main.command("create-supervisor")
@click.option("--email", prompt="Correo")
@click.option("--first-name", prompt="Nombres")
@click.option("--last-name", prompt="Apellidos")
@click.option(
    "--document-type",
    prompt="Tipo de documento",
    type=click.Choice(["CC", "TI", "CE", "PASSPORT", "OTHER"]),
    default="CC",
)
@click.option("--document-number", prompt="Número de documento")
@click.password_option("--password", prompt="Contraseña")
def create_supervisor(password: str, email: str, **account: str) -> None:
    """Create the first real account of the staff."""
    if len(password) < 12:
        raise click.ClickException("The password needs at least 12 characters.")
    settings = _opened()
    run_migrations(database)
    account = {**account, "email": email.strip().lower(), "password_hash": hash_password(password)}
    click.echo(f"Supervisor {_run(settings, accounts.create_supervisor, account)} created.")


@main.command("deactivate")
@click.argument("email")
def deactivate(email: str) -> None:
    """Shut an account out: its sign-ins end and its sockets close."""
    click.echo(f"User {_run(_opened(), accounts.set_active, (email, False))} is shut out.")


@main.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let an account in again."""
    click.echo(f"User {_run(_opened(), accounts.set_active, (email, True))} may sign in.")


@main.command("reconcile")
@click.option("--sandbox", is_flag=True, help="Ask the local Wompi of the server that runs beside this.")
def reconcile(*, sandbox: bool) -> None:
    """Look once at Wompi for all payments whose event may not have come, and print what was done."""
    settings = _paying(is_local=sandbox)
    click.echo(_told(_with_cashier(settings, lambda cashier: cashier.reconcile(everything=True))))


@main.command("replay-events")
@click.option("--failed", is_flag=True, help="Only those that were never carried out.")
@click.option("--sandbox", is_flag=True, help="Ask the local Wompi of the server that runs beside this.")
def replay_events(*, failed: bool, sandbox: bool) -> None:
    """Carry out Wompi's stored events again. What is settled stays as it is."""
    settings = _paying(is_local=sandbox)
    click.echo(_told(_with_cashier(settings, lambda cashier: cashier.replay(only_failed=failed))))


@main.command("load-data")
@click.option(
    "--pairs",
    type=click.IntRange(1, 100_000),
    required=True,
    help="How many members and agents, each pair with an open chat.",
)
def load_data(pairs: int) -> None:
    """Create pairs for a load test and print their tokens, valid for a day, as JSON."""
    settings = _opened()
    if settings.is_production:
        raise click.ClickException("Load data is for development.")
    run_migrations(database)
    sys.stdout.write(msgspec.json.encode(loading.make_pairs(pairs, settings)).decode() + "\n")


@main.command()
def protocol() -> None:
    """Print the words of the wire: docs/protocol.md, docs/protocol.schema.json, docs/asyncapi.json
    and static/src/core/protocol.js."""
    for path, text in printed_protocol().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path.relative_to(ROOT))


def printed_protocol() -> dict[Path, str]:
    """What `protocol` writes, by file; a test compares it with what is there."""
    meanings = sorted(
        {(problem.code, " ".join((problem.__doc__ or "").split()) or problem.sentence) for problem in every_problem()}
    )
    return {
        ROOT / "docs" / "protocol.md": catalogue.manual(meanings),
        ROOT / "docs" / "protocol.schema.json": catalogue.schema(),
        ROOT / "docs" / "asyncapi.json": asyncapi(websocket_channels()),
        ROOT / "static" / "src" / "core" / "protocol.js": catalogue.constants(sorted({code for code, _ in meanings})),
    }


def websocket_channels() -> list[Channel]:
    """Return every WebSocket URL with the commands that each role may send there."""
    return [
        Channel(
            route.path,
            " ".join((route.door.__doc__ or "").split()),
            {role: {*commands, *Conversation.own_words} for role, commands in route.door.vocabularies.items()},
        )
        for route in ROUTES
        if issubclass(route.door, Socket)
    ]


def _settings(**given: Any) -> Settings:
    try:
        return Settings.from_environment(**given)
    except BadSettings as problem:
        raise click.ClickException(str(problem)) from problem


def _opened() -> Settings:
    """The settings, with the models bound to their database."""
    settings = _settings()
    database.initialize(open_database(settings.database_url))
    # Closed, so that SQLite leaves one file and no log beside it.
    click.get_current_context().call_on_close(database.obj.close_all)
    return settings


def _paying(*, is_local: bool) -> Settings:
    """The settings of a house with keys of Wompi, or of its local one; its database up to date."""
    settings = _opened()
    if is_local and not settings.is_production:
        settings = app.with_keys(settings, TEST_KEYS, f"http://127.0.0.1:{settings.port + 1}")
    if not settings.takes_payments:
        raise click.ClickException("Wompi's keys are not configured.")
    set_up_logs(as_json=settings.is_production)
    run_migrations(database)
    return settings


def _run(settings: Settings, action: Any, command: Any) -> Any:
    """One action from the command line."""
    return _with_store(settings, lambda store: store.run(action, command))


def _with_cashier(settings: Settings, task: Callable[[Cashier], Awaitable[Counter[str]]]) -> Counter[str]:
    async def do(store: Store) -> Counter[str]:
        wompi = Wompi(settings)
        try:
            return await task(Cashier(store, wompi, settings.wompi_environment))
        finally:
            wompi.close()

    return _with_store(settings, do)


def _with_store(settings: Settings, task: Callable[[Store], Awaitable[T]]) -> T:
    """Do something with the store. Running processes hear of it over Redis, or see it at their next pulse."""

    async def unit() -> T:
        bus = app.make_bus(settings)
        await bus.start(lambda parcel: None, lambda: None)
        store = Store(database.obj, Publisher(bus, Reactions()))
        try:
            return await task(store)
        finally:
            await store.close()
            await bus.stop()

    try:
        return asyncio.run(unit())
    except Problem as problem:
        raise click.ClickException(problem.sentence) from problem


def _told(outcomes: Counter[str]) -> str:
    """What was done, a count for each outcome."""
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())) or "Nothing to do."


def _sandbox(settings: Settings) -> Sandbox | None:
    try:
        return app.play_wompi(settings)
    except BadSettings as problem:
        raise click.ClickException(str(problem)) from problem


def _welcome(settings: Settings, sandbox: Sandbox | None) -> str:
    url = settings.own_url
    wompi = f"Payments go to a LOCAL WOMPI at {sandbox.url}: test cards only, no money." if sandbox else ""
    return f"""
Beneficiate, for development

  {url}/demo      the member's side
  {url}/planes    plans and payments (a member signs in at /login)
  {url}/agente    the agent's desk (sign in at /login)
  {url}/supervisor/pagos   the supervisors' page of payments
  {url}/supervisor/horario the opening hours

  ana@demo.beneficiate.co                  member with a family plan
  luis@demo.beneficiate.co                 member without a plan
  agente1@ … agente6@demo.beneficiate.co   agents
  supervisor@demo.beneficiate.co           supervisor
  password of all: {DEMO_PASSWORD}

  {wompi}
"""
