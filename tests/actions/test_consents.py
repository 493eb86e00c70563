"""Consents are stored with the version of the text, time and address, and can be withdrawn."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beneficiate.actions import consents
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.actions.consents import GrantConsent, WithdrawConsent
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.bot.sentences import ASK_DESCRIPTION
from beneficiate.errors import Conflict
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.queries.consents import (
    CHAT_TEXT_VERSION,
    CONSENT_TEXT_VERSION,
    HEALTH_DATA,
    PERSONAL_DATA,
    PHONE_TEXT_VERSION,
)
from tests.actions.appointment_steps import EIGHT_OCLOCK, HALF_PAST, book_appointment, timed_request_command
from tests.actions.appointment_steps import NOW as MONDAY
from tests.factories import agent, member, member_with_plan, professional

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
TODAYS = GrantConsent(CONSENT_TEXT_VERSION, "10.0.0.1")
TEXTS = {
    "1": "9d232cfb404fdb20a13541f1f43db12b793717bb244c1b6af395f512e5831eb1",
    "1-chat": "88340fabd43635fdf9558d50fde05efdff6b38ad37840f622e76d427fb9a241d",
    "1-phone": "e4079efb9da3d39c7a4a23db096c4c01174cb16acb76e0f8224829423c395bb8",
}
"""The SHA-256 of every text that members may have consented to: none of them may ever change."""


def test_it_is_kept_with_its_version_time_and_address(act, db):
    ana = member()
    for minutes in (0, 5):
        act(consents.grant_consent, TODAYS, ana.actor, NOW + timedelta(minutes=minutes))
    row = Consent.get()
    assert (row.user_id, row.kind, row.version, row.address) == (
        ana.id,
        PERSONAL_DATA,
        CONSENT_TEXT_VERSION,
        "10.0.0.1",
    )
    assert (row.given_at, row.withdrawn_at) == (NOW, None)


def test_text_that_is_not_todays_is_not_agreed_to(act, db):
    for version in ("0", "", "2"):
        with pytest.raises(Conflict):
            act(consents.grant_consent, GrantConsent(version, "10.0.0.1"), member().actor)
    assert not Consent.select().exists()


def test_it_is_revoked_and_may_be_given_again(act, db):
    ana, beto = member(), member()
    Consent.create(user=ana.id, kind=PERSONAL_DATA, version="0", address="", given_at=NOW - timedelta(days=90))
    Consent.create(user=ana.id, kind="letters", version="1", address="", given_at=NOW)
    act(consents.grant_consent, TODAYS, ana.actor, NOW)
    act(consents.grant_consent, TODAYS, beto.actor, NOW)
    later = NOW + timedelta(hours=1)
    act(consents.withdraw_consent, WithdrawConsent(), ana.actor, later)
    act(consents.withdraw_consent, WithdrawConsent(), ana.actor, later + timedelta(hours=1))
    withdrawn = {(row.user_id, row.kind, row.version): row.withdrawn_at for row in Consent}
    assert withdrawn == {
        (ana.id, PERSONAL_DATA, "0"): later,
        (ana.id, PERSONAL_DATA, CONSENT_TEXT_VERSION): later,
        (ana.id, "letters", "1"): None,
        (beto.id, PERSONAL_DATA, CONSENT_TEXT_VERSION): None,
    }
    act(consents.grant_consent, TODAYS, ana.actor, later)
    assert Consent.select().where(Consent.user == ana.id, Consent.withdrawn_at.is_null()).count() == 2


def test_text_that_people_agreed_to_stays_as_it_was():
    folder = Path(__file__).parents[2] / "templates" / "account"
    found = {path.stem[9:]: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("consent_v*.html")}
    assert found == TEXTS
    assert {CONSENT_TEXT_VERSION, CHAT_TEXT_VERSION, PHONE_TEXT_VERSION} <= set(TEXTS)


def test_text_of_the_bot_is_what_the_bot_says_and_the_dialog_sends_the_version_that_it_shows():
    folder = Path(__file__).parents[2] / "templates"
    assert (folder / f"account/consent_v{CHAT_TEXT_VERSION}.html").read_text("utf-8") == f"<p>{ASK_DESCRIPTION}</p>\n"
    dialog = (folder / "appointments/_phone.html").read_text("utf-8")
    shown = re.findall(r'account/consent_v(.+?)\.html|id="phone-consent" value="(.+?)"', dialog)
    assert shown == [(PHONE_TEXT_VERSION, ""), ("", PHONE_TEXT_VERSION)]


def test_withdrawing_that_to_health_data_deletes_the_reasons_and_none_is_stored_until_it_is_given_again(act, db):
    ana, beto, whom = member_with_plan("Ana"), member_with_plan("Beto"), professional()
    for who in (ana, beto):
        book_appointment(act, who, who, whom, EIGHT_OCLOCK if who is ana else HALF_PAST, consent_version="1")
    Dialogue.create(user=ana.id, draft="{}", updated_at=NOW)
    act(consents.grant_consent, GrantConsent(CONSENT_TEXT_VERSION, "10.0.0.1", HEALTH_DATA), ana.actor)
    for _ in range(2):
        act(consents.withdraw_consent, WithdrawConsent(HEALTH_DATA), ana.actor)
    reasons = dict(Appointment.select(Appointment.user, Appointment.notes).tuples())
    assert reasons == {ana.id: NO_REASON, beto.id: "Dolor de rodilla"}
    assert not Dialogue.select().exists()
    withdrawal = AuditEntry.get(AuditEntry.what == "consents.withdraw")
    assert (withdrawal.actor_id, withdrawal.person_id) == (ana.id, ana.id)
    assert json.loads(withdrawal.before)["reasons"] == 1
    agents = agent()
    assert book_appointment(act, agents, ana, whom, EIGHT_OCLOCK + timedelta(hours=1)).notes == NO_REASON
    act(consents.grant_consent, GrantConsent(CONSENT_TEXT_VERSION, "10.0.0.1", HEALTH_DATA), ana.actor)
    assert book_appointment(act, agents, ana, whom, EIGHT_OCLOCK + timedelta(hours=2)).notes == "Dolor de rodilla"


def test_who_never_agreed_to_it_refuses_health_data_once(act, db):
    ana = member()
    for _ in range(2):
        act(consents.withdraw_consent, WithdrawConsent(HEALTH_DATA, "10.0.0.1"), ana.actor, NOW)
    row = Consent.get()
    assert (row.kind, row.given_at, row.withdrawn_at, row.address) == (HEALTH_DATA, NOW, NOW, "10.0.0.1")
    act(consents.withdraw_consent, WithdrawConsent(), ana.actor, NOW)
    assert Consent.select().count() == 1


def consents_of(who):
    """Return the consents to health data: version, address, and whether they hold."""
    rows = Consent.select().where(Consent.user == who.id, Consent.kind == HEALTH_DATA).order_by(Consent.id)
    return [(row.version, row.address, row.withdrawn_at is None) for row in rows]


def test_reason_is_stored_with_the_consent_that_is_given_with_it_and_not_without(act, db):
    ana, whom = member_with_plan(), professional()
    member_of_web = replace(ana.actor, address="203.0.113.7")
    without, _ = act(request_appointment, timed_request_command(ana, whom, EIGHT_OCLOCK), member_of_web, MONDAY)
    assert (without.notes, consents_of(ana)) == (NO_REASON, [])
    Appointment.update(status="CANCELLED").execute()
    for version in ("0", "1-phone"):
        wanted = timed_request_command(ana, whom, HALF_PAST, consent_version=version)
        with pytest.raises(Conflict):
            act(request_appointment, wanted, member_of_web, MONDAY)
    wanted = timed_request_command(ana, whom, HALF_PAST, consent_version="1")
    given, _ = act(request_appointment, wanted, member_of_web, MONDAY)
    assert (given.notes, consents_of(ana)) == ("Dolor de rodilla", [("1", "203.0.113.7", True)])
    entry = AuditEntry.get(AuditEntry.what == "consents.grant")
    assert (entry.actor_id, entry.person_id, json.loads(entry.after)["version"]) == (ana.id, ana.id, "1")


def test_staff_store_what_was_consented_to_by_telephone_but_not_against_a_refusal(act, db):
    ana, beto, desk, whom = member_with_plan("Ana"), member_with_plan("Beto"), agent(), professional()
    act(consents.withdraw_consent, WithdrawConsent(HEALTH_DATA), beto.actor)
    told = {"consent_version": PHONE_TEXT_VERSION}
    with pytest.raises(Conflict):
        book_appointment(act, desk, ana, whom, EIGHT_OCLOCK, consent_version=CONSENT_TEXT_VERSION)
    notes = [
        book_appointment(act, desk, who, whom, starts_at, **more).notes
        for who, starts_at, more in (
            (ana, EIGHT_OCLOCK, {}),
            (ana, HALF_PAST, told),
            (ana, EIGHT_OCLOCK + timedelta(hours=1), {}),
            (beto, EIGHT_OCLOCK + timedelta(hours=2), told),
        )
    ]
    assert notes == [NO_REASON, "Dolor de rodilla", "Dolor de rodilla", NO_REASON]
    assert (consents_of(ana), consents_of(beto)) == ([(PHONE_TEXT_VERSION, "", True)], [("1", "", False)])
    entry = AuditEntry.get(AuditEntry.what == "consents.by_phone")
    assert (entry.actor_id, entry.person_id) == (desk.id, ana.id)
