"""Versions of rows: who shows an old one may not save."""

import pytest

from beneficiate.actions.administration import change_columns, count_version, require_version
from beneficiate.errors import OutdatedForm
from beneficiate.models.call_centre import Topic


def test_only_columns_with_another_value_are_saved_and_returned(db):
    topic = Topic.create(code="pagos", name="Pagos")
    Topic.update(code="cobros").execute()
    assert change_columns(topic, {"name": "Cobros", "is_active": True}) == {"name": ("Pagos", "Cobros")}
    assert change_columns(topic, {"name": "Cobros"}) == {}
    stored = Topic.get_by_id(topic.id)
    assert (stored.name, stored.code) == ("Cobros", "cobros")


def test_form_of_an_older_version_is_refused(db):
    topic = Topic.create(code="pagos", name="Pagos")
    require_version(topic, 1)
    count_version(topic)
    require_version(Topic.get_by_id(topic.id), 2)
    with pytest.raises(OutdatedForm):
        require_version(topic, 1)
