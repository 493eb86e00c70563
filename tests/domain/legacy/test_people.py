"""A person is one account: by document, with the address or the name."""

from datetime import UTC, datetime

import pytest

from beneficiate.domain.legacy.people import plan_user
from beneficiate.domain.legacy.plans import MERGED, NEW, ImportContext, ImportIndex
from beneficiate.domain.legacy.values import Refused

ROW = {
    "id": 1,
    "first_name": "Ana",
    "last_name": "Rojas",
    "identification_type": "cc",
    "identification_number": "52100200",
    "birth_date": "",
    "city_id": None,
    "phone": "",
    "email": "ana@x.co",
    "password": None,
    "created_at": None,
}


def context():
    return ImportContext(ImportIndex(), lambda table: 5, UTC, datetime(2026, 5, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"email": "ANA@X.CO", "first_name": "Otra"}, MERGED),
        ({"email": "otra@x.co", "first_name": "ANÁ"}, MERGED),
        ({"email": "otra@x.co", "first_name": "Otra"}, None),
        ({"identification_number": "52100201"}, None),
        ({"identification_number": "52100201", "email": "otra@x.co"}, NEW),
        ({"identification_type": "ce", "email": "otra@x.co"}, NEW),
    ],
)
def test_who_is_the_same_person(changes, result):
    known = context()
    assert plan_user(ROW, known).result == NEW
    if result is None:
        with pytest.raises(Refused):
            plan_user({**ROW, "id": 2, **changes}, known)
    else:
        assert plan_user({**ROW, "id": 2, **changes}, known).result == result


def test_who_registered_here_with_the_document_and_the_name_of_another_gets_none_of_their_rows():
    known = context()
    for kind, key, value in (("document", ("CC", "52100200"), 9), ("email", "x@y.co", 9), ("person", 9, "Ana Rojas")):
        known.index.put(kind, key, value)
    with pytest.raises(Refused, match="mismo documento"):
        plan_user(ROW, known)
    known.index.put("is_imported", 9, True)
    assert plan_user(ROW, known).result == MERGED
