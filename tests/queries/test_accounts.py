"""Who somebody is, asked of the database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.errors import Unauthorized
from beneficiate.models.accounts import Agent, User
from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries import accounts
from beneficiate.tokens import TokenClaims
from beneficiate.unit_of_work import SYSTEM, BatchItem, UnitOfWork
from tests.factor_steps import add_second_factor
from tests.factories import add_plan, agent, member, supervisor

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
WORK = UnitOfWork(SYSTEM, NOW)


def test_role_follows_from_the_rows(db):
    ana, yuliana, marta, idle, gone = member(), agent(), supervisor(), agent(), agent(is_active=False)
    Agent.update(status="INACTIVE").where(Agent.id == idle.agent_id).execute()
    found = accounts.find_actors([who.id for who in (ana, yuliana, marta, idle, gone)])
    assert {user_id: (actor.role, actor.agent_id) for user_id, actor in found.items()} == {
        ana.id: ("member", None),
        yuliana.id: ("agent", yuliana.agent_id),
        marta.id: ("supervisor", marta.agent_id),
        idle.id: ("member", None),
    }
    assert found[ana.id].name == ana.user.name


def test_in_a_batch_each_gets_their_own_answer(db):
    ana, gone = member(), member(is_active=False)
    results = accounts.identify_actors.function(
        WORK, [BatchItem(SYSTEM, TokenClaims(user_id, 0)) for user_id in (gone.id, ana.id, 2_000_000_000, ana.id)]
    )
    assert [type(one) if isinstance(one, Exception) else one for one in results] == [
        Unauthorized,
        ana.actor,
        Unauthorized,
        ana.actor,
    ]


def test_token_of_the_old_service_is_refused_for_whoever_has_a_second_factor(db):
    yuliana, omar = agent(), agent("Omar")
    add_second_factor(yuliana)
    tokens = {TokenClaims(who.id, 0, None, issued_at=int(NOW.timestamp())) for who in (yuliana, omar)}
    assert {one.user_id for one in accounts.filter_open_claims(WORK, tokens)} == {omar.id}


def test_token_of_the_old_service_is_refused_for_the_staff_where_a_second_factor_is_required(db):
    people = ana, _, _ = member(), agent(), supervisor()
    tokens = {TokenClaims(who.id, 0, None, issued_at=int(NOW.timestamp())) for who in people}
    required = UnitOfWork(SYSTEM, NOW, replace(DEFAULT_RULES, requires_second_factor=True))
    assert {one.user_id for one in accounts.filter_open_claims(required, tokens)} == {ana.id}


@pytest.mark.parametrize(
    "change",
    [
        lambda who: User.update(is_active=False).where(User.id == who.id),
        lambda who: Agent.update(status="INACTIVE").where(Agent.user == who.id),
        lambda who: Agent.delete().where(Agent.user == who.id),
        lambda who: User.delete().where(User.id == who.id),
    ],
    ids=["deactivated", "inactive", "no agent", "deleted"],
)
def test_changed_actors_are_found(db, change):
    yuliana, other = agent(), agent()
    assert accounts.find_changed_actors(WORK, [yuliana.actor, other.actor]) == set()
    change(yuliana).execute()
    assert accounts.find_changed_actors(WORK, [yuliana.actor, other.actor]) == {yuliana.actor}


def test_plan_runs_from_its_first_moment_to_just_before_its_last(db):
    ana = member()
    plan = Plan.create(code="x", name="X", description="", price=1, duration_days=1, max_beneficiaries=0)
    day = timedelta(days=1)
    for starts in (NOW - 2 * day, NOW, NOW + day):
        Subscription.create(user=ana.id, plan=plan, starts_at=starts, ends_at=starts + day, created_at=NOW)
    moments = (NOW - 2 * day - timedelta(seconds=1), NOW - day, NOW, NOW + day, NOW + 2 * day)
    ends = [(accounts.find_current_plan(ana.id, moment) or {}).get("ends_at") for moment in moments]
    assert ends == [None, None, NOW + day, NOW + 2 * day, None]


def test_end_of_the_plan_is_that_of_the_ones_that_follow(db):
    ana, other = member(), member()
    assert accounts.find_plan_end_day(ana.id, NOW) is None
    month, end = timedelta(days=30), NOW + timedelta(days=4)
    add_plan(ana, starts_at=NOW - 2 * month, ends_at=NOW)
    assert accounts.find_plan_end_day(ana.id, NOW) is None
    add_plan(ana, starts_at=NOW, ends_at=end)
    assert accounts.find_plan_end_day(ana.id, NOW) == date(2026, 8, 29)
    add_plan(ana, starts_at=end, ends_at=end + month)
    add_plan(other)
    assert accounts.find_plan_end_day(ana.id, NOW) == date(2026, 9, 28)
