"""What is stored of a member is erased in place: figures, money and the audit count the same before and after."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import fn

from beneficiate.actions.account_endings import close_account
from beneficiate.actions.erasure_rows import (
    MESSAGES_PER_RUN,
    EraseRows,
    erase_messages,
    erase_payment_details,
    erase_rows,
)
from beneficiate.domain.audit_chain import ChainLink
from beneficiate.domain.erasures import ERASED_NAME, ERASED_TEXT
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import CLOSED, Chat, ChatTag, Message, Rating, Tag
from beneficiate.models.consents import Consent
from beneficiate.models.erasures import ERASED, ERASING, REQUESTED, Erasure
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Payment, PaymentTransaction, Subscription, WompiEvent
from beneficiate.models.people import PersonWord
from beneficiate.queries.audit_chain import find_last_link, verify_next_entries
from beneficiate.queries.erasures import find_events_that_name, hash_document
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.appointment_steps import NOW, book_appointment
from tests.audit import write_audit
from tests.erasure_steps import settle_payment
from tests.factories import agent, beneficiary, direct_chat, member, member_with_plan, professional, support_chat


def due(who, state=REQUESTED):
    return Erasure.create(user=who.id, state=state, code=f"CE-{who.id}", requested_at=NOW, due_at=NOW)


def erase(act, erasure, event_ids=()):
    act(close_account, erasure.id, SYSTEM, NOW)
    while act(erase_messages, erasure.id, SYSTEM, NOW)[0]:
        pass
    act(erase_rows, EraseRows(erasure.id, list(event_ids)), SYSTEM, NOW)


def add_messages(chat, who, count, by="USER"):
    rows = [
        {"chat": chat.id, "seq": seq, "sender_type": by, "sender_id": who, "message": f"texto {seq}",
         "sender_name": "Ana", "client_id": f"{by}{seq}", "sent_at": NOW}
        for seq in range(1, count + 1)
    ]  # fmt: skip
    Message.insert_many(rows).execute()


def totals():
    """Everything that figures, sums of money and the audit count, apart from names."""
    facts = Counter(
        Fact.select(
            Fact.kind, Fact.detail, Fact.chat_id, Fact.span, Fact.payment_id, Fact.agent_id, Fact.topic,
            Fact.duration_s, Fact.value,
        ).tuples()
    )  # fmt: skip
    return {
        "facts": facts,
        "payments": sorted(Payment.select(Payment.id, Payment.user, Payment.amount, Payment.status).tuples()),
        "transactions": sorted(
            PaymentTransaction.select(
                PaymentTransaction.id, PaymentTransaction.status, PaymentTransaction.amount_in_cents
            ).tuples()
        ),
        "paid": Payment.select(fn.SUM(Payment.amount)).scalar(),
        "subscriptions": Subscription.select().count(),
        "appointments": Counter(Appointment.select(Appointment.status, Appointment.specialty).tuples()),
        "chats": Counter(Chat.select(Chat.status, Chat.span, Chat.last_seq, Chat.agent).tuples()),
        "messages": Counter(Message.select(Message.chat, Message.sender_type).tuples()),
        "ratings": Counter(Rating.select(Rating.score, Rating.agent).tuples()),
        "people": (User.select().count(), Beneficiary.select().count(), Consent.select().count()),
        "audit": (AuditEntry.select().count(), find_last_link(UnitOfWork(SYSTEM, NOW))),
    }


def test_account_says_nothing_and_leads_to_nobody(act):
    ana = member("Ana", phone="+573001112233", birth_date=NOW.date())
    son = beneficiary(ana, birth_date=NOW.date())
    uow = UnitOfWork(SYSTEM, NOW)
    known = hash_document(uow, ana.user.document_type, ana.user.document_number)
    erasure = due(ana)
    erase(act, erasure)
    user, son = User.get_by_id(ana.id), Beneficiary.get_by_id(son.id)
    assert (user.name, user.email) == (ERASED_NAME, f"{ana.id}@borrado.invalid")
    assert (user.password_hash, user.phone, user.birth_date, user.is_active) == ("", "", None, False)
    assert (son.first_name, son.last_name, son.document_number, son.birth_date) == ("Persona", "borrada", "", None)
    assert son.removed_at is not None
    assert not PersonWord.select().exists()
    assert Erasure.get_by_id(erasure.id).owner_hash == known
    # Address and document are free.
    columns = ("email", "document_type", "document_number")
    assert member("Ana", **{name: getattr(ana.user, name) for name in columns}).id != ana.id


def test_messages_go_in_parts_whoever_wrote_them(act):
    ana, omar, yuliana = member("Ana"), member("Omar"), agent("Yuliana")
    own, others, direct = support_chat(ana, yuliana), support_chat(omar, yuliana), direct_chat(omar, ana)
    add_messages(own, ana.id, MESSAGES_PER_RUN)
    Message.create(
        chat=own.id, seq=MESSAGES_PER_RUN + 1, sender_type="AGENT", sender_id=yuliana.agent_id, message="Doña Ana",
        sender_name="Yuliana", sent_at=NOW,
    )  # fmt: skip
    add_messages(others, omar.id, 1)
    Message.create(chat=direct.id, seq=1, sender_type="USER", sender_id=ana.id, message="mía", sent_at=NOW)
    Message.create(chat=direct.id, seq=2, sender_type="USER", sender_id=omar.id, message="suya", sent_at=NOW)
    erasure = due(ana)
    parts = [act(erase_messages, erasure.id, SYSTEM, NOW)[0] for _ in range(3)]
    assert parts == [MESSAGES_PER_RUN, 2, 0]
    assert {row.message for row in own.message_set} == {ERASED_TEXT}
    assert {row.sender_name for row in own.message_set} == {ERASED_NAME, "Yuliana"}
    assert [row.message for row in others.message_set] == ["texto 1"]
    assert [row.message for row in direct.message_set.order_by(Message.seq)] == [ERASED_TEXT, "suya"]


def test_words_of_the_company_stay_and_those_about_one_person_go(act):
    ana, omar, yuliana = member(), member(), agent()
    mine, others = support_chat(ana, yuliana), support_chat(omar, yuliana)
    for chat, names in ((mine, ("citas", "la señora Rojas")), (others, ("citas",))):
        for name in names:
            tag, _ = Tag.get_or_create(name=name, defaults={"folded": name})
            ChatTag.create(chat=chat.id, tag=tag.id)
    erase(act, due(ana))
    assert [row.name for row in Tag.select()] == ["citas"]
    assert ChatTag.select().count() == 2


def test_what_wompi_says_goes_also_when_it_comes_later(act):
    ana, omar = member(), member()
    own, others = settle_payment(ana, NOW), settle_payment(omar, NOW)
    PaymentTransaction.update(method_detail="VISA 4242", reason="Fondos").execute()
    body = json.dumps({"customer_email": ana.user.email})
    event = {"name": "transaction.updated", "state": "DONE", "received_at": NOW, "body": body}
    WompiEvent.create(dedupe_key="a", payment=own, **event)
    unmatched = WompiEvent.create(dedupe_key="b", **event)
    WompiEvent.create(dedupe_key="c", **{**event, "body": '{"customer_email": "otra@x.co"}'})
    erasure = due(ana)
    named = find_events_that_name(UnitOfWork(SYSTEM, NOW), erasure.id)
    assert named == [unmatched.id]
    erase(act, erasure, named)
    bodies = {row.dedupe_key: row.body for row in WompiEvent.select()}
    assert bodies == {"a": "{}", "b": "{}", "c": '{"customer_email": "otra@x.co"}'}
    details = {row.payment_id: (row.method_detail, row.reason) for row in PaymentTransaction.select()}
    assert details == {own: ("", ""), others: ("VISA 4242", "Fondos")}
    late = f"1-{own[:8]}"
    WompiEvent.create(dedupe_key="d", transaction_id=late, **event)
    act(erase_payment_details, ana.id, SYSTEM, NOW)
    assert WompiEvent.get(WompiEvent.dedupe_key == "d").body == "{}"


def test_events_of_others_that_only_look_alike_stay(act, db):
    ana = member(email="ana@x.co", document_number="4990", phone="+573001112233")
    others = ({"customer_email": "mariana@x.co"}, {"amount_in_cents": 4990000, "legal_id": "24990"}, {"at": "4990-1"})
    theirs = ({"customer_email": "Ana@x.co"}, {"data": [{"legal_id": "4990"}]}, {"phone_number": "573001112233"})
    event = {"name": "transaction.updated", "state": "DONE", "received_at": NOW}
    ids = [
        WompiEvent.create(dedupe_key=str(number), body=json.dumps(body), **event).id
        for number, body in enumerate((*others, *theirs))
    ]
    assert sorted(find_events_that_name(UnitOfWork(SYSTEM, NOW), due(ana).id)) == ids[len(others) :]


def test_proof_of_a_consent_is_its_time_and_a_keyed_hash(act):
    ana = member()
    Consent.create(user=ana.id, kind="personal_data", version="1", address="190.1.2.3", given_at=NOW)
    erasure = due(ana)
    for _ in range(2):
        erase(act, erasure)
    row = Consent.get()
    assert (row.kind, row.version, row.given_at) == ("personal_data", "1", NOW)
    assert row.address == UnitOfWork(SYSTEM, NOW).rules.hashes.digest("address", "190.1.2.3")


@pytest.mark.parametrize("state", [REQUESTED, ERASED])
def test_rows_are_erased_only_while_it_goes_on(act, state):
    ana = member("Ana")
    act(erase_rows, EraseRows(due(ana, state).id, []), SYSTEM, NOW)
    assert User.get_by_id(ana.id).first_name == "Ana"


def test_what_was_under_way_as_the_account_closed_ends_too(act):
    ana = member()
    erasure = due(ana)
    act(close_account, erasure.id, SYSTEM, NOW)
    late = support_chat(ana, None)
    act(erase_rows, EraseRows(erasure.id, []), SYSTEM, NOW)
    assert (Chat.get_by_id(late.id).status, Erasure.get().state) == (CLOSED, ERASING)


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_totals_are_the_same_before_and_after_whoever_is_erased(act, db, data):
    """Of random members with chats, ratings, appointments, payments and audited acts, a random one is erased."""
    with db.atomic() as part:
        desk = agent()
        people = [member_with_plan(f"Ana{number}") for number in range(data.draw(st.integers(1, 3)))]
        for who in people:
            _live(act, desk, who, data)
        erased = data.draw(st.sampled_from(people))
        erasure = due(erased)
        # What ends is told as such, and counted; what follows changes no figure.
        act(close_account, erasure.id, SYSTEM, NOW)
        before = totals()
        erase(act, erasure)
        assert totals() == before
        assert verify_next_entries(UnitOfWork(SYSTEM, NOW), ChainLink()).broken_at is None
        others = [User.get_by_id(who.id).name for who in people if who is not erased]
        assert ERASED_NAME not in others
        part.rollback()


def _live(act, desk, who, data):
    for _ in range(data.draw(st.integers(0, 2))):
        chat = support_chat(who, desk, status=CLOSED, closed_at=NOW)
        add_messages(chat, who.id, data.draw(st.integers(0, 3)))
        if data.draw(st.booleans()):
            Rating.create(chat=chat.id, agent=desk.agent_id, score=data.draw(st.integers(1, 5)), created_at=NOW)
        reason = data.draw(st.sampled_from(["", "Tiene fiebre"]))
        write_audit(UnitOfWork(desk.actor, NOW), "chats.give", f"chat:{chat.id}", reason, {}, who.id)
    if data.draw(st.booleans()):
        book_appointment(act, who, who, professional(), NOW + timedelta(days=2))
    for _ in range(data.draw(st.integers(0, 2))):
        settle_payment(who, NOW)
    for _ in range(data.draw(st.integers(0, 2))):
        beneficiary(who)
    Consent.create(user=who.id, kind="personal_data", version="1", address="10.0.0.1", given_at=NOW)
