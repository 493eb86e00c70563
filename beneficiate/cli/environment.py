"""What the commands of the command line run with: the configured database, and a store."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from beneficiate import app
from beneficiate.data_files import check_database_file, keep_data_private
from beneficiate.database_startup import require_own_sessions
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.errors import Problem
from beneficiate.models.base import database, open_database
from beneficiate.realtime.event_handlers import EventHandlers
from beneficiate.realtime.publisher import Publisher
from beneficiate.settings import Settings
from beneficiate.store import Store
from beneficiate.telemetry import Telemetry

T = TypeVar("T")


def open_configured_database() -> Settings:
    """Return the settings, with the models bound to their database. Raises InvalidSettings."""
    settings = keep_data_private(Settings.from_environment())
    require_own_sessions(settings)
    check_database_file(settings)
    database.initialize(open_database(settings.database_url, settings.database_pooler))
    # Closed, so that SQLite leaves one file and no log beside it.
    click.get_current_context().call_on_close(database.obj.close_all)
    return settings


def run_with_store(settings: Settings, task: Callable[[Store], Awaitable[T]]) -> T:
    """Run a task with a store. Running processes are notified over Redis, or notice at their next check."""

    async def run() -> T:
        bus = app.build_bus(settings, Telemetry())
        await bus.start(lambda message: None, lambda: None)
        store = Store(database.obj, Publisher(bus, EventHandlers()), BusinessRules.from_settings(settings))
        try:
            return await task(store)
        finally:
            await store.close()
            await bus.stop()

    try:
        return asyncio.run(run())
    except Problem as problem:
        raise click.ClickException(problem.sentence) from problem
