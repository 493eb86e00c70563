"""What the database keeps of requests when people are deleted."""

from datetime import UTC, date, datetime

from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from tests.factories import agent, member
from tests.models.constraints import delete_row, is_there, reload

NOW = datetime(2026, 8, 5, 15, tzinfo=UTC)


def create(who, **columns):
    row = {"kind": "claim", "text": "…", "state": "received", "received_at": NOW}
    return DataRequest.create(user=who.id, counted_from=date(2026, 8, 5), due_on=date(2026, 8, 28), **row, **columns)


def test_request_and_its_history_go_with_the_person(db):
    ana = member()
    row = create(ana)
    event = DataRequestEvent.create(request=row, kind="filed", at=NOW, actor_role="member")
    assert (row.version, row.subject, row.answer, event.text) == (1, "", "", "")
    delete_row(ana.user)
    assert not is_there(row)
    assert not is_there(event)


def test_request_stays_without_who_filed_it_and_who_has_it(db):
    yuliana = agent()
    row = create(member(), filed_by=yuliana.id, assignee=yuliana.id)
    delete_row(yuliana.user)
    assert (reload(row).filed_by_id, reload(row).assignee_id) == (None, None)
