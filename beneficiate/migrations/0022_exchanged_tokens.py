"""Which device exchanged a refresh token, and when: a second request of it does not end the sign-in."""

from beneficiate.migrations.online import add_columns, schema_change

atomic = False


def up(migrator, db):
    with schema_change(db):
        add_columns(
            db,
            "sign_ins",
            {"exchanged_hash": "VARCHAR(64) NOT NULL DEFAULT ''", "exchanged_at": "TIMESTAMPTZ"},
        )
