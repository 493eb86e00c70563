"""Payments as supervisors see them."""

import uuid
from datetime import date

import pytest

from beneficiate.actions.payments import CancelUnknown, MarkLinkUnknown, cancel_unknown, mark_link_unknown
from beneficiate.actions.settlements import CloseReview, close_review
from beneficiate.actions.wompi_events import EventOutcome, StoreEvent, record_event_outcome, store_event
from beneficiate.domain.billing.outcome import APPROVED, DECLINED, EXPIRED, PENDING, UNKNOWN, VOIDED, ReviewKind
from beneficiate.domain.billing.presentation import STAFF_PAYMENT_BADGES
from beneficiate.errors import NotFound
from beneficiate.models.payments import Payment, PaymentReview, WompiEvent
from beneficiate.queries import payments_admin
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.masking import mask_email
from beneficiate.views.payment_detail import HistoryEntry
from beneficiate.views.payments import payment_reference
from beneficiate.views.payments_admin import PAYMENT_TABS, PaymentListQuery
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    get_cheap_plan,
    get_plan,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    settle_one,
    signed_event,
    update_columns,
    wompi_transaction,
)
from tests.domain.booking.moments import at
from tests.factories import member, supervisor

WORK = UnitOfWork(SYSTEM, NOW)


@pytest.fixture
def ana(db):
    return member()


def found(text="", tab="todos", **more):
    """The ids that a list has."""
    return [row.id for row in payments_admin.load_payment_list(WORK, PaymentListQuery(tab, text, **more)).rows]


# ---- The list ------------------------------------------------------------------------------------


def test_every_tab_has_its_states_and_all_have_all(act, db):
    ids = {}
    for status in (PENDING, UNKNOWN, APPROVED, DECLINED, EXPIRED, VOIDED):
        ids[status] = payment_with_link(act, member())
        update_columns(ids[status], status=status)
    PaymentReview.create(payment=ids[VOIDED], kind=ReviewKind.VOIDED, opened_at=NOW)
    tabs = {tab: set(found(tab=tab)) for tab in PAYMENT_TABS}
    assert tabs == {
        "por-revisar": {ids[VOIDED]},
        "en-curso": {ids[PENDING], ids[UNKNOWN]},
        "aprobados": {ids[APPROVED]},
        "rechazados": {ids[DECLINED]},
        "vencidos": {ids[EXPIRED]},
        "anulados": {ids[VOIDED]},
        "todos": set(ids.values()),
    }
    page = payments_admin.load_payment_list(WORK, PaymentListQuery())
    assert (page.tab, page.counts) == ("por-revisar", {"por-revisar": 1, "en-curso": 2})
    labels = {row.badge.label for row in payments_admin.load_payment_list(WORK, PaymentListQuery("todos")).rows}
    assert labels == {badge.label for badge in STAFF_PAYMENT_BADGES.values()}


def test_an_unknown_tab_is_the_first(act, ana):
    payment_with_link(act, ana)
    page = payments_admin.load_payment_list(WORK, PaymentListQuery("nada"))
    assert (page.tab, page.rows) == ("por-revisar", [])


def test_a_row_names_the_member_the_plan_and_what_is_still_to_be_looked_at(act, ana):
    payment_id = payment_with_link(act, ana)
    settle_one(act, wompi_transaction(payment_id, amount_in_cents=1))
    settle_one(act, wompi_transaction(payment_id, currency="USD"))
    row = payments_admin.load_payment_row(WORK, payment_id)
    assert (row.id, row.reference, row.user_id, row.member) == (
        payment_id,
        payment_reference(payment_id),
        ana.id,
        ana.user.name,
    )
    assert (row.plan, row.amount, row.status, row.badge.label) == ("Plan Family", 480_000, PENDING, "Pendiente")
    assert (row.created_at, row.activated_at, row.link_id) == (NOW, None, load_payment(payment_id).link_id)
    assert row.document == f"CC •••• {ana.user.document_number[-4:]}"
    assert row.reviews == [ReviewKind.WRONG_AMOUNT, ReviewKind.WRONG_AMOUNT]
    act(
        close_review,
        CloseReview(payment_id, PaymentReview.select().first().id, "Se devolvió"),
        supervisor().actor,
        NOW,
    )
    assert payments_admin.load_payment_row(WORK, payment_id).reviews == [ReviewKind.WRONG_AMOUNT]
    assert found(tab="por-revisar") == [payment_id]
    with pytest.raises(NotFound):
        payments_admin.load_payment_row(WORK, str(uuid.uuid4()))


def test_the_newest_come_first_fifty_at_a_time(act, ana):
    payment_id = payment_with_link(act, ana)
    row = Payment.select().where(Payment.id == payment_id).dicts().get()
    more = [
        {**row, "id": str(uuid.uuid4()), "link_id": None, "is_open": False, "created_at": NOW + n * MINUTE}
        for n in range(1, 51)
    ]
    Payment.insert_many(more).execute()
    first, second, third = (
        payments_admin.load_payment_list(WORK, PaymentListQuery("todos", page=n)) for n in (1, 2, 3)
    )
    assert [one.id for one in first.rows] == [one["id"] for one in reversed(more)]
    assert [one.id for one in second.rows] == [payment_id]
    assert [page.has_more for page in (first, second, third)] == [True, False, False]
    assert third.rows == []
    assert first.counts["en-curso"] == 51


