"""What commands run with."""

import click
import pytest

from beneficiate.cli.environment import open_configured_database, run_with_store
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.errors import NotFound


def test_problem_is_a_sentence_for_the_operator(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/data/new.db")

    async def fail(store):
        raise NotFound("No está.")

    with click.Context(click.Command("x")):
        settings = open_configured_database()
        with pytest.raises(click.ClickException, match=r"No está\."):
            run_with_store(settings, fail)


def test_actions_run_by_the_rules_of_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/data/new.db")
    monkeypatch.setenv("BENEFICIATE_SECOND_FACTOR", "required")

    async def read_rules(store):
        return await store.read(lambda uow: uow.rules)

    with click.Context(click.Command("x")):
        settings = open_configured_database()
        assert run_with_store(settings, read_rules) == BusinessRules.from_settings(settings) != BusinessRules()
