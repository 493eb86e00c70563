"""The URL of the database says of which kind it is and where its file is."""

import pytest

from beneficiate.database_url import parse_database_url


def test_file_of_sqlite_is_relative_or_absolute():
    for url, path in (("sqlite:///var/a.db", "var/a.db"), ("sqlite:////srv/a.db", "/srv/a.db")):
        assert parse_database_url(url) == path


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgresql_has_no_file(scheme):
    assert parse_database_url(f"{scheme}://u:p@one,two:5433/name") is None


@pytest.mark.parametrize("url", ["mysql://u:clave@host/x", "u:clave@host", "postgresql:u:clave@host"])
def test_other_urls_are_refused_without_their_password(url):
    with pytest.raises(ValueError, match="DATABASE_URL must begin with") as caught:
        parse_database_url(url)
    assert "clave" not in str(caught.value)
