"""New facts are rolled up; a day that differs from its facts is an error in the log, and kept for the board."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from beneficiate.formatting import bogota_date
from beneficiate.jobs.reports import check_rollups, fold_new_facts
from beneficiate.models.facts import Fact
from beneficiate.models.rollups import AppointmentRollup, FactRollup, RollupState


def add_fact_of_yesterday():
    at = datetime.now(UTC) - timedelta(days=1)
    Fact.create(at=at, kind="opened", actor_role="member", chat_id=1)
    return bogota_date(at)


@pytest.mark.gen_test
async def test_day_is_checked_once(context):
    with capture_logs() as logs:
        await check_rollups(context)
        day = add_fact_of_yesterday()
        await fold_new_facts(context)
        await check_rollups(context)
        assert (RollupState.get().checked_on, RollupState.get().differing_day) == (day, None)
        FactRollup.update(times=2).execute()
        await check_rollups(context)
    assert [log for log in logs if log["event"] == "rollups_differ"] == []


@pytest.mark.gen_test
async def test_difference_is_noticed(context):
    day = add_fact_of_yesterday()
    await fold_new_facts(context)
    FactRollup.update(times=2).where(FactRollup.grain == "day").execute()
    with capture_logs() as logs:
        await check_rollups(context)
    assert [log["day"] for log in logs if log["event"] == "rollups_differ"] == [day.isoformat()]
    assert RollupState.get().differing_day == day


@pytest.mark.gen_test
async def test_appointments_that_are_counted_elsewhere_are_noticed(context):
    day, at = add_fact_of_yesterday(), datetime.now(UTC) - timedelta(days=1)
    appointment = {"kind": "appointment", "detail": "CONFIRMED", "appointment_id": 1, "starts_at": at}
    Fact.create(at=at, actor_role="member", **appointment)
    await fold_new_facts(context)
    AppointmentRollup.update(detail="ATTENDED").execute()
    with capture_logs() as logs:
        await check_rollups(context)
    assert [log["day"] for log in logs if log["event"] == "rollups_differ"] == [day.isoformat()]
    assert RollupState.get().differing_day == day
