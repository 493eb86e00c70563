"""Who has left the page of a payment is told once that it was declined, is reviewed, was voided or paid back."""

from datetime import timedelta

import pytest

from beneficiate.actions import settlements
from beneficiate.actions.away_notices import dispatch_due_notices
from beneficiate.actions.notice_emails import claim_notice_emails, mark_notice_emails_sent
from beneficiate.actions.notice_preferences import save_notice_choices
from beneficiate.domain.billing.outcome import EXPIRED
from beneficiate.domain.notices import NoticeChoices
from beneficiate.models.notices import AwayNotice, NoticeEmail, PushMessage
from beneficiate.models.payments import PaymentReview
from beneficiate.unit_of_work import SYSTEM
from tests.actions.payment_steps import (
    NOW,
    load_payment,
    paid_payment,
    payment_with_link,
    settle_batch,
    settle_one,
    update_columns,
    wompi_transaction,
)
from tests.actions.queue_steps import set_online
from tests.factories import member, supervisor
from tests.models.test_notices import browser

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = NOW + 3 * MINUTE
"""Later than somebody counts as away."""


class Buyer:
    """A member with a browser who has begun to pay and is away."""

    def __init__(self, act):
        self.act, self.ana = act, member("Ana")
        browser(self.ana)
        self.payment_id = payment_with_link(act, self.ana)

    def settle(self, status="APPROVED", now=NOW, **changes):
        """Settle a transaction and return it, to be settled again."""
        transaction = wompi_transaction(self.payment_id, status, **changes)
        settle_one(self.act, transaction, now)
        return transaction

    def told(self, now=LATER):
        """Dispatch, send, and return the kinds of the pushes and of the e-mails."""
        self.act(dispatch_due_notices, None, SYSTEM, now)
        pushed = [row.notice.kind for row in PushMessage.select().order_by(PushMessage.id)]
        PushMessage.delete().execute()
        emails = self.act(claim_notice_emails, None, SYSTEM, now)[0]
        self.act(mark_notice_emails_sent, [one.email_id for one in emails], SYSTEM, now)
        return pushed, [one.kind for one in emails]


@pytest.fixture
def buyer(act, db):
    return Buyer(act)


def fall_declined(buyer):
    return buyer.settle("DECLINED")


def fall_failed(buyer):
    return buyer.settle("ERROR")


def fall_in_review(buyer):
    return buyer.settle(amount_in_cents=100)


def fall_void(buyer):
    buyer.payment_id = paid_payment(buyer.act, buyer.ana)
    AwayNotice.delete().execute()
    return buyer.settle("VOIDED", id=load_payment(buyer.payment_id).paid_by)


def fall_void_in_review(buyer):
    wrong = fall_in_review(buyer)
    AwayNotice.delete().execute()
    return buyer.settle("VOIDED", id=wrong.id, amount_in_cents=100)


def be_refunded(buyer):
    buyer.settle("APPROVED")
    second = buyer.settle("APPROVED", NOW + MINUTE)
    AwayNotice.delete().execute()
    return buyer.settle("VOIDED", NOW + MINUTE, id=second.id)


def fall_declined_too_late(buyer):
    update_columns(buyer.payment_id, status=EXPIRED)
    return buyer.settle("DECLINED")


FALLS = [
    (fall_declined, "payment-declined"),
    (fall_failed, "payment-declined"),
    (fall_in_review, "payment-review"),
    (fall_void, "payment-voided"),
    (fall_void_in_review, "payment-voided"),
    (be_refunded, "payment-refunded"),
    (fall_declined_too_late, "payment-declined"),
]


@pytest.mark.parametrize(("fall", "kind"), FALLS)
def test_problem_of_a_payment_is_told_once_however_often_wompi_repeats_it(buyer, fall, kind):
    transaction = fall(buyer)
    settle_one(buyer.act, transaction)
    assert buyer.told(NOW + MINUTE) == ([], [])
    assert buyer.told() == ([kind], [kind])
    settle_one(buyer.act, transaction, LATER)
    assert buyer.told(LATER + HOUR) == ([], [])


