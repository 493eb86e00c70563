"""Plans are changed for who buys from now on: running plans and payments under way keep their price and duration."""

import json
from datetime import timedelta

import pytest

from beneficiate.actions import plans_admin as actions
from beneficiate.domain.administration import INVISIBLE_SIGN
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries.beneficiaries import count_coverable_beneficiaries
from beneficiate.queries.plans_admin import load_plan
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.payment_steps import (
    NOW,
    get_plan,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    settle_one,
    wompi_transaction,
)
from tests.factories import add_plan, agent, member, supervisor

TYPED = {
    "nombre": "Plan joven",
    "descripcion": "",
    "precio": "$ 99.000",
    "dias": "90",
    "personas": "0",
    "estado": "activo",
}


@pytest.fixture
def marta(db):
    return supervisor("Marta")


@pytest.fixture
def save(act, marta):
    """Save a plan as the form shows it, with changes; without a plan a new one."""

    def do(plan_id=0, version=None, who=marta, **changes):
        _, shown = load_plan(UnitOfWork(marta.actor, NOW), plan_id)
        values = {**(shown.values if plan_id else TYPED), **changes}
        command = actions.SavePlan(plan_id, shown.version if version is None else version, values)
        return act(actions.save_plan, command, who.actor, NOW)[0]

    return do


def test_plan_is_created_with_a_code_and_changed(save):
    new_id = save()
    row = Plan.get_by_id(new_id)
    assert (row.code, row.price, row.duration_days, row.is_active) == ("plan-joven", 99_000, 90, True)
    save(new_id, nombre="Plan joven 2", precio="120.000")
    row = Plan.get_by_id(new_id)
    assert (row.code, row.name, row.price, row.version) == ("plan-joven", "Plan joven 2", 120_000, 2)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.what, entry.subject) == ("plans.save", f"plan:{new_id}")
    assert json.loads(entry.before) == {"name": "Plan joven", "price": 99_000}


def test_running_plan_keeps_its_end(act, save):
    ana, plan = member("Ana"), get_plan()
    paid_payment(act, ana, plan)
    before = list(Subscription.select(Subscription.starts_at, Subscription.ends_at).tuples())
    save(plan.id, precio="900.000", dias="10", estado="inactivo")
    assert list(Subscription.select(Subscription.starts_at, Subscription.ends_at).tuples()) == before


def test_running_plan_keeps_the_people_of_its_purchase(act, save):
    ana, beto, plan = member("Ana"), member("Beto"), get_plan()
    paid_payment(act, ana, plan)
    begun = payment_with_link(act, beto, plan)
    carla = member("Carla")
    add_plan(carla, plan=plan)  # of a version that did not store the number
    save(plan.id, personas="0")
    settle_one(act, wompi_transaction(begun))
    assert [count_coverable_beneficiaries(who.id, NOW) for who in (ana, beto, carla)] == [4, 4, 4]
    dora = member("Dora")
    paid_payment(act, dora, plan)
    assert count_coverable_beneficiaries(dora.id, NOW) == 0


def test_link_of_a_purchase_with_other_people_is_not_used_again(act, save):
    ana, plan = member("Ana"), get_plan()
    first = payment_with_link(act, ana, plan)
    save(plan.id, personas="2")
    again = open_checkout(act, ana, plan).payment_id
    assert again != first
    assert load_payment(again).max_beneficiaries == 2


def test_payment_under_way_is_settled_with_the_price_and_duration_of_its_purchase(act, save):
    ana, plan = member("Ana"), get_plan()
    payment_id = payment_with_link(act, ana, plan)
    save(plan.id, precio="900.000", dias="10", estado="inactivo")
    assert load_payment(payment_id).amount == 480_000
    settle_one(act, wompi_transaction(payment_id))
    assert load_payment(payment_id).status == "APPROVED"
    period = Subscription.get(Subscription.user == ana.id)
    assert period.ends_at - period.starts_at == timedelta(days=365)


def test_next_purchase_has_the_new_price(act, save):
    plan = get_plan()
    save(plan.id, precio="900.000")
    assert load_payment(open_checkout(act, member(), plan).payment_id).amount == 900_000
    save(plan.id, estado="inactivo")
    with pytest.raises(NotFound):
        open_checkout(act, member(), plan)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("nombre", ""),
        ("nombre", "x" * 61),
        ("descripcion", "x" * 301),
        ("precio", "1.499"),
        ("precio", "50.000.001"),
        ("precio", "480,5"),
        ("precio", "480000.00"),
        ("precio", "1500.5"),
        ("precio", "250.00"),
        ("precio", "2.5.0.0.0.0"),
        ("precio", "gratis"),
        ("dias", "0"),
        ("dias", "1101"),
        ("personas", "21"),
        ("estado", "?"),
    ],
)
def test_each_invalid_field_has_a_sentence(save, field, text):
    with pytest.raises(InvalidForm) as caught:
        save(**{field: text})
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("nombre", "😀😀", "Escriba el nombre con letras."),
        ("descripcion", "\u202e", INVISIBLE_SIGN),
        ("descripcion", "x" * 301, "Use 300 letras o menos."),
    ],
)
def test_sentence_says_what_is_wrong(save, field, text, sentence):
    with pytest.raises(InvalidForm) as caught:
        save(**{field: text})
    assert caught.value.fields == {field: sentence}


def test_name_is_taken_once_and_others_are_refused(save, monkeypatch):
    new_id = save()
    with pytest.raises(InvalidForm, match="marcados"):
        save(nombre="PLAN JOVEN")
    save(new_id, dias="91")
    with pytest.raises(OutdatedForm):
        save(new_id, version=1, dias="92")
    with pytest.raises(NotFound):
        save(who=agent(), nombre="Otro")
    monkeypatch.setattr(actions, "MAX_PLANS", Plan.select().count())
    with pytest.raises(InvalidForm):
        save(nombre="Otro")
