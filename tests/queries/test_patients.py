"""Find patients by document."""

from datetime import UTC, datetime

from beneficiate.queries import patients
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import agent, beneficiary, member, member_with_plan, township

NOW = datetime.now(UTC)


def test_members_and_their_current_beneficiaries_are_found(db):
    uow = UnitOfWork(agent().actor, NOW)
    ana = member_with_plan(document_number="52123456", township=township())
    beto = member("Beto")
    mateo = beneficiary(beto, document_number="52123456")
    beneficiary(beto, "Luz", document_number="52123456", removed_at=NOW)
    for text in ("CC 52.123.456", "cédula 52.123.456", "CC52123456", "５２１２３４５６", "052123456"):
        own, of_beto = patients.find_patients_by_document(uow, text)
    assert (own["patient"], own["beneficiary_id"], own["city_id"]) == (f"u:{ana.id}", None, township().id)
    assert own["plan"]["name"] == "Familiar"
    assert (of_beto["patient"], of_beto["member"], of_beto["city_name"]) == (f"b:{mateo.id}", beto.user.name, "")
    assert of_beto["plan"] is None


def test_nobody_is_found_without_a_document(db):
    uow = UnitOfWork(agent().actor, NOW)
    member()
    assert [patients.find_patients_by_document(uow, text) for text in ("", " . ", "CC", "1")] == [[]] * 4
