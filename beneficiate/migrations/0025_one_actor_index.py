"""Entries of the audit log by actor have one index: `audit_entries_actor` has what the older one had."""

from beneficiate.migrations.online import drop_index, schema_change

atomic = False


def up(migrator, db):
    with schema_change(db):
        drop_index(db, "auditentry_actor_id")
