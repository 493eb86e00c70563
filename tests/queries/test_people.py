"""Search of people by name, document and e-mail."""

import pytest

from beneficiate.models.accounts import User
from beneficiate.queries.people import (
    select_beneficiaries_by_document,
    select_matching_users,
    select_named_users,
    select_users_by_contact,
)
from tests.factories import beneficiary, member


@pytest.fixture
def ana(db):
    luis = member("Luis", last_name="Pérez", document_number="71333222", email="luis@x.co", phone="+57 300 111 2233")
    beneficiary(luis, "Ana María", last_name="Muñoz", document_number="52803456")
    columns = {"document_number": "52803456", "email": "anamaria@x.co", "phone": "+57 304 512 7788"}
    return member("Ana María", last_name="Muñoz", **columns)


@pytest.mark.parametrize(
    "text",
    ["ana", "ANA MUÑOZ", "munoz", "muñoz ana", "mar mun", "munos", "muños", "mria ana", "52803", "CC 52803456"],
)
def test_person_is_found(ana, text):
    assert {row.id for row in select_matching_users(text)} == {ana.id}


@pytest.mark.parametrize("text", ["anamaria@", "AnaMaria@X.co", "304 512 7788", "+573045127788"])
def test_person_is_found_by_e_mail_and_telephone(ana, text):
    assert {row.id for row in select_matching_users(text)} == {ana.id}


@pytest.mark.parametrize("text", ["", "a", "ana pérez", "803456", "maria@x.co", "%", "5", "3045127", "_na"])
def test_person_is_not_found(ana, text):
    assert ana.id not in {row.id for row in User.select().where(User.id.in_(select_matching_users(text)))}


def test_only_the_first_matches_in_the_order_of_their_words_are_selected(ana):
    others = [member("Anabel", email=f"ana{n}@x.co", document_number=f"5280345{n}") for n in range(5)]
    assert {row.id for row in select_named_users("ana", 1)} == {ana.id}
    assert {row.id for row in select_users_by_contact("52803", 2)} == {one.id for one in others[:2]}
    assert {row.id for row in select_users_by_contact("ana", 3)} == {one.id for one in others[:3]}
    assert [len(list(query)) for query in select_beneficiaries_by_document("5280", 1)] == [1]
    assert len(list(select_named_users("ana"))) == 6
