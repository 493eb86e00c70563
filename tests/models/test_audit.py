"""An entry of the audit log outlives the person who caused it."""

import pytest

from beneficiate.models.audit import AuditEntry
from tests.actions.conftest import db  # noqa: F401
from tests.factories import supervisor
from tests.models.constraints import delete_row, refuse_insert, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


def entry(who):
    given = {"actor_role": "supervisor", "address": "127.0.0.1", "what": "payment_revoked", "subject": "payment:1"}
    return AuditEntry.create(at=NOW, actor=who.id if who else None, **given)


def test_entry_stays_when_its_actor_is_deleted():
    marta = supervisor()
    written = entry(marta)
    delete_row(marta.user)
    kept = reload(written)
    assert (kept.actor_id, kept.actor_role, kept.what, kept.at) == (None, "supervisor", "payment_revoked", NOW)


def test_what_is_not_given_is_empty_json_and_no_reason():
    written = reload(entry(None))
    assert (written.before, written.after, written.reason) == ("{}", "{}", "")


@pytest.mark.parametrize("column", ["actor_role", "address", "what", "subject", "at"])
def test_entry_without_who_what_when_is_refused(column):
    refuse_insert(entry(None), **{column: None})
