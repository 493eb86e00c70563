"""Payments are settled once, a link for one payment is paid once, and only card payments are voided."""

import asyncio

import pytest

from beneficiate.sandbox.errors import Unprocessable
from beneficiate.sandbox.methods import card_payment, pse_payment, sample_payment
from beneficiate.sandbox.objects import APPROVED, CARD, DECLINED, ERROR, NEQUI, PENDING, VOIDED
from beneficiate.sandbox.payments import ALREADY_PAID, STATUS_MESSAGES
from tests.sandbox.parts import Gateway, create_link, create_transaction

PATIENCE_S = 5


async def pay(gateway, link, payment):
    transaction = gateway.payments.start_payment(link, payment)
    await gateway.payments.wait_until_settled(transaction, PATIENCE_S)
    return transaction


@pytest.mark.parametrize(("bank", "status"), [("1", APPROVED), ("2", DECLINED), ("3", ERROR)])
@pytest.mark.gen_test
async def test_payment_ends_with_the_outcome_of_its_method(bank, status):
    gateway = Gateway()
    transaction = gateway.payments.start_payment(create_link(gateway.account), pse_payment(bank))
    assert (transaction.status, gateway.statuses) == (PENDING, [])
    await gateway.payments.wait_until_settled(transaction, PATIENCE_S)
    assert (transaction.status, transaction.status_message) == (status, STATUS_MESSAGES.get(status))
    assert transaction.finalized_at >= transaction.created_at
    assert gateway.statuses == [status]


@pytest.mark.gen_test
async def test_of_two_payments_of_a_link_for_one_the_second_is_declined():
    gateway = Gateway()
    link = create_link(gateway.account)
    first, second = (gateway.payments.start_payment(link, sample_payment(CARD)) for _ in range(2))
    for one in (first, second):
        await gateway.payments.wait_until_settled(one, PATIENCE_S)
    assert (first.status, second.status, second.status_message) == (APPROVED, DECLINED, ALREADY_PAID)


@pytest.mark.gen_test
async def test_failure_does_not_use_a_link_up():
    gateway = Gateway()
    link = create_link(gateway.account)
    declined = card_payment("4111111111111111", "12/49", "ANA", 1)
    made = [await pay(gateway, link, payment) for payment in (declined, sample_payment(CARD))]
    assert [one.status for one in made] == [DECLINED, APPROVED]


@pytest.mark.gen_test
async def test_payment_that_the_developer_settled_meanwhile_stays_so():
    gateway = Gateway()
    transaction = gateway.payments.start_payment(create_link(gateway.account), sample_payment(CARD))
    gateway.payments.settle_transaction(transaction, DECLINED, "A mano")
    await gateway.payments.wait_until_settled(transaction, PATIENCE_S)
    assert (transaction.status, transaction.status_message, gateway.statuses) == (DECLINED, "A mano", [DECLINED])


@pytest.mark.gen_test
async def test_wait_ends_when_the_payer_has_waited_long_enough():
    gateway = Gateway()
    gateway.payments._settle_s = 3600
    transaction = gateway.payments.start_payment(create_link(gateway.account), sample_payment(CARD))
    await gateway.payments.wait_until_settled(transaction, 0)
    assert transaction.status == PENDING
    await gateway.tasks.cancel_all()


@pytest.mark.gen_test
async def test_card_payment_is_voided_once_and_reads_approved_until_then():
    gateway = Gateway()
    paid = await pay(gateway, create_link(gateway.account), sample_payment(CARD))
    gateway.payments.void_transaction(paid)
    assert paid.status == APPROVED
    with pytest.raises(Unprocessable):
        gateway.payments.void_transaction(paid)
    await asyncio.gather(*gateway.tasks._tasks)
    assert (paid.status, gateway.statuses) == (VOIDED, [APPROVED, VOIDED])
    with pytest.raises(Unprocessable):
        gateway.payments.void_transaction(paid)


@pytest.mark.parametrize(
    ("method", "status"), [(NEQUI, APPROVED), (CARD, PENDING), (CARD, DECLINED), (CARD, ERROR), (CARD, VOIDED)]
)
def test_nothing_else_is_voided(method, status):
    gateway = Gateway()
    transaction = create_transaction(gateway.account, method=method)
    transaction.status = status
    with pytest.raises(Unprocessable):
        gateway.payments.void_transaction(transaction)
