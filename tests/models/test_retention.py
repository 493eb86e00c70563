"""The periods of retention are one row."""

import pytest
from peewee import IntegrityError

from beneficiate.models.retention import Retention


def test_row_has_the_defaults_and_there_is_one(db):
    row = Retention.create(id=1)
    assert (row.sign_in_days, row.wompi_event_days, row.orphan_file_days, row.version) == (30, 3650, 1, 1)
    assert (row.chat_days, row.failed_event_days, row.copy_days, row.import_days, row.notice_days) == (0, 0, 0, 0, 7)
    with pytest.raises(IntegrityError):
        Retention.insert(id=1).execute()
