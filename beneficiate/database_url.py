"""The URL of the database: of which kind it is, and where SQLite has its file."""

POSTGRESQL_SCHEMES = ("postgresql", "postgres")
SQLITE_PREFIX = "sqlite:///"
IN_MEMORY = ":memory:"


def parse_database_url(url: str) -> str | None:
    """Return the path of `sqlite:///path` (relative, or absolute with four slashes); None for `postgresql://…`.

    Raises ValueError, with a sentence that has no part of the URL but its scheme: it may have a password.
    """
    scheme, separator, _ = url.partition("://")
    if separator and scheme in POSTGRESQL_SCHEMES:
        return None
    if url.startswith(SQLITE_PREFIX):
        path = url.removeprefix(SQLITE_PREFIX)
        if path in ("", IN_MEMORY):
            raise ValueError("DATABASE_URL must name a file, as sqlite:///var/beneficiate.db: every thread opens it.")
        return path
    found = scheme if separator else ""
    raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {found!r}.")
