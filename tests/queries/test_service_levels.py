"""The working calendar is read when the business hours have changed; what is promised is the last version."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.service_levels.calendar import CalendarCache
from beneficiate.domain.service_levels.clocks import Clocks
from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.models.base import instant_to_text
from beneficiate.models.call_centre import BusinessHoursBlock, BusinessHoursException, QueueLock
from beneficiate.models.chats import Chat
from beneficiate.queries import service_levels
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW, create_topic, promise
from tests.factories import member, support_chat

pytestmark = pytest.mark.usefixtures("db")


def revision():
    return QueueLock.get_by_id(1).hours_revision


def test_every_change_of_the_hours_is_counted():
    counts = [revision()]
    block = BusinessHoursBlock.create(weekday=0, starts=480, ends=600)
    counts.append(revision())
    BusinessHoursBlock.update(ends=660).where(BusinessHoursBlock.id == block.id).execute()
    counts.append(revision())
    BusinessHoursBlock.delete().execute()
    counts.append(revision())
    BusinessHoursException.create(day=date(2026, 11, 26))
    counts.append(revision())
    BusinessHoursException.delete().execute()
    counts.append(revision())
    assert counts == sorted(set(counts))


def test_calendar_is_kept_until_the_hours_change():
    uow = UnitOfWork(SYSTEM, OPEN_HOURS_NOW, calendars=CalendarCache())
    first = service_levels.load_calendar(uow)
    assert service_levels.load_calendar(uow) is first
    assert service_levels.load_calendar(uow, revision()) is first
    BusinessHoursBlock.create(weekday=2, starts=0, ends=60)
    second = service_levels.load_calendar(uow)
    assert second is not first
    assert second.open_intervals(OPEN_HOURS_NOW.date())[0][1] - second.open_intervals(OPEN_HOURS_NOW.date())[0][
        0
    ] == timedelta(hours=1)


def test_the_last_version_is_in_force_and_who_inherits_has_none():
    payments, orders = create_topic("pagos"), create_topic("ordenes")
    promise()
    general = promise(version=2)
    own = promise(payments)
    promise(orders)
    promise(orders, version=2, is_inherited=True)
    assert {key: level.id for key, level in service_levels.load_levels_in_force().items()} == {
        None: general.id,
        payments.id: own.id,
    }


def test_clocks_are_read_from_rows_of_either_database():
    at = OPEN_HOURS_NOW
    expected = service_levels.ChatPromises(
        PromisedTimes(60, 180, None, 5), Clocks(at, True, 7, at, None, None, None, at)
    )
    for moment in (at, instant_to_text(at)):
        row = (1, 7, moment, None, None, None, moment, 60, 180, None, 5)
        assert service_levels.read_clocks(moment, row) == expected


def test_clocks_of_a_chat_are_its_columns():
    level = promise()
    chat = support_chat(member(), None, service_level=level, awaiting_since=OPEN_HOURS_NOW, replied_span=1)
    other = support_chat(member(), None, awaiting_since=OPEN_HOURS_NOW)
    assert service_levels.load_clocks(Chat.id.in_([chat.id, other.id, 0])) == {
        chat.id: service_levels.ChatPromises(
            PromisedTimes(60, 180, 4 * 3600, 3600), Clocks(OPEN_HOURS_NOW, is_answered=True)
        ),
        other.id: service_levels.ChatPromises(PromisedTimes(), Clocks(OPEN_HOURS_NOW)),
    }
    assert service_levels.promised_times(level) == PromisedTimes(60, 180, 4 * 3600, 3600)
    assert service_levels.promised_times(None) == PromisedTimes()
