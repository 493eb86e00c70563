"""The demo data is consistent, and loading it again adds nothing."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from beneficiate.demo.dataset import load_demo_data
from beneficiate.domain.booking.business_hours import is_open_at
from beneficiate.formatting import BOGOTA
from beneficiate.models import TABLES
from beneficiate.models.accounts import Agent, Beneficiary, User
from beneficiate.models.chats import CLOSED, DIRECT, SUPPORT, Chat, Message
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Plan, Subscription
from beneficiate.queries.business_hours import load_business_hours

HOLIDAY = date(2026, 8, 17)
"""A Monday."""
NOW = datetime.combine(HOLIDAY, datetime.min.time(), BOGOTA) + timedelta(hours=15)


@pytest.fixture
def inventory(load_once):
    """Load the demo data; return the counts that are printed."""
    return load_once("dataset", lambda: load_demo_data("hash", NOW))


def test_second_run_adds_nothing(inventory):
    before = _counts()
    assert load_demo_data("another hash", NOW) == inventory
    assert _counts() == before
    assert not User.select().where(User.password_hash != "hash").exists()


def test_changes_by_hand_stay(inventory):
    Agent.update(agent_code="AG-900").where(Agent.agent_code == "AG-006").execute()
    User.update(email="otra@example.com").where(User.email == "ana@demo.beneficiate.co").execute()
    Plan.update(price=1).execute()
    Subscription.delete().execute()
    before = _counts()
    load_demo_data("hash", NOW)
    assert _counts() == before
    assert {plan.price for plan in Plan} == {1}


def test_deleted_person_is_added_again(inventory):
    before = _counts()
    User.delete().where(User.email == "kelly.barrios@demo.beneficiate.co").execute()
    assert load_demo_data("hash", NOW) == inventory
    assert _counts() == before


def test_named_people_have_the_documented_data(inventory):
    ana = User.get(User.email == "ana@demo.beneficiate.co")
    assert (ana.name, ana.document_number, ana.township.code) == ("Ana María Rojas", "52123456", "11001")
    covered = Beneficiary.select().where(Beneficiary.user == ana)
    assert {(person.first_name, person.document_type, person.document_number) for person in covered} == {
        ("Mateo", "TI", "1012345678"),
        ("Elena", "CC", "41999888"),
    }
    luis = User.get(User.email == "luis@demo.beneficiate.co")
    assert not Subscription.select().where(Subscription.user == luis).exists()
    documents = [(row.document_type, row.document_number) for table in (User, Beneficiary) for row in table]
    assert len(set(documents)) == len(documents)
    for running in Subscription.select():
        covered_count = Beneficiary.select().where(Beneficiary.user == running.user).count()
        assert covered_count <= running.plan.max_beneficiaries


def test_chat_counters_match_their_messages(inventory):
    assert {chat.status for chat in Chat} == {"ACTIVE", CLOSED}
    for chat in Chat:
        lines = list(Message.select().where(Message.chat == chat).order_by(Message.seq))
        assert [line.seq for line in lines] == list(range(1, chat.last_seq + 1))
        assert 4 <= len(lines) <= 18
        times = [chat.created_at, *(line.sent_at for line in lines)]
        assert times == sorted(times)
        last_of_person = [line.message for line in lines if line.sender_type != "SYSTEM"][-1]
        assert (chat.last_line, chat.updated_at) == (last_of_person, times[-1])
        other = ("AGENT", chat.agent_id) if chat.kind == SUPPORT else ("USER", chat.peer_id)
        _check_side(lines, other, chat.user_read_seq, chat.user_delivered_seq, chat.user_unread)
        _check_side(lines, ("USER", chat.user_id), chat.other_read_seq, chat.other_delivered_seq, chat.other_unread)
        senders = {(line.sender_type, line.sender_id) for line in lines}
        assert senders - {("SYSTEM", None)} == {other, ("USER", chat.user_id)}
        is_closed = chat.status == CLOSED
        assert (lines[-1].sender_type == "SYSTEM") == is_closed
        assert (chat.closed_at, chat.closed_by is not None) == ((times[-1], True) if is_closed else (None, False))
    load = Counter(chat.agent.agent_code for chat in Chat.select().where(Chat.kind == SUPPORT, Chat.status != CLOSED))
    assert load == {"AG-001": 6, "AG-002": 3, "AG-003": 3, "AG-004": 3, "AG-005": 3, "AG-006": 3}
    assert Chat.select().where(Chat.kind == DIRECT).count() == 1


def test_call_centre_is_open_at_every_hour_also_on_a_holiday(inventory):
    midnight = datetime.combine(HOLIDAY, datetime.min.time(), BOGOTA)
    for hours in range(0, 7 * 24, 5):
        assert is_open_at(midnight + timedelta(hours=hours), load_business_hours()), hours


def _check_side(lines, theirs, read, delivered, unread):
    assert 0 <= read <= delivered <= len(lines)
    assert unread == sum(line.seq > read and (line.sender_type, line.sender_id) == theirs for line in lines)


def _counts():
    # Facts outlive whom they tell of.
    return {table.__name__: table.select().count() for table in TABLES if table is not Fact}
