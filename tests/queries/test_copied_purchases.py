"""The plans and payments of a member, as a copy has them."""

from beneficiate.queries.copied_purchases import PURCHASE_TABLES
from tests.data_copies import member_with_everything, rows_by_code


def test_plans_and_payments_are_read_with_the_names_of_what_they_refer_to(db, settings):
    ana = member_with_everything(settings.files_folder)
    rows = rows_by_code(PURCHASE_TABLES, ana)
    payment = rows["payments"][0]
    assert (payment["amount"], payment["plan"], payment["is_open"]) == (480_000, "Familiar", False)
    assert rows["transactions"][0]["payment_id"] == rows["plan_emails"][0]["payment_id"] == payment["id"]
    assert "note" not in rows["payment_reviews"][0]
