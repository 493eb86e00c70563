"""Facts of some weeks for the tests of reports."""

from datetime import timedelta

from beneficiate.actions.rollups import FoldFacts, fold_facts
from beneficiate.models.facts import Fact
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.reports import TypedReport
from tests.domain.booking.moments import at

CUT = at("2026-11-25 10:00")
"""A Wednesday."""


def add_chat(days_ago, *, agent=None, topic="", wait=30, score=None, hour=9):
    """Add the facts of a chat that began at an hour of a day: it was answered, unless it has no agent."""
    begin = CUT.replace(hour=hour + 5) - timedelta(days=days_ago)
    chat_id = 1000 + Fact.select().count()
    who = {} if agent is None else {"agent_id": agent.agent_id, "agent_name": agent.user.name, "agent_code": "AG-1"}
    common = {"chat_id": chat_id, "span": 1, "topic": topic, "actor_role": "agent"}
    Fact.create(at=begin, kind="opened", **common)
    if agent is None:
        Fact.create(at=begin + timedelta(minutes=5), kind="closed", detail="missed", **common)
        return chat_id
    Fact.create(at=begin, kind="assigned", detail="given", duration_s=5, **common, **who)
    Fact.create(at=begin + timedelta(seconds=wait), kind="first_reply", duration_s=wait, **common, **who)
    Fact.create(at=begin + timedelta(minutes=9), kind="closed", detail="answered", duration_s=540, **common, **who)
    if score:
        Fact.create(at=begin + timedelta(minutes=10), kind="rated", value=score, **common, **who)
    return chat_id


def fold(limit=100_000):
    fold_facts(UnitOfWork(SYSTEM, CUT), FoldFacts(2**31 - 1, limit))


def typed(**filters):
    return TypedReport(**{"periodo": "rango", "desde": "2026-11-01", "hasta": "2026-11-25", **filters})
