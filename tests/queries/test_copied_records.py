"""The account and the appointments of a member, as a copy has them."""

from beneficiate.queries.copied_records import RECORD_TABLES
from tests.data_copies import member_with_everything, rows_by_code


def test_account_and_appointments_are_read_with_the_names_of_what_they_refer_to(db, settings):
    ana = member_with_everything(settings.files_folder)
    rows = rows_by_code(RECORD_TABLES, ana)
    assert rows["account"][0]["city"].startswith("Bogotá")
    assert rows["account"][0]["birth_date"] == "1990-04-09"
    appointment = rows["appointments"][0]
    assert (appointment["specialty"], appointment["reason"]) == ("Cardiología", "Dolor de rodilla de Ana")
    assert appointment["professional"].startswith("Germán Cifuentes")
    assert appointment["beneficiary_id"] == rows["beneficiaries"][0]["id"]
    assert rows["appointment_changes"][0]["appointment_id"] == appointment["id"]
