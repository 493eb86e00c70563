"""The accounts that the demo page and the sign-in offer."""

from datetime import UTC, datetime

from beneficiate.queries.demo import DEMO_EMAIL_DOMAIN, MAX_DEMO_MEMBERS, list_demo_accounts, list_demo_members
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member, member_with_plan, supervisor


def test_demo_members_are_the_first_of_the_demo_domain(db):
    member(email="ana@x.co")
    agent(email=f"agente@{DEMO_EMAIL_DOMAIN}")
    member_with_plan("Luis", email=f"luis@{DEMO_EMAIL_DOMAIN}")
    for number in range(MAX_DEMO_MEMBERS):
        member(email=f"m{number:02}@{DEMO_EMAIL_DOMAIN}")
    found = list_demo_members(UnitOfWork(SYSTEM, datetime.now(UTC)))
    assert [one.email.partition("@")[0] for one in found] == [
        "luis",
        *(f"m{n:02}" for n in range(MAX_DEMO_MEMBERS - 1)),
    ]
    assert [one.plan for one in found[:2]] == ["Familiar", None]


def test_one_account_of_each_kind_is_offered_while_it_is_there(db):
    uow = UnitOfWork(SYSTEM, datetime.now(UTC))
    agent(email="agente1@x.co")
    assert list_demo_accounts(uow) == []
    makers = {"supervisor": supervisor, "agente1": agent, "agente2": agent, "ana": member_with_plan}
    for name, make in makers.items():
        make(email=f"{name}@{DEMO_EMAIL_DOMAIN}")
    member(email=f"luis@{DEMO_EMAIL_DOMAIN}", is_active=False)
    found = [(one.email.partition("@")[0], one.role, one.plan) for one in list_demo_accounts(uow)]
    assert found == [("ana", "member", "Familiar"), ("agente1", "agent", None), ("supervisor", "supervisor", None)]
