"""Consents are stored with the version of the text, time and address, and can be withdrawn."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from beneficiate.actions import consents
from beneficiate.actions.consents import GrantConsent
from beneficiate.errors import Conflict
from beneficiate.models.consents import Consent
from beneficiate.queries.account_page import CONSENT_TEXT_VERSION, PERSONAL_DATA
from tests.factories import member

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
TODAYS = GrantConsent(CONSENT_TEXT_VERSION, "10.0.0.1")
TEXTS = {"1": "9d232cfb404fdb20a13541f1f43db12b793717bb244c1b6af395f512e5831eb1"}
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
    act(consents.withdraw_consent, None, ana.actor, later)
    act(consents.withdraw_consent, None, ana.actor, later + timedelta(hours=1))
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
    assert CONSENT_TEXT_VERSION in TEXTS
