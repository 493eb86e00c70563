"""A form that creates a row does so once."""

from datetime import UTC, datetime

import pytest

from beneficiate.actions.form_creations import KEPT, CreateOnce, create_once
from beneficiate.actions.topics import SaveTopic, save_topic
from beneficiate.errors import InvalidForm
from beneficiate.models.call_centre import Topic
from beneficiate.models.form_creations import FormCreation
from tests.factories import supervisor

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)


@pytest.fixture
def create(act):
    """Create a topic with the form of this key and return its id."""

    def send(key, name, who, at=NOW):
        command = SaveTopic(0, 0, {"nombre": name, "estado": "activo"})
        return act(create_once, CreateOnce(key, save_topic, command), who.actor, at)[0]

    return send


def test_second_time_returns_what_the_first_created(create, db):
    marta = supervisor()
    first = create("a", "Permisos", marta)
    assert create("a", "Permisos", marta) == first
    assert Topic.select().where(Topic.name == "Permisos").count() == 1


def test_key_is_of_one_person_and_of_a_form_that_was_accepted(create, db):
    marta = supervisor()
    create("a", "Permisos", marta)
    for who, key in ((supervisor(), "a"), (marta, "b")):
        with pytest.raises(InvalidForm):
            create(key, "Permisos", who)
    assert create("b", "Cirugías", marta)


def test_keys_are_kept_for_a_week(create, db):
    marta = supervisor()
    create("a", "Permisos", marta)
    create("b", "Cirugías", marta, NOW + KEPT)
    assert {row.key for row in FormCreation} == {"a", "b"}
    create("c", "Viajes", marta, NOW + KEPT * 1.5)
    assert {row.key for row in FormCreation} == {"b", "c"}
