"""The URL of the database: of which kind it is, and where SQLite has its file."""

from dataclasses import dataclass

POSTGRESQL_SCHEMES = ("postgresql", "postgres")
SQLITE_PREFIX = "sqlite:///"
IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """PostgreSQL when `sqlite_path` is None."""

    sqlite_path: str | None

    @property
    def is_postgresql(self) -> bool:
        """Return whether it is PostgreSQL."""
        return self.sqlite_path is None


def parse_database_url(url: str) -> DatabaseUrl:
    """Read `sqlite:///path` (relative, or absolute with four slashes) or `postgresql://…`.

    Raises ValueError, with a sentence that has no part of the URL but its scheme: it may have a password.
    """
    scheme, separator, _ = url.partition("://")
    if separator and scheme in POSTGRESQL_SCHEMES:
        return DatabaseUrl(None)
    if url.startswith(SQLITE_PREFIX):
        path = url.removeprefix(SQLITE_PREFIX)
        if path in ("", IN_MEMORY):
            raise ValueError("DATABASE_URL must name a file, as sqlite:///var/beneficiate.db: every thread opens it.")
        return DatabaseUrl(path)
    found = scheme if separator else ""
    raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {found!r}.")
