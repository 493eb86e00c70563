"""What every page of the members' site shows around its own content."""

from datetime import datetime
from typing import Any

from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries import faces
from beneficiate.queries.accounts import RunningPlan, own_plan
from beneficiate.store import Work


def frame(work: Work, _: None = None) -> dict[str, Any]:
    """Who looks (None for nobody), the plan that runs for them, and until when with what follows of the same plan."""
    running = own_plan(work, None)
    return {
        "me": faces.me(work) if work.actor.role else None,
        "running": running,
        "covered_until": None if running is None else _covered_until(work.actor.user_id, running),
    }


def _covered_until(user_id: int, running: RunningPlan) -> datetime:
    until = running["ends_at"]
    query = Subscription.select(Subscription.starts_at, Subscription.ends_at).join(Plan)
    follow = query.where(Subscription.user == user_id, Plan.code == running["code"])
    for starts_at, ends_at in follow.order_by(Subscription.starts_at).tuples():
        if starts_at <= until:
            until = max(until, ends_at)
    return until
