"""Search of people by name, document and e-mail."""

import pytest

from beneficiate.models.accounts import User
from beneficiate.queries.people import select_matching_users
from tests.factories import member


@pytest.fixture
def ana(db):
    member("Luis", last_name="Pérez", document_number="71333222", email="luis@x.co")
    return member("Ana María", last_name="Muñoz", document_number="52803456", email="anamaria@x.co")


@pytest.mark.parametrize(
    "text", ["ana", "ANA MUÑOZ", "munoz", "muñoz ana", "mar mun", "munos", "52803", "CC 52803456", "anamaria@"]
)
def test_person_is_found(ana, text):
    assert [row.id for row in select_matching_users(text)] == [ana.id]


@pytest.mark.parametrize("text", ["", "a", "ana pérez", "803456", "maria@x.co", "%", "5"])
def test_person_is_not_found(ana, text):
    assert ana.id not in {row.id for row in User.select().where(User.id.in_(select_matching_users(text)))}
