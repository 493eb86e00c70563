"""Who needs a second step, and what is known of a factor."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.models.accounts import Agent
from beneficiate.models.second_factors import RecoveryCode
from beneficiate.queries.second_factors import find_second_step, load_second_factor
from tests.actions.conftest import db  # noqa: F401
from tests.factor_steps import add_second_factor
from tests.factories import agent, member, supervisor

NOW = datetime(2026, 8, 25, 15, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "without"),
    [(DEFAULT_RULES, ""), (replace(DEFAULT_RULES, requires_second_factor=True), "enrolment")],
    ids=["optional", "required"],
)
def test_second_step_is_of_the_staff_only(act, rules, without):
    people = [member(), agent(), supervisor()]
    assert [act(find_second_step, who.actor, who.actor)[0] for who in people] == ["", without, without]
    for who in people:
        add_second_factor(who)
    assert [act(find_second_step, who.actor, who.actor)[0] for who in people] == ["", "code", "code"]
    assert Agent.select().count() == 2


def test_state_says_since_when_and_how_many_codes_are_left(act):
    yuliana, omar = agent(), agent("Omar")
    add_second_factor(omar)
    nothing = act(load_second_factor, "", yuliana.actor)[0]
    assert (nothing.since, nothing.codes_left, nothing.is_required, nothing.is_recovered) == (None, 0, False, False)
    add_second_factor(yuliana, NOW)
    own = RecoveryCode.select(RecoveryCode.id).order_by(RecoveryCode.id.desc()).limit(7)
    RecoveryCode.update(used_at=NOW).where(RecoveryCode.id.in_([row.id for row in own])).execute()
    state = act(load_second_factor, "", yuliana.actor)[0]
    assert (state.since, state.codes_left, state.has_few_codes) == (NOW, 3, True)
