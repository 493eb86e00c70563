"""The form of an invitation has the fields of the staff and the document."""

from beneficiate.views.invitations import INVITATION_FIELDS
from beneficiate.views.staff import STAFF_FIELDS


def test_fields_are_those_of_the_staff_and_the_document():
    assert set(INVITATION_FIELDS) - set(STAFF_FIELDS) == {"tipo", "documento"}
