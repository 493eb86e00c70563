"""Departments and municipalities of DANE's list, and the plans on sale."""

import asyncio

import pytest

from beneficiate.models.payments import Plan
from tests.factories import member
from tests.http_client import call_api


@pytest.mark.gen_test
async def test_all_departments_and_municipalities_are_listed(server):
    ana = member()
    departments = (await call_api(server.port, "townships/departments", ana)).data
    answers = await asyncio.gather(*(call_api(server.port, f"townships/{one['id']}", ana) for one in departments))
    townships = [township for answer in answers for township in answer.data]
    assert (len(departments), len(townships)) == (33, 1122)
    assert {"05", "11", "91"} <= {one["code"] for one in departments}
    assert all(set(one) == {"id", "code", "name"} for one in departments)
    assert all(set(one) == {"id", "code", "name", "department_id"} for one in townships)
    codes = {one["id"]: one["code"] for one in departments}
    # The first two digits of a municipality are those of its department.
    assert all(one["code"][:2] == codes[one["department_id"]] for one in townships)
    assert {"05001", "11001"} <= {one["code"] for one in townships}


@pytest.mark.gen_test
async def test_unknown_department_is_not_found(server):
    ana = member()
    for number in ("0", "99999", "2147483648", "9" * 5000):
        answer = await call_api(server.port, f"townships/{number}", ana)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.gen_test
async def test_plans_on_sale_are_public_and_listed_by_price(server):
    for code, price, is_active in (("b", 90_000, True), ("a", 45_000, True), ("c", 1, False)):
        Plan.create(
            code=code,
            name=code.upper(),
            description="x",
            price=price,
            duration_days=30,
            max_beneficiaries=2,
            is_active=is_active,
        )
    plans = (await call_api(server.port, "plans/all")).data
    assert [plan["code"] for plan in plans] == ["a", "b"]
    assert plans[0] == {
        "id": plans[0]["id"],
        "name": "A",
        "code": "a",
        "description": "x",
        "price": 45_000,
        "currency": "COP",
        "duration_days": 30,
        "max_beneficiaries": 2,
    }
