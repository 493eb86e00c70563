"""Accounts and sign-ins."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.models.accounts import OFFLINE, Agent, SignIn, Supervisor, User
from tests.factories import agent, member

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expires_in_s", "has_ended", "is_open"), [(1, False, True), (0, False, False), (60, True, False)]
)
def test_sign_in_is_open_until_it_ends_or_expires(expires_in_s, has_ended, is_open):
    row = SignIn(expires_at=NOW + timedelta(seconds=expires_in_s), ended_at=NOW if has_ended else None)
    assert row.is_open(NOW) is is_open


def test_name_is_first_and_last_name():
    assert User(first_name="Ana", last_name="Guzmán Rojas").name == "Ana Guzmán Rojas"


def test_supervisor_is_appointed_away_with_an_agent_row(db):
    ana, yuliana = member(), agent()
    code = Agent.get(Agent.user == yuliana.id).agent_code
    for person in (ana, yuliana):
        Supervisor.appoint(person.user, NOW)
        assert Agent.get(Agent.user == person.id).availability == OFFLINE
    assert Agent.get(Agent.user == yuliana.id).agent_code == code
