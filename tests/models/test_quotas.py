"""What a person has used of a quota is one row."""

from datetime import UTC, datetime

import pytest
from peewee import IntegrityError

from beneficiate.models.quotas import QuotaUse
from tests.factories import member

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_person_has_one_row_for_each_quota(db):
    ana = member()
    QuotaUse.create(user=ana.id, quota="bookings", began_at=NOW)
    QuotaUse.create(user=ana.id, quota="uploads", used=7, began_at=NOW)
    assert [row.used for row in QuotaUse.select().order_by(QuotaUse.id)] == [0, 7]
    with db.atomic(), pytest.raises(IntegrityError):
        QuotaUse.create(user=ana.id, quota="bookings", began_at=NOW)
