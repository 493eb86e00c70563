"""Masks and ages of the member's panel."""

from datetime import UTC, date, datetime

import pytest

from beneficiate.models.accounts import User
from beneficiate.views.member_panel import MemberContact, age_at


@pytest.mark.parametrize(("code", "kind"), [("CC", "CC"), ("OTHER", "Otro documento"), ("PASSPORT", "Pasaporte")])
def test_masked_contact_keeps_the_kind_of_document(code, kind):
    user = User(document_type=code, document_number="52803456", phone="+57 300 111 7821", email="anamaria@x.co")
    contact = MemberContact.from_user(user)
    assert contact == MemberContact(f"{kind} 52803456", "+57 300 111 7821", "anamaria@x.co")
    assert contact.mask() == MemberContact(f"{kind} •••• 3456", "•••• 7821", "an••••@x.co", is_masked=True)


@pytest.mark.parametrize(
    ("birth_date", "age"), [(date(1990, 8, 25), 36), (date(1990, 8, 26), 35), (date(2026, 8, 25), 0), (None, None)]
)
def test_age_is_counted_in_bogota(birth_date, age):
    # 23:30 of 25 August in Bogotá.
    assert age_at(birth_date, datetime(2026, 8, 26, 4, 30, tzinfo=UTC)) == age
