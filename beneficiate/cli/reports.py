"""Commands about the reports."""

from datetime import UTC, datetime

import click

from beneficiate.actions.fact_partitions import detach_fact_partitions
from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.demo.history import load_history
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database
from beneficiate.services.rollups import rebuild_rollups


@click.command("rebuild-reports")
def rebuild_reports() -> None:
    """Make the roll-ups of the reports again from the facts, day by day; go on with what was interrupted."""
    settings = open_configured_database()
    run_migrations(database)
    click.echo(f"{run_with_store(settings, rebuild_rollups)} facts were rolled up.")


@click.command("detach-facts")
@click.option("--before", type=click.DateTime(["%Y-%m"]), required=True, help="The first month that stays: 2026-01.")
def detach_facts(before: datetime) -> None:
    """Detach the facts of old months (PostgreSQL): they stay as tables, which no report reads any more."""
    settings = open_configured_database()
    run_migrations(database)
    names = run_with_store(settings, lambda store: store.run(detach_fact_partitions, before.date()))
    click.echo(f"Detached: {', '.join(names)}." if names else "Nothing to detach.")


@click.command("load-history")
@click.option("--chats", type=click.IntRange(1, 2_000_000), required=True, help="Of how many chats.")
@click.option("--days", type=click.IntRange(1, 1096), default=365, show_default=True, help="Over how many days.")
@click.option("--yes", "is_meant", is_flag=True, help="Facts are never deleted: say that this database is meant.")
def load_history_facts(chats: int, days: int, *, is_meant: bool) -> None:
    """Write the facts of very many chats, appointments and payments of the past for a load test, and roll them up."""
    settings = open_configured_database()
    if settings.is_production:
        raise click.ClickException("A made-up past is for development.")
    if not is_meant:
        raise click.ClickException("Facts cannot be deleted again: add --yes if this database is meant.")
    run_migrations(database)
    with database.obj.connection_context():
        facts = load_history(chats, days, datetime.now(UTC))
    click.echo(f"{facts} facts were written, {run_with_store(settings, rebuild_rollups)} rolled up.")
