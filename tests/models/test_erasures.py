"""A member has one erasure that goes on, whatever two processes do at once."""

from datetime import UTC, datetime

import pytest
from peewee import IntegrityError

from beneficiate.models.erasures import CANCELLED, ERASED, ERASING, REQUESTED, Erasure
from tests.factories import member

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def create(who, state, code):
    return Erasure.create(user=who.id, state=state, code=code, requested_at=NOW, due_at=NOW)


@pytest.mark.parametrize("second", [REQUESTED, ERASING])
def test_one_goes_on_at_a_time(db, second):
    ana = member()
    create(ana, CANCELLED, "a")
    create(ana, ERASED, "b")
    create(ana, REQUESTED, "c")
    with pytest.raises(IntegrityError), db.atomic():
        create(ana, second, "d")


def test_person_of_an_erasure_is_never_deleted(db):
    ana = member()
    create(ana, ERASED, "a")
    with pytest.raises(IntegrityError), db.atomic():
        ana.user.delete_instance()
