"""Commands that serve: one process, or a supervisor and its workers."""

import asyncio
import socket

import click

from beneficiate import app
from beneficiate.data_files import check_database_file, check_folders, keep_data_private
from beneficiate.listening import ListeningSockets, WorkerSockets
from beneficiate.logs import configure_logging
from beneficiate.sandbox.server import Sandbox
from beneficiate.settings import DEMO_PASSWORD, InvalidSettings, Settings
from beneficiate.settings_checks import find_workers_error
from beneficiate.supervisor import WorkersFailed, WorkerSupervisor

MAX_WORKERS = 64


@click.command()
@click.option("--port", type=int, help="The port to listen on; PORT when not given.")
@click.option("--workers", type=click.IntRange(1, MAX_WORKERS), default=1, help="How many processes; more need Redis.")
@click.option("--sandbox", is_flag=True, help="Run a local Wompi, with test keys, unless keys are configured.")
def serve(port: int | None = None, workers: int = 1, *, sandbox: bool = False) -> None:
    """Serve pages, WebSockets and the API until SIGTERM."""
    settings = _load_server_settings(port)
    if workers > 1:
        if error := find_workers_error(settings.database_url, settings.redis_url, uses_sandbox=sandbox):
            raise InvalidSettings(error)
        asyncio.run(_supervise(settings, workers))
        return
    wompi = app.build_sandbox(settings) if sandbox else None
    welcome = "" if settings.is_production else _welcome_text(settings, wompi)
    asyncio.run(app.run_server(settings, lambda: click.echo(welcome), wompi))


@click.command("worker", hidden=True)
@click.option("--port", type=int, required=True)
@click.option("--control", type=int, required=True)
@click.option("--listen", type=int, multiple=True, required=True)
@click.option("--metrics", type=int, multiple=True)
def serve_as_worker(port: int, control: int, listen: tuple[int, ...], metrics: tuple[int, ...]) -> None:
    """Serve on sockets that `serve --workers` has opened, which starts this command."""
    settings = _load_server_settings(port)
    pages, of_metrics = ([socket.socket(fileno=number) for number in numbers] for numbers in (listen, metrics))
    with socket.socket(fileno=control) as supervisor:
        given = WorkerSockets(ListeningSockets(pages, of_metrics), supervisor)
        asyncio.run(app.run_server(settings, lambda: supervisor.sendall(b"1"), worker=given))


def _load_server_settings(port: int | None) -> Settings:
    """Return the settings of a process that serves, with its data private and its log configured."""
    settings = keep_data_private(Settings.from_environment(port=port))
    check_database_file(settings)
    check_folders(settings)
    configure_logging(as_json=settings.is_production)
    return settings


async def _supervise(settings: Settings, workers: int) -> None:
    try:
        await WorkerSupervisor(settings, workers).run(
            lambda: click.echo("" if settings.is_production else _welcome_text(settings, None))
        )
    except WorkersFailed as problem:
        raise click.ClickException(str(problem)) from problem


def _welcome_text(settings: Settings, sandbox: Sandbox | None) -> str:
    url = settings.own_url
    wompi = f"Payments go to a LOCAL WOMPI at {sandbox.url}: test cards only, no money." if sandbox else ""
    return f"""
Beneficiate, for development

  {url}/demo      the member's side
  {url}/planes    plans and payments (a member signs in at /login)
  {url}/agente    the agent's desk (sign in at /login)

  {url}/supervisor            the supervisors' live board
  {url}/supervisor/reportes   reports, and what each figure counts
  {url}/supervisor/pagos      payments
  {url}/supervisor/ajustes    administration: staff, topics, opening hours, service levels, plans, professionals
  {url}/supervisor/auditoria  the audit log

  ana@demo.beneficiate.co                  member with a family plan
  luis@demo.beneficiate.co                 member without a plan
  agente1@ … agente6@demo.beneficiate.co   agents
  supervisor@demo.beneficiate.co           supervisor
  password of all: {DEMO_PASSWORD}

  {wompi}
"""
