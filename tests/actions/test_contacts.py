"""A member's contact is masked for the staff; each access to it is audited."""

import json

import pytest

from beneficiate.actions.contacts import RevealContact, record_lookup, reveal_contact
from beneficiate.domain.erasures import ERASED_EMAIL_DOMAIN
from beneficiate.errors import NotFound
from beneficiate.models.accounts import User
from beneficiate.models.audit import AuditEntry
from beneficiate.queries.lookups import PersonLookup
from beneficiate.queries.member_panel import load_member_panel
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.member_panel import MemberContact
from tests.domain.booking.moments import at
from tests.factories import agent, direct_chat, member, supervisor, support_chat

NOW = at("2026-11-25 10:00")


@pytest.fixture
def ana(db):
    return member("Ana", email="anamaria@x.co", document_number="52803456", phone="+57 300 111 7821")


def test_staff_sees_the_end_of_it_only(ana):
    chat, marta = support_chat(ana, agent()), supervisor()
    masked = MemberContact("CC •••• 3456", "•••• 7821", "an••••@x.co", is_masked=True)
    for who in (agent(), marta):
        assert load_member_panel(UnitOfWork(who.actor, NOW), chat.id).contact == masked
    assert not AuditEntry.select().exists()


def test_who_has_no_telephone_shows_none(db):
    chat = support_chat(member("Ana", phone=""), None)
    assert load_member_panel(UnitOfWork(agent().actor, NOW), chat.id).contact.phone == ""


def test_each_access_to_a_contact_is_audited(act, ana):
    yuliana = agent()
    chat = support_chat(ana, yuliana)
    for _ in range(2):
        contact, _ = act(reveal_contact, RevealContact(chat.id), yuliana.actor)
    assert contact == MemberContact("CC 52803456", "+57 300 111 7821", "anamaria@x.co")
    entries = list(AuditEntry.select())
    assert [(one.what, one.subject, one.actor_id, one.address) for one in entries] == [
        ("people.reveal", f"user:{ana.id}", yuliana.id, "")
    ] * 2
    assert json.loads(entries[0].after) == {"chat": chat.id}
    # The audit entry is no copy of the contact either.
    assert "52803456" not in entries[0].before + entries[0].after + entries[0].reason


def test_of_who_was_erased_nothing_is_offered_and_no_access_is_audited(act, ana):
    yuliana = agent()
    chat = support_chat(ana, yuliana)
    User.update(email=f"{ana.id}@{ERASED_EMAIL_DOMAIN}").where(User.id == ana.id).execute()
    contact, _ = act(reveal_contact, RevealContact(chat.id), yuliana.actor)
    shown = load_member_panel(UnitOfWork(yuliana.actor, NOW), chat.id).contact
    assert contact == shown == MemberContact("", "", "", is_erased=True)
    assert not AuditEntry.select().exists()


def test_others_see_no_contact_and_nothing_is_audited(act, ana):
    yuliana, beto = agent(), member()
    chat = support_chat(ana, yuliana)
    for who, chat_id in (
        (beto, chat.id),
        (ana, chat.id),
        (yuliana, direct_chat(ana, beto).id),
        (yuliana, 2_000_000_000),
    ):
        with pytest.raises(NotFound):
            act(reveal_contact, RevealContact(chat_id), who.actor)
    assert not AuditEntry.select().exists()


def test_searches_for_a_person_are_audited_and_masked(act, ana):
    yuliana, german = agent(), agent()
    document, email = PersonLookup("document", "52803456"), PersonLookup("email", "anamaria@x.co")
    steps = [(document, yuliana), (email, yuliana), (document, german)]
    steps += [(PersonLookup("name", "rojas mejía"), yuliana)]
    for what, who in steps:
        act(record_lookup, what, who.actor, NOW)
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [(one.what, one.actor_id, one.reason) for one in entries] == [
        ("people.search", yuliana.id, "•••• 3456"),
        ("people.search", yuliana.id, "an••••@x.co"),
        ("people.search", german.id, "•••• 3456"),
        ("people.search", yuliana.id, "••••"),
    ]
    assert {one.subject.split(":")[0] for one in entries} == {"document", "email", "name"}


@pytest.mark.parametrize("text", ["1234\0", "\ud8001234", "9" * 5000])
def test_any_text_that_was_searched_can_be_recorded(act, ana, text):
    act(record_lookup, PersonLookup("document", text), agent().actor)
    assert AuditEntry.select().count() == 1
