"""Who is blocked, masked: beside the digests by which wrong passwords and e-mails that were asked for are counted."""

from beneficiate.migrations.online import add_columns, schema_change

atomic = False

TABLES = ("throttles", "email_request_counts")


def up(migrator, db):
    with schema_change(db):
        for table in TABLES:
            add_columns(db, table, {"blocked": "VARCHAR(80) NOT NULL DEFAULT ''"})
