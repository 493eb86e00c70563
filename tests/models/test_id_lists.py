"""Rows are found by a list of ids that is one parameter."""

import pytest

from beneficiate.models.accounts import User
from beneficiate.models.id_lists import has_one_of
from tests.factories import member


@pytest.mark.parametrize("wanted", [0, 1, 3])
def test_rows_with_one_of_the_ids_are_found(db, wanted):
    people = [member().id for _ in range(4)]
    query = User.select(User.id).where(has_one_of(User.id, iter(people[:wanted])), User.is_active)
    assert {user_id for (user_id,) in query.tuples()} == set(people[:wanted])
    assert len(query.sql()[1]) == 1
