"""Whether reasons of appointments may be stored follows from what a member decided."""

from datetime import UTC, datetime

import pytest

from beneficiate.models.consents import Consent
from beneficiate.queries.consents import HEALTH_DATA, PERSONAL_DATA, find_consent, find_reason_consents, may_ask_reason
from tests.factories import member

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("decided", "agreed"),
    [
        ([], None),
        ([(PERSONAL_DATA, None)], False),
        ([(PERSONAL_DATA, None), (HEALTH_DATA, None)], True),
        ([(HEALTH_DATA, NOW)], False),
        ([(HEALTH_DATA, NOW), (HEALTH_DATA, None)], True),
        ([(PERSONAL_DATA, NOW), (HEALTH_DATA, None)], True),
    ],
)
def test_reasons_are_asked_for_with_a_consent_or_before_anything_was_decided(db, decided, agreed):
    ana, other = member(), member()
    Consent.create(user=other.id, kind=HEALTH_DATA, version="1", address="", given_at=NOW)
    for kind, withdrawn_at in decided:
        Consent.create(user=ana.id, kind=kind, version="1", address="", given_at=NOW, withdrawn_at=withdrawn_at)
    assert find_reason_consents([ana.id, other.id]) == {ana.id: agreed, other.id: True}
    assert may_ask_reason(ana.id) is (agreed is not False)


def test_last_consent_of_a_kind_is_found(db):
    ana = member()
    for version in ("0", "1"):
        Consent.create(user=ana.id, kind=HEALTH_DATA, version=version, address="", given_at=NOW)
    assert find_consent(ana.id, HEALTH_DATA).version == "1"
    assert find_consent(ana.id, PERSONAL_DATA) is None
