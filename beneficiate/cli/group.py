"""The group of commands: an operator reads in one sentence why a command cannot run."""

import click
from peewee import PeeweeException

from beneficiate.migrations import NewerDatabase
from beneficiate.models.failures import classify_failure, first_line
from beneficiate.settings import InvalidSettings
from beneficiate.websockets.tornado_internals import UnknownTornado


class CommandGroup(click.Group):
    """Turns what an operator can mend into a sentence and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command. Raises ClickException for what an operator can mend: settings, database, Tornado."""
        try:
            return super().invoke(context)
        except (InvalidSettings, NewerDatabase, UnknownTornado) as problem:
            raise click.ClickException(str(problem)) from problem
        except PeeweeException as problem:
            if classify_failure(problem) is None:
                raise
            raise click.ClickException(f"The database does not answer: {first_line(problem)}.") from problem
