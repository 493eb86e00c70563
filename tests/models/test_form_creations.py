"""What a form of a person has created is one row."""

from datetime import UTC, datetime

import pytest
from peewee import IntegrityError

from beneficiate.models.form_creations import FormCreation
from tests.factories import supervisor

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


def test_form_creates_once_for_each_person(db):
    marta, otto = supervisor("Marta"), supervisor("Otto")
    for who in (marta, otto):
        FormCreation.create(user=who.id, key="one", created_at=NOW)
    with db.atomic(), pytest.raises(IntegrityError):
        FormCreation.create(user=marta.id, key="one", created_at=NOW)
