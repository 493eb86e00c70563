"""A settlement batch keeps changes in memory until it is flushed."""

from beneficiate.actions.settlement_batch import load_settlement_batch
from beneficiate.domain.billing.outcome import APPROVED
from beneficiate.models.payments import Payment, PlanEmail, Subscription
from beneficiate.protocol.payments import PaymentUpdated, PlanActivated
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.payment_steps import NOW, load_payment, payment_with_link
from tests.factories import member


def load(*payment_ids):
    return load_settlement_batch(Payment.id.in_(payment_ids))


def test_nothing_is_written_or_emitted_before_the_flush(act, db):
    payment_id = payment_with_link(act, member())
    batch, uow = load(payment_id), UnitOfWork(SYSTEM, NOW)
    batch.activate_plan(uow, batch.payments[0], "1-1-1", None)
    assert (load_payment(payment_id).status, Subscription.select().count(), uow.outgoing) == ("PENDING", 0, [])
    batch.flush(uow)
    assert (load_payment(payment_id).status, Subscription.select().count()) == (APPROVED, 1)
    assert [type(outgoing.event) for outgoing in uow.outgoing] == [PlanActivated, PaymentUpdated]


def test_second_flush_writes_nothing_again(act, db):
    batch, uow = load(payment_with_link(act, member())), UnitOfWork(SYSTEM, NOW)
    batch.activate_plan(uow, batch.payments[0], "1-1-1", None)
    batch.flush(uow)
    emitted = len(uow.outgoing)
    batch.flush(uow)
    assert (len(uow.outgoing), Subscription.select().count(), PlanEmail.select().count()) == (emitted, 1, 1)


def test_state_follows_the_changes_in_memory(act, db):
    batch, uow = load(payment_with_link(act, member())), UnitOfWork(SYSTEM, NOW)
    payment = batch.payments[0]
    assert not batch.payment_state(payment).is_activated
    batch.activate_plan(uow, payment, "1-1-1", None)
    state = batch.payment_state(payment)
    assert (state.is_activated, state.is_revoked, state.paid_by) == (True, False, "1-1-1")
    batch.revoke_plan(uow, payment)
    assert batch.payment_state(payment).is_revoked
