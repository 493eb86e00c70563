"""The database of the old service: read only, at one instant, and silent about its address."""

import os

import pytest

from beneficiate.clients.legacy_database import LegacyDatabase, LegacyUnavailable
from tests.legacy_data import old_database


@pytest.fixture
def old(postgresql_url):
    with old_database(postgresql_url, f"beneficiate_old_db_{os.getpid()}") as made:
        yield made


def test_everything_is_of_one_instant_and_nothing_can_be_written(old):
    with LegacyDatabase(old.url) as database:
        assert database.count_rows("users") == 0
        old.user()
        assert database.count_rows("users") == 0
        assert list(database.stream("SELECT id FROM users")) == []
        with pytest.raises(LegacyUnavailable, match="25006"):
            list(database.stream("SELECT nextval('users_id_seq')"))
    with LegacyDatabase(old.url) as database:
        assert database.count_rows("users") == 1


def test_columns_that_are_not_there_are_nothing(old):
    with LegacyDatabase(old.url) as database:
        columns = database.select("t", "plans", a="id", b="nothing", c=("no", "code"))
        assert columns == 't."id" AS a, NULL AS b, t."code" AS c'
        assert (database.find_table("no", "plans"), database.find_table("no"), database.count_rows("no")) == (
            "plans",
            "",
            0,
        )


def test_times_that_python_does_not_have_are_none(old):
    early = "'0044-03-15 BC'"
    sql = f"SELECT {early}::timestamp AS b, {early}::date AS c, '2024-01-02'::date AS d"
    with LegacyDatabase(old.url) as database:
        ((row),) = list(database.stream(sql))
        assert (row["b"], row["c"], row["d"].day) == (None, None, 2)


def test_database_of_somebody_else_is_refused(old):
    old.run("ALTER TABLE users DROP COLUMN identification_number")
    with pytest.raises(LegacyUnavailable, match="le faltan tablas"), LegacyDatabase(old.url):
        pass


@pytest.mark.parametrize("url", ["postgresql://u:sEcReTo@127.0.0.1:1/x", "postgresql://u:%zzsEcReTo@h/x"])
def test_no_part_of_the_address_is_said(url, caplog, capsys):
    with pytest.raises(LegacyUnavailable) as caught, LegacyDatabase(url):
        pass
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert "sEcReTo" not in str(caught.value) + caplog.text + "".join(capsys.readouterr())
