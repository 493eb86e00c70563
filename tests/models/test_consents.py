"""A consent names its text, version, address and time, and goes with its member."""

import pytest

from beneficiate.models.consents import Consent
from tests.factories import member
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_insert
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


@pytest.fixture
def consent():
    return Consent.create(user=member().id, kind="data", version="2026-01", address="127.0.0.1", given_at=NOW)


@pytest.mark.parametrize("column", ["user", "kind", "version", "address", "given_at"])
def test_consent_without_one_of_them_is_refused(consent, column):
    refuse_insert(consent, **{column: None})


def test_earlier_consents_are_kept_beside_the_new_one(consent):
    assert insert_copy(consent, version="2026-02").id != consent.id
    assert insert_copy(consent).withdrawn_at is None


def test_consents_go_with_their_member(consent):
    delete_row(consent.user)
    assert not is_there(consent)
