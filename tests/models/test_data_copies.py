"""A member has one copy that is being written, and as many as they like that are done."""

from datetime import UTC, datetime

import peewee
import pytest

from beneficiate.models.data_copies import READY_COPY, DataCopy
from tests.factories import member

NOW = datetime(2026, 8, 25, 15, tzinfo=UTC)


def test_two_copies_of_one_member_are_not_written_at_once(db):
    ana = member()
    for _ in range(2):
        DataCopy.create(user=ana.id, status=READY_COPY, requested_at=NOW)
    DataCopy.create(user=ana.id, requested_at=NOW)
    DataCopy.create(user=member().id, requested_at=NOW)
    with pytest.raises(peewee.IntegrityError), db.atomic():
        DataCopy.create(user=ana.id, requested_at=NOW)
