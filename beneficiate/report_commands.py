"""Commands about the reports."""

import click

from beneficiate.command_environment import open_configured_database, run_with_store
from beneficiate.migrations import run_migrations
from beneficiate.models.base import database
from beneficiate.services.rollups import rebuild_rollups


@click.command("rebuild-reports")
def rebuild_reports() -> None:
    """Make the roll-ups of the reports again from the facts. Reports stay right meanwhile, and take longer."""
    settings = open_configured_database()
    run_migrations(database)
    click.echo(f"{run_with_store(settings, rebuild_rollups)} facts were rolled up.")
