"""Entries of an older version join the chain, and its end is noted in the log."""

import pytest
from structlog.testing import capture_logs

from beneficiate.actions.audit import CHAINED_PER_RUN
from beneficiate.jobs.audit import chain_older_entries, log_anchor, verify_chain_parts
from beneficiate.models.audit import AuditEntry, AuditState
from tests.audit import audit_triggers_off
from tests.queries.appointment_rows import NOW


def write_as_an_older_version_does(count):
    row = {"at": NOW, "actor_role": "agent", "address": "", "what": "a", "subject": "s"}
    AuditEntry.insert_many([{**row, "subject": f"s:{number}"} for number in range(count)]).execute()


@pytest.mark.gen_test
async def test_all_older_entries_join_the_chain(server):
    write_as_an_older_version_does(CHAINED_PER_RUN + 1)
    with capture_logs() as logs:
        await chain_older_entries(server.context)
    counts = [log["count"] for log in logs if log["event"] == "audit_entries_joined_late"]
    assert counts == [CHAINED_PER_RUN + 1, 1]
    assert AuditEntry.select().where(AuditEntry.position.is_null()).count() == 0
    assert AuditEntry.select().where(AuditEntry.hash == "").count() == 0


@pytest.mark.gen_test
async def test_anchor_is_the_newest_entry_and_none_without_entries(server):
    with capture_logs() as logs:
        await log_anchor(server.context)
        write_as_an_older_version_does(2)
        await chain_older_entries(server.context)
        await log_anchor(server.context)
    newest = AuditEntry.get(AuditEntry.position == 3)
    assert newest.what == "audit.join"
    assert [(log["event"], log["position"], log["hash"]) for log in logs if log["event"] == "audit_anchor"] == [
        ("audit_anchor", 3, newest.hash)
    ]


@pytest.mark.gen_test
async def test_broken_chain_is_an_error_in_the_log_and_kept_for_the_page(server):
    write_as_an_older_version_does(3)
    await chain_older_entries(server.context)
    with capture_logs() as logs:
        await verify_chain_parts(server.context)
        with audit_triggers_off():
            AuditEntry.update(reason="otro").where(AuditEntry.position == 2).execute()
        await verify_chain_parts(server.context)
    found = [(log["log_level"], log["position"], log["reason"]) for log in logs if log["event"] == "audit_chain_broken"]
    assert found == [("error", 2, "changed")]
    assert AuditState.get().broken_position == 2
