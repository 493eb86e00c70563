"""Statements with a limit of their own."""

import pytest
from peewee import PeeweeException

from beneficiate.models.base import database, is_postgresql
from beneficiate.models.time_limit import StatementTimeout, time_limit

ENDLESS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers"


def test_statement_that_takes_too_long_is_ended_and_the_connection_goes_on(db):
    with pytest.raises(StatementTimeout), time_limit(0.02):
        database.execute_sql(ENDLESS)
    assert database.execute_sql("SELECT 1").fetchone() == (1,)
    if is_postgresql():
        assert database.execute_sql("SHOW statement_timeout").fetchone() == ("30s",)
    with pytest.raises(PeeweeException, match="nothing_of_this_name"), time_limit(5):
        database.execute_sql("SELECT * FROM nothing_of_this_name")


def test_statement_within_its_limit_has_its_result(db):
    with time_limit(5):
        assert database.execute_sql("SELECT 2").fetchone() == (2,)