@pytest.mark.parametrize(("fall", "kind"), FALLS)
def test_who_is_on_the_page_is_told_nothing(buyer, fall, kind):
    fall(buyer)
    set_online(buyer.ana)
    assert buyer.told() == ([], [])


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        (NoticeChoices(frozenset({"payment.push"})), ([], ["payment-declined"])),
        (NoticeChoices(frozenset(), 7, 9), ([], [])),
    ],
    ids=["no pushes", "quiet hours"],
)
def test_preferences_and_quiet_hours_count(buyer, choices, told):
    buyer.act(save_notice_choices, choices, buyer.ana.actor, NOW)
    buyer.settle("DECLINED")
    assert buyer.told() == told
    expected = ([], []) if choices.switched_off else (["payment-declined"], ["payment-declined"])
    assert buyer.told(NOW + HOUR + MINUTE) == expected


def test_e_mail_goes_to_who_has_no_browser(buyer):
    beto = member("Beto")
    settle_one(buyer.act, wompi_transaction(payment_with_link(buyer.act, beto), "DECLINED"))
    assert buyer.told() == ([], ["payment-declined"])


def test_of_attempts_that_were_declined_the_last_one_is_told(buyer):
    for minute in range(3):
        buyer.settle("DECLINED", NOW + minute * MINUTE, created_at=NOW + minute * MINUTE)
    assert buyer.told(NOW + 5 * MINUTE) == (["payment-declined"], ["payment-declined"])
    buyer.settle("DECLINED", NOW + HOUR, created_at=NOW + HOUR)
    assert buyer.told(NOW + 2 * HOUR) == (["payment-declined"], ["payment-declined"])


def test_attempt_that_was_followed_by_a_good_one_is_not_told(buyer):
    buyer.settle("DECLINED")
    buyer.settle("PENDING", NOW + MINUTE)
    buyer.settle("APPROVED", NOW + MINUTE)
    assert [row.kind for row in AwayNotice.select().order_by(AwayNotice.id)] == ["payment-declined", "payment"]
    assert buyer.told() == (["payment"], [])


def test_attempt_after_a_good_one_is_no_news(buyer):
    buyer.settle("APPROVED")
    AwayNotice.delete().execute()
    buyer.settle("DECLINED", NOW + MINUTE)
    # Charged twice: the plan runs, and the staff gives the money back.
    buyer.settle("APPROVED", NOW + MINUTE)
    assert PaymentReview.select().count() == 1
    assert AwayNotice.select().count() == 0


def test_review_that_was_closed_meanwhile_is_not_told(buyer):
    buyer.settle(amount_in_cents=100)
    command = settlements.CloseReview(buyer.payment_id, PaymentReview.get().id, "Se devolvió el dinero")
    buyer.act(settlements.close_review, command, supervisor().actor, NOW)
    assert buyer.told() == ([], [])


def test_member_who_comes_back_before_the_e_mail_left_gets_none(buyer):
    buyer.settle("DECLINED")
    buyer.act(dispatch_due_notices, None, SYSTEM, LATER)
    assert NoticeEmail.select().count() == 1
    set_online(buyer.ana)
    assert buyer.act(claim_notice_emails, None, SYSTEM, LATER)[0] == []


def test_problems_of_a_batch_are_queued_with_it(buyer):
    other = payment_with_link(buyer.act, member("Beto"))
    first, second = wompi_transaction(buyer.payment_id, "DECLINED"), wompi_transaction(other, "DECLINED")
    settle_batch([first, second, first])
    keys = [row.key for row in AwayNotice.select().order_by(AwayNotice.key)]
    assert keys == sorted(f"payment-declined {of} {one.id}" for of, one in ((buyer.payment_id, first), (other, second)))
