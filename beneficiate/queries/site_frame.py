"""What every page of the members' site shows around its own content."""

from datetime import datetime
from typing import Any

from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries.accounts import CurrentPlan, find_own_plan
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views import avatars


def load_site_frame(uow: UnitOfWork) -> dict[str, Any]:
    """Who looks (None for nobody), the plan that runs for them, and until when with what follows of the same plan."""
    running = find_own_plan(uow)
    return {
        "me": avatars.describe_actor(uow.actor) if uow.actor.role else None,
        "running": running,
        "covered_until": None if running is None else _find_coverage_end(uow.actor.user_id, running),
    }


def _find_coverage_end(user_id: int, running: CurrentPlan) -> datetime:
    until = running["ends_at"]
    query = Subscription.select(Subscription.starts_at, Subscription.ends_at).join(Plan)
    follow = query.where(Subscription.user == user_id, Plan.code == running["code"])
    for starts_at, ends_at in follow.order_by(Subscription.starts_at).tuples():
        if starts_at <= until:
            until = max(until, ends_at)
    return until
