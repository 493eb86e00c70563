"""Sign-ins, e-mails, looks and facts of a member, as a copy has them."""

from beneficiate.queries.copied_traces import TRACE_TABLES
from tests.data_copies import member_with_everything, rows_by_code


def test_traces_are_read_with_the_names_of_what_they_refer_to(db, settings):
    ana = member_with_everything(settings.files_folder)
    rows = rows_by_code(TRACE_TABLES, ana)
    look = rows["looks"][0]
    assert (look["what"], look["part"], look["role"], "after" in look) == ("people.view", "panel", "agent", False)
    assert {row["kind"] for row in rows["facts"]} == {"appointment", "opened"}
    assert rows["connections"][0]["sign_in_id"] == rows["sign_ins"][0]["id"]
    assert rows["account_emails"][0]["email"] == ana.user.email
