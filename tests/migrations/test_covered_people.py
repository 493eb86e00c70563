"""Migration 0028 fills in how many people are covered; what an older version stores later has the plan's number."""

from importlib import import_module

from beneficiate.models.base import database
from beneficiate.models.payments import Payment, Subscription
from beneficiate.queries.beneficiaries import count_coverable_beneficiaries
from tests.actions.payment_steps import NOW, get_cheap_plan, get_plan, paid_payment
from tests.factories import add_plan, member

migration = import_module("beneficiate.migrations.0028_covered_people")


def test_number_of_the_plan_is_filled_in_parts_and_kept(act, db, monkeypatch):
    monkeypatch.setattr(migration, "BATCH_SIZE", 2)
    people = [member() for _ in range(5)]
    for index, who in enumerate(people):
        paid_payment(act, who, get_cheap_plan() if index == 0 else get_plan())
    for model in (Payment, Subscription):
        model.update(max_beneficiaries=None).execute()
    Subscription.update(max_beneficiaries=7).where(Subscription.user == people[-1].id).execute()
    for _ in range(2):
        migration.up(None, database)
        assert [row.max_beneficiaries for row in Subscription.select().order_by(Subscription.id)] == [0, 4, 4, 4, 7]
        assert [row.max_beneficiaries for row in Payment.select().order_by(Payment.user)] == [0, 4, 4, 4, 4]


def test_row_of_an_older_version_has_the_number_of_the_plan(db):
    ana = member()
    assert add_plan(ana).max_beneficiaries is None
    assert count_coverable_beneficiaries(ana.id, NOW) == 4
