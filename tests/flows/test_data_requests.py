"""Two processes that look at the same moment for terms that end tell the supervisors once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from beneficiate.actions.data_request_deadlines import notice_due_requests
from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import write_transaction
from beneficiate.models.data_requests import DataRequest, DataRequestEvent
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import member, supervisor

PROCESSES = 4


@pytest.fixture
def due(db):
    """Requests that end today, that ended yesterday, and that nobody completed in two months."""
    now, today = datetime.now(UTC), date(2026, 8, 28)
    states = {"received": today, "in_progress": date(2026, 8, 27), "needs_information": date(2026, 8, 27)}
    for state, due_on in states.items():
        row = {"kind": "claim", "text": "…", "state": state, "received_at": now, "counted_from": today}
        DataRequest.create(user=member().id, due_on=due_on, **row)
    return supervisor()


def test_each_is_noticed_once_however_many_look(db, due):
    begin = Barrier(PROCESSES)

    def look(_):
        uow = UnitOfWork(SYSTEM, datetime(2026, 8, 28, 15, tzinfo=UTC))
        with db.connection_context():
            begin.wait()
            with write_transaction():
                found = notice_due_requests(uow)
                uow.finish()
        return found

    with ThreadPoolExecutor(PROCESSES) as pool:
        assert sum(pool.map(look, range(PROCESSES))) == 3
    kinds = [row.kind for row in AccountEmail.select().order_by(AccountEmail.kind)]
    assert kinds == ["request_breached", "request_due", "request_lapsed"]
    assert DataRequestEvent.select().count() == 2
    assert sorted(row.what for row in AuditEntry.select()) == ["requests.breach", "requests.lapse"]
