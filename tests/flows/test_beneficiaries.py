"""Two tabs of one member add a beneficiary at the same moment, on two connections, where the plan has room for one."""

import threading
from datetime import UTC, datetime

from beneficiate.actions import beneficiaries
from beneficiate.actions.beneficiaries import BeneficiaryDetails
from beneficiate.errors import Problem
from beneficiate.models.base import database, write_transaction
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import beneficiary, member_with_plan


def test_two_tabs_at_once_do_not_exceed_the_plan(db):
    ana = member_with_plan()
    for _ in range(3):
        beneficiary(ana)
    ready, outcomes = threading.Barrier(2), []

    def add(number):
        person = BeneficiaryDetails("Mateo", "Guzmán", "TI", number, "2014-08-02", "Hijo o hija")
        with database.obj.connection_context():
            ready.wait(10)
            try:
                with write_transaction():
                    beneficiaries.add_beneficiary(UnitOfWork(ana.actor, datetime.now(UTC)), person)
                outcomes.append("added")
            except Problem as problem:
                outcomes.append(problem.code)

    tabs = [threading.Thread(target=add, args=(number,)) for number in ("1099999991", "1099999992")]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert sorted(outcomes) == ["added", "limit_reached"]
