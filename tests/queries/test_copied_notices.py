"""The notices of a member, as a copy has them."""

from beneficiate.queries.copied_notices import NOTICE_TABLES
from tests.data_copies import member_with_everything, rows_by_code


def test_notices_are_read_without_the_keys_of_browsers(db, settings):
    rows = rows_by_code(NOTICE_TABLES, member_with_everything(settings.files_folder))
    assert rows["notice_preferences"][0]["switched_off"] == "chat.email"
    assert rows["pushes"][0]["notice_id"] == rows["notice_emails"][0]["notice_id"] == rows["notices"][0]["id"]
    assert rows["pushes"][0]["subscription_id"] == rows["push_subscriptions"][0]["id"]
    assert set(rows["push_subscriptions"][0]) == {"id", "sign_in_id", "created_at"}
