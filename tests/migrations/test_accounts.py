"""Addresses of accounts come to their normal form; one that another account has stays."""

from datetime import UTC, datetime
from importlib import import_module

from beneficiate.domain.email_addresses import normalize_email_address
from beneficiate.models.accounts import User
from tests.factories import member

migration = import_module("beneficiate.migrations.0030_accounts")


def test_addresses_are_brought_to_their_normal_form_twice_over(db):
    typed = ["ANA@X.co", "luis@ñandú.co", "iris@x.co", "IRIS@x.co", "no es un correo"]
    ids = [member(email=email).id for email in typed]
    parameter = "?" if "Sqlite" in type(db.obj if hasattr(db, "obj") else db).__name__ else "%s"
    for _ in range(2):
        migration.normalize_addresses(db, parameter)
        found = [User.get_by_id(user_id).email for user_id in ids]
        assert found == ["ana@x.co", "luis@xn--and-6ma2c.co", "iris@x.co", "IRIS@x.co", "no es un correo"]


def test_form_of_the_migration_is_that_of_the_application(db):
    for typed in (" Ana@X.CO ", "ana@Ñandú.co", "ａｎａ@x.co", f"{datetime.now(UTC):%s}@x.co"):
        assert migration.normal_form(typed) == normalize_email_address(typed)
