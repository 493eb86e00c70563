"""The requests of a member about their data, as a copy has them."""

from beneficiate.queries.copied_requests import REQUEST_TABLES
from tests.data_copies import member_with_everything, rows_by_code


def test_requests_are_read_with_their_history_and_without_who_has_them(db, tmp_path):
    rows = rows_by_code(REQUEST_TABLES, member_with_everything(tmp_path))
    (request,), events = rows["data_requests"], rows["data_request_events"]
    assert (request["kind"], request["subject"], request["state"]) == ("claim", "correct", "received")
    assert [(event["request_id"], event["kind"]) for event in events] == [(request["id"], "filed")]
    assert "assignee" not in request
