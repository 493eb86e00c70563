"""Plans as supervisors see them."""

import pytest

from beneficiate.errors import NotFound
from beneficiate.queries.plans_admin import load_plan, load_plan_list
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.actions.payment_steps import NOW, get_cheap_plan, get_plan, paid_payment, payment_with_link
from tests.factories import agent, member, supervisor


def test_plans_have_what_runs_and_what_is_being_paid(act, db):
    uow, plan, other = UnitOfWork(supervisor().actor, NOW), get_plan(), get_cheap_plan()
    paid_payment(act, member(), plan)
    payment_with_link(act, member(), plan)
    row, saved = load_plan(uow, plan.id)
    assert (row.running, row.payments, row.duration) == (1, 1, "un año")
    assert (saved.values["precio"], saved.values["personas"], saved.version) == ("480.000", "4", 1)
    assert [one.row_id for one in load_plan_list(uow, ListFilters()).rows] == [plan.id, other.id]
    assert load_plan(uow, 0)[0] is None
    for who, plan_id in ((supervisor(), 99999), (agent(), plan.id)):
        with pytest.raises(NotFound):
            load_plan(UnitOfWork(who.actor, NOW), plan_id)
