"""When an appointment of the old service begins: the hour is that of Bogotá's clock, on the day as it was written."""

from datetime import UTC, datetime, time

import pytest

from beneficiate.domain.legacy.bookings import find_start
from beneficiate.domain.legacy.plans import ImportContext, ImportIndex
from beneficiate.formatting import BOGOTA

CONTEXT = ImportContext(ImportIndex(), lambda table: 1, UTC, datetime(2026, 5, 4, tzinfo=UTC))
MAY_DAY = datetime.fromisoformat("2026-05-04")


@pytest.mark.parametrize(
    ("day", "hour", "start", "only_day"),
    [
        (MAY_DAY, time(9), datetime(2026, 5, 4, 14, tzinfo=UTC), None),
        (MAY_DAY.replace(hour=5), time(9), datetime(2026, 5, 4, 14, tzinfo=UTC), None),
        (MAY_DAY, None, None, datetime(2026, 5, 4, tzinfo=BOGOTA)),
        (MAY_DAY.replace(hour=5), None, None, datetime(2026, 5, 4, tzinfo=BOGOTA)),
        (MAY_DAY.replace(hour=15, minute=30), None, datetime(2026, 5, 4, 15, 30, tzinfo=UTC), None),
        (None, time(9), None, None),
        (MAY_DAY.replace(year=9999), time(9), None, None),
    ],
)
def test_start_of_an_appointment(day, hour, start, only_day):
    assert find_start(day, hour, CONTEXT) == (start, only_day)
