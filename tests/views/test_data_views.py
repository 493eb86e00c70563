"""Who opened the data of a member, in words."""

import pytest

from beneficiate.domain.audit_kinds import VIEWED_PARTS
from beneficiate.views.data_views import REVEALED_CONTACT, describe_view
from tests.queries.appointment_rows import NOW


@pytest.mark.parametrize(("part", "text"), [*VIEWED_PARTS.items(), (None, REVEALED_CONTACT), ("other", "other")])
def test_part_is_named(part, text):
    assert describe_view(NOW, "Marta Gil", "supervisor", part).part == text


def test_who_has_no_name_is_named_by_the_role():
    view = describe_view(NOW, "", "agent", "panel")
    assert (view.name, view.role) == ("Agente", "Agente")
