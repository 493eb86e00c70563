"""What is checked of the database, and done to it, before a process serves.

Behind PgBouncer in transaction mode each transaction may have another session of PostgreSQL. So the settings of a
session have to be those of the role, no plan is kept, and migrations, which hold a lock of a session, are run apart.
"""

from peewee import OperationalError

from beneficiate.migrations import (
    find_unknown_migrations,
    list_applied_migrations,
    list_known_migrations,
    report_newer_database,
    run_migrations,
)
from beneficiate.models.base import SESSION_OPTIONS, database, is_postgresql
from beneficiate.settings import InvalidSettings, Settings

NO_OPTIONS = "unsupported startup parameter"
"""How PgBouncer refuses the settings of a session."""


def prepare_database(settings: Settings) -> None:
    """Migrate the database, or behind a pooler require that it is. Raises InvalidSettings, NewerDatabase."""
    if is_postgresql():
        _require_session_options(settings)
    if not settings.database_pooler:
        run_migrations(database)
        return
    applied = list_applied_migrations(database)
    if unknown := find_unknown_migrations(applied):
        report_newer_database(unknown)
    if pending := sorted(set(list_known_migrations()) - set(applied)):
        raise InvalidSettings(
            f"The database lacks {', '.join(pending)}. Migrations do not run over a pooler: run "
            "`python run.py migrate` with DATABASE_URL at PostgreSQL itself and without BENEFICIATE_DATABASE_POOLER."
        )


def require_own_sessions(settings: Settings) -> None:
    """Raise InvalidSettings behind a pooler: for a command, which may migrate, dump or restore."""
    if settings.database_pooler:
        raise InvalidSettings(
            "This command needs sessions of its own: set DATABASE_URL to PostgreSQL itself, and no "
            "BENEFICIATE_DATABASE_POOLER."
        )


def _require_session_options(settings: Settings) -> None:
    """Raise InvalidSettings unless the settings of a session are in force."""
    try:
        differing = _find_differing_options()
    except OperationalError as problem:
        if NO_OPTIONS not in str(problem):
            raise
        differing = dict(SESSION_OPTIONS)
    if not differing:
        return
    if not settings.database_pooler:
        raise InvalidSettings(
            f"The sessions of DATABASE_URL do not take {', '.join(differing)}. If it is a PgBouncer, set "
            "BENEFICIATE_DATABASE_POOLER=transaction (docs/deploy/README.md)."
        )
    statements = " ".join(f"ALTER ROLE CURRENT_USER SET {name} = '{value}';" for name, value in differing.items())
    raise InvalidSettings(
        f"Behind a pooler the settings of a session are those of the role. Carry out: {statements} Then let the pooler "
        "open new connections (RECONNECT)."
    )


def _find_differing_options() -> dict[str, object]:
    """Return the options that the session does not have as they should be."""
    with database.obj.connection_context():
        rows = database.execute_sql(
            "SELECT name, setting FROM pg_settings WHERE lower(name) IN %s", (tuple(_by_lower_name(SESSION_OPTIONS)),)
        ).fetchall()
    in_force = _by_lower_name(dict(rows))
    return {name: value for name, value in SESSION_OPTIONS.items() if in_force.get(name.lower()) != str(value)}


def _by_lower_name(options: dict[str, object]) -> dict[str, object]:
    return {name.lower(): value for name, value in options.items()}