# ---- Search --------------------------------------------------------------------------------------


def test_a_payment_is_found_by_whatever_names_it(act, db):
    ana = member("José María", last_name="Ñáñez Gómez", email="jose@pruebas.co", document_number="79123456")
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id)
    settle_one(act, one)
    payment_with_link(act, member("Beto", last_name="Pérez"))
    for text in (
        payment_reference(payment_id),
        payment_reference(payment_id).lower(),
        payment_id,
        payment_id[:8],
        f"  {payment_id}  ",
        load_payment(payment_id).link_id,
        one.id,
        "79123456",
        "jose@pruebas.co",
        "JOSE@Pruebas.co",
        "José María Ñáñez",
        "jose",
        "nanez",
        "NAÑEZ",
        "ñáñez jose",
        "gom mar",
        "GÓMEZ, josé",
    ):
        assert found(text) == [payment_id], text


@pytest.mark.parametrize(
    "text", ["BNF-", "bnf-abc", "7912", "jose@x", "nadie", "jose beto", "%", "_", "...", "'", "1-0-17000", "test_"]
)
def test_what_names_nobody_finds_nothing(act, db, text):
    ana = member("José", last_name="Ñáñez", email="jose@pruebas.co", document_number="79123456")
    settle_one(act, wompi_transaction(payment_with_link(act, ana), DECLINED))
    payment_with_link(act, member("Beto", last_name="Pérez"))
    assert found(text) == []


def test_a_text_is_looked_for_in_all_tabs(act, ana):
    payment_id = paid_payment(act, ana)
    assert found(payment_reference(payment_id), "rechazados") == [payment_id]


@pytest.mark.parametrize(
    "letters", ["áéíóúüñ", "ÁÉÍÓÚÜÑ", "aeiouun", "a\u0301e\u0301i\u0301o\u0301u\u0301u\u0308n\u0303"]
)
def test_accents_and_capitals_do_not_count_in_a_name(act, db, letters):
    payment_id = payment_with_link(act, member("Xáéíóúüñ"))
    other = payment_with_link(act, member("XAEIOUUN"))
    assert set(found(f"x{letters}")) == {payment_id, other}


@pytest.mark.parametrize(
    ("written", "typed"), [("François", "françois"), ("François", "francois"), ("João", "joao"), ("Zoë", "zoe")]
)
def test_letters_that_spanish_has_not_do_not_count_either(act, db, written, typed):
    payment_id = payment_with_link(act, member(written))
    assert found(typed) == [payment_id]


def test_a_name_with_a_hyphen_or_an_apostrophe_is_found_as_it_is_typed(act, db):
    ids = [payment_with_link(act, member(name)) for name in ("Anne-Marie", "D'Angelo")]
    assert [found(text) for text in ("anne-marie", "d'angelo")] == [[ids[0]], [ids[1]]]


def test_days_are_those_of_bogota_from_the_first_to_the_last_included(act, ana):
    moments = [at(text) for text in ("2026-11-19 23:59", "2026-11-20 00:00", "2026-11-21 23:59", "2026-11-22 00:00")]
    ids = [payment_with_link(act, ana, get_plan(f"P{n}"), moment) for n, moment in enumerate(moments)]
    since, until = date(2026, 11, 20), date(2026, 11, 21)
    assert found(since=since, until=until) == [ids[2], ids[1]]
    assert found(since=since) == [ids[3], ids[2], ids[1]]
    assert found(until=until) == [ids[2], ids[1], ids[0]]
    assert found(tab="aprobados", since=since) == []
    assert found(ana.user.email, "rechazados", since=until, until=until) == [ids[2]]


# ---- One payment ---------------------------------------------------------------------------------


