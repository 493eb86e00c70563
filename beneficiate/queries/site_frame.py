"""The frame of the members' site."""

from datetime import datetime

from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries.accounts import CurrentPlan, find_own_plan
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.avatars import describe_actor
from beneficiate.views.site import RunningPlan, SiteFrame


def load_site_frame(uow: UnitOfWork, is_test: bool) -> SiteFrame:
    """Return who is signed in and the plan that runs for them; `is_test`: payments move no money."""
    current = find_own_plan(uow)
    running = None
    if current is not None:
        covered_until = _find_coverage_end(uow.actor.user_id, current)
        running = RunningPlan(current["code"], current["name"], current["ends_at"], covered_until)
    return SiteFrame(describe_actor(uow.actor) if uow.actor.role else None, running, is_test)


def _find_coverage_end(user_id: int, current: CurrentPlan) -> datetime:
    until = current["ends_at"]
    query = Subscription.select(Subscription.starts_at, Subscription.ends_at).join(Plan)
    periods = query.where(Subscription.user == user_id, Plan.code == current["code"])
    for starts_at, ends_at in periods.order_by(Subscription.starts_at).tuples():
        if starts_at <= until:
            until = max(until, ends_at)
    return until
