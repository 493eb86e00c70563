"""Plans of the old service: by code, in whole pesos."""

from datetime import UTC, datetime

from beneficiate.domain.legacy.plans import NEW, PRESENT, ImportContext, ImportIndex
from beneficiate.domain.legacy.products import plan_plan

ROW = {
    "id": 1,
    "name": "Plan Único",
    "code": None,
    "description": None,
    "price": "10.00",
    "duration_days": 30,
    "max_beneficiaries": 0,
    "is_active": None,
}


def test_plan_without_a_code_gets_one_of_its_name_and_one_of_here_is_kept():
    context = ImportContext(ImportIndex(), lambda table: 7, UTC, datetime(2026, 5, 4, tzinfo=UTC))
    outcome = plan_plan(ROW, context)
    assert outcome.result == NEW
    plan = dict(zip(outcome.inserts[0].columns, outcome.inserts[0].rows[0], strict=True))
    assert (plan["code"], plan["price"], plan["is_active"]) == ("plan-unico", 10, False)
    assert plan_plan({**ROW, "id": 2, "code": "plan-unico"}, context).result == PRESENT