def test_the_detail_has_all_that_is_known(act, ana):
    marta = supervisor("Marta")
    payment_id = payment_with_link(act, ana)
    event = act(store_event, StoreEvent(signed_event(), '{"a": 1.50, "ñ": "é"}'), SYSTEM, NOW)[0]
    declined, approved = (
        wompi_transaction(payment_id, DECLINED, created_at=NOW),
        wompi_transaction(payment_id, created_at=NOW + MINUTE),
    )
    settle_one(act, approved, event_id=event.event_id)
    settle_one(act, declined)
    second = wompi_transaction(payment_id, created_at=NOW + HOUR)
    settle_one(act, second)
    act(
        close_review,
        CloseReview(payment_id, PaymentReview.get().id, "Se devolvió"),
        marta.actor,
        NOW + DAY,
    )
    seen = payments_admin.load_payment_detail(WORK, payment_id)
    assert seen.row == payments_admin.load_payment_row(WORK, payment_id)
    assert (seen.member.name, seen.member.email) == (ana.user.name, mask_email(ana.user.email))
    assert ana.user.password_hash not in repr(seen)
    assert (seen.row.id, seen.row.paid_by) == (payment_id, approved.id)
    assert seen.spans == [(NOW, NOW + 365 * DAY)]
    assert [one.id for one in seen.attempts] == [declined.id, approved.id, second.id]
    assert [(one.outcome, one.state, one.copies) for one in seen.events] == [("ACTIVATED", "DONE", 1)]
    assert seen.events[0].body == '{\n  "a": "1.50",\n  "ñ": "é"\n}'
    (review,) = seen.reviews
    assert (review.kind, review.transaction_id, review.note) == (
        ReviewKind.DOUBLE_CHARGE,
        second.id,
        "Se devolvió",
    )
    assert (review.resolved_at, review.resolved_by) == (NOW + DAY, marta.user.name)
    assert seen.open_reviews == []
    assert seen.history == [HistoryEntry(NOW + DAY, "Resuelto: cobro doble", marta.user.name, "Se devolvió")]
    assert (seen.may_activate, seen.may_release) == (False, False)


def test_what_wompi_resolved_itself_names_nobody(act, ana):
    payment_id = payment_with_link(act, ana)
    one = wompi_transaction(payment_id, amount_in_cents=1)
    settle_one(act, one)
    settle_one(act, wompi_transaction(payment_id, VOIDED, id=one.id, amount_in_cents=1))
    (review,) = payments_admin.load_payment_detail(WORK, payment_id).reviews
    assert (review.resolved_by, review.resolved_at) == ("", NOW)


def test_what_may_be_done_about_a_payment(act, ana):
    def may(payment_id):
        seen = payments_admin.load_payment_detail(WORK, payment_id)
        return seen.may_activate, seen.may_release

    waiting, started, in_doubt, odd = (
        payment_with_link(act, ana),
        paid_payment(act, member()),
        open_checkout(act, member()).payment_id,
        open_checkout(act, member()).payment_id,
    )
    act(mark_link_unknown, MarkLinkUnknown(in_doubt, "timeout"), SYSTEM, NOW)
    act(mark_link_unknown, MarkLinkUnknown(odd, "another link", "odd"), SYSTEM, NOW)
    assert [may(id_) for id_ in (waiting, started, in_doubt, odd)] == [
        (True, False),
        (False, False),
        (True, True),
        (True, False),
    ]
    act(cancel_unknown, CancelUnknown(in_doubt, "No hay enlace"), supervisor().actor, NOW)
    assert may(in_doubt) == (True, False)


def test_a_period_without_length_is_not_shown_and_parts_are(act, ana):
    cheap = paid_payment(act, ana, get_cheap_plan())
    paid_payment(act, ana, now=NOW + 100 * DAY)
    renewal = payment_with_link(act, ana)
    one = wompi_transaction(renewal)
    settle_one(act, one, NOW + 101 * DAY)
    settle_one(act, wompi_transaction(renewal, VOIDED, id=one.id), NOW + 102 * DAY)
    assert len(payments_admin.load_payment_detail(WORK, cheap).spans) == 2
    assert payments_admin.load_payment_detail(WORK, renewal).spans == []


def test_the_history_of_another_payment_is_not_shown(act, ana):
    first, second = (open_checkout(act, ana, of).payment_id for of in (get_plan(), get_cheap_plan()))
    for payment_id in (first, second):
        act(mark_link_unknown, MarkLinkUnknown(payment_id, "timeout"), SYSTEM, NOW)
        act(cancel_unknown, CancelUnknown(payment_id, f"Motivo {payment_id}"), supervisor().actor, NOW)
    assert [one.note for one in payments_admin.load_payment_detail(WORK, first).history] == [f"Motivo {first}"]


def test_what_does_not_exist_has_no_detail(db):
    with pytest.raises(NotFound):
        payments_admin.load_payment_detail(WORK, str(uuid.uuid4()))


# ---- Events of nobody ----------------------------------------------------------------------------


def test_events_of_no_payment_are_unmatched_the_newest_first_fifty_at_a_time(act, ana):
    payment_id = payment_with_link(act, ana)
    ids = [act(store_event, StoreEvent(signed_event(f"t{n}"), "{}"), SYSTEM, NOW)[0].event_id for n in range(52)]
    WompiEvent.update(tries=2).execute()
    act(record_event_outcome, EventOutcome(ids[0], "UNKNOWN_LINK", is_final=True), SYSTEM, NOW)
    WompiEvent.update(payment=payment_id).where(WompiEvent.id == ids[51]).execute()
    first, second, third = (payments_admin.list_unmatched_events(WORK, n) for n in (1, 2, 3))
    assert [one.id for one in first.events] == ids[50:0:-1]
    assert [(one.id, one.outcome) for one in second.events] == [(ids[0], "UNKNOWN_LINK")]
    assert [(one.page, one.has_more) for one in (first, second, third)] == [(1, True), (2, False), (3, False)]
    assert payments_admin.load_payment_list(WORK, PaymentListQuery()).unmatched_events == 51
