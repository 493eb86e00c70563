"""What a member's own page shows: their own and nothing else, and never what the staff tell each other."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from beneficiate.domain.booking.lifecycle import ATTENDED, CANCELLED, CONFIRMED, PENDING
from beneficiate.errors import NotFound
from beneficiate.models.accounts import API_SIGN_IN, PAGE_SIGN_IN, SignIn
from beneficiate.models.appointments import Appointment
from beneficiate.models.chats import CLOSED, Message, Note
from beneficiate.models.consents import Consent
from beneficiate.queries import account_page, beneficiaries
from beneficiate.queries.consents import PERSONAL_DATA
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.account import ConsentView
from tests.factories import (
    add_plan,
    agent,
    beneficiary,
    direct_chat,
    member,
    member_with_plan,
    specialty,
    supervisor,
    support_chat,
    township,
)

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
_numbers = count(1)


def load(who, token=""):
    return account_page.load_account_page(UnitOfWork(who.actor, NOW), token)


def read(who, chat, before=None):
    return account_page.load_transcript(UnitOfWork(who.actor, NOW), account_page.TranscriptQuery(chat.id, before))


def appointment(of, status, starts_at=None):
    number = f"APT-{next(_numbers):05}-0001"
    Appointment.create(
        ticket_number=number,
        user=of.id,
        specialty=specialty(),
        township=township(),
        status=status,
        first_time=True,
        notes="",
        starts_at=starts_at,
        duration_minutes=30 if starts_at else None,
        created_at=NOW,
        updated_at=NOW,
    )
    return number


def say(chat, seq, sender_type, sender_id, text, sender_name=""):
    sender = {"sender_type": sender_type, "sender_id": sender_id, "sender_name": sender_name}
    Message.create(chat=chat, seq=seq, message=text, sent_at=NOW, **sender)
    type(chat).update(last_seq=seq, last_line=text).where(type(chat).id == chat.id).execute()


def test_who_has_nothing_sees_nothing(db):
    seen = load(member())
    assert (seen.plan, seen.most, seen.consent) == (None, 0, None)
    assert not any(
        getattr(seen, part) for part in ("queued", "people", "upcoming", "past", "payments", "chats", "devices")
    )


def test_the_plan_that_runs_and_those_after_it(db):
    ana = member()
    add_plan(ana, starts_at=NOW - 2 * DAY, ends_at=NOW - DAY)
    add_plan(ana, starts_at=NOW + DAY, ends_at=NOW + 9 * DAY)
    assert (load(ana).plan, len(load(ana).queued)) == (None, 1)
    add_plan(ana, starts_at=NOW - DAY, ends_at=NOW + DAY)
    seen = load(ana)
    assert (seen.plan.ends_at, seen.most) == (NOW + DAY, 4)
    assert [one.ends_at for one in seen.queued] == [NOW + 9 * DAY]


def test_beneficiaries_are_ones_own_and_not_removed(db):
    ana = member_with_plan()
    beneficiary(member_with_plan())
    beneficiary(ana, removed_at=NOW)
    row = beneficiary(ana, birth_date=date(2014, 1, 1), document_number="123456")
    beneficiary(ana)
    first, second = load(ana).people
    assert (first.id, first.age, first.document) == (row.id, beneficiaries.bogota_today(NOW).year - 2014, "TI 123456")
    assert second.age is None
    with pytest.raises(NotFound):
        beneficiaries.load_beneficiary_form(UnitOfWork(member().actor, NOW), row.id)


def test_appointments_are_to_come_or_over(db):
    ana = member()
    appointment(member(), PENDING)
    times = ((PENDING,), (CONFIRMED, NOW + 2 * DAY), (CONFIRMED, NOW + DAY))
    waiting, later, soon = (appointment(ana, *of) for of in times)
    old, unnoted = appointment(ana, ATTENDED, NOW - 9 * DAY), appointment(ana, CONFIRMED, NOW - DAY)
    cancelled = appointment(ana, CANCELLED)
    seen = load(ana)
    assert [one.payload.ticket_number for one in seen.upcoming] == [soon, later, waiting]
    assert [one.payload.ticket_number for one in seen.past] == [cancelled, unnoted, old]
    assert seen.past[0].badge.label == "Cancelada"


def test_the_devices_are_those_that_are_signed_in_this_one_first(db):
    ana = member()
    for family, kind, of, changes in (
        ("this", PAGE_SIGN_IN, ana, {}),
        ("phone", API_SIGN_IN, ana, {}),
        ("over", PAGE_SIGN_IN, ana, {"expires_at": NOW - DAY}),
        ("ended", PAGE_SIGN_IN, ana, {"ended_at": NOW - DAY}),
        ("other", PAGE_SIGN_IN, member(), {}),
    ):
        given = {"family": family, "kind": kind, "user": of.id, "secret_hash": "x", "created_at": NOW}
        SignIn.create(**{**given, "expires_at": NOW + DAY, **changes})
    devices = load(ana, "this.secret").devices
    assert [(device.kind, device.is_this) for device in devices] == [(PAGE_SIGN_IN, True), (API_SIGN_IN, False)]


def test_the_last_agreement_counts(db):
    ana = member()
    given = {"user": ana.id, "kind": PERSONAL_DATA, "address": ""}
    Consent.create(**given, version="0", given_at=NOW - 2 * DAY, withdrawn_at=NOW - DAY)
    Consent.create(**given, version="1", given_at=NOW)
    Consent.create(**{**given, "kind": "letters"}, version="7", given_at=NOW)
    assert load(ana).consent == ConsentView("1", NOW, None)


def test_last_chats_show_who_answered(db):
    ana, yuliana = member(), agent("Yuliana")
    for age in range(6):
        support_chat(ana, yuliana, status=CLOSED, updated_at=NOW - age * DAY, last_line=f"Gracias {age}")
    direct_chat(ana, member())
    chats = load(ana).chats
    assert [chat.payload.last_message for chat in chats] == [f"Gracias {age}" for age in range(5)]
    assert chats[0].payload.agent.first_name == "Yuliana"


def test_a_transcript_is_what_was_said_and_no_note(db):
    ana, yuliana = member(), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    said = [
        ("USER", ana.id, "Hola"),
        ("BOT", None, "¿En qué ayudo?"),
        ("SYSTEM", None, "Yuliana se unió."),
        ("AGENT", yuliana.agent_id, "Buenas", "Yuliana Castaño"),
    ]
    for seq, line in enumerate(said, 1):
        say(chat, seq, *line)
    Note.create(chat=chat, author=yuliana.id, text="Ojo: debe dos cuotas", after_seq=2, created_at=NOW)
    found = read(ana, chat)
    assert [(line.kind, line.author, line.text) for line in found.messages] == [
        ("own", "", "Hola"),
        ("other", "", "¿En qué ayudo?"),
        ("system", "", "Yuliana se unió."),
        ("other", "Yuliana Castaño", "Buenas"),
    ]
    assert (found.older, found.has_newer) == (None, False)
    assert "Ojo" not in repr(found)


def test_a_very_long_transcript_comes_in_pages(db, monkeypatch):
    monkeypatch.setattr(account_page, "TRANSCRIPT_MESSAGES", 2)
    ana = member()
    chat = support_chat(ana, None)
    for seq in range(1, 6):
        say(chat, seq, "USER", ana.id, str(seq))
    newest = read(ana, chat)
    middle = read(ana, chat, newest.older)
    assert ([line.text for line in newest.messages], newest.has_newer) == (["4", "5"], False)
    assert ([line.text for line in middle.messages], middle.older, middle.has_newer) == (["2", "3"], 2, True)
    assert read(ana, chat, middle.older).older is None


def test_a_transcript_is_for_its_member_alone(db):
    ana, yuliana = member(), agent()
    support, direct = support_chat(ana, yuliana), direct_chat(ana, member())
    for who, chat in ((member(), support), (yuliana, support), (supervisor(), support), (ana, direct)):
        with pytest.raises(NotFound):
            read(who, chat)
