"""The staff as supervisors see it."""

from beneficiate.views.staff import StaffRow


def test_row_has_the_letters_and_the_role_of_a_person():
    row = StaffRow(7, "Ana María Uribe", "activas", "", "AG-1", "supervisor", "", None)
    assert (row.initials, row.avatar_color, row.role_label) == ("AU", 4, "Supervisor")
