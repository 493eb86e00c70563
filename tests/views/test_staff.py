"""The staff as supervisors see it."""

from beneficiate.views.staff import Presence, StaffMember, StaffRow


def test_row_has_the_letters_and_the_role_of_a_person():
    row = StaffRow(7, "Ana María Uribe", "activas", "", "AG-1", "supervisor", "", None)
    assert (row.initials, row.avatar_color, row.role_label) == ("AU", 4, "Supervisor")


def test_capacity_says_what_it_means_now():
    row = StaffRow(7, "Ana Uribe", "activas", "", "AG-1", "agente", "", None)
    texts = [
        StaffMember(row, False, "Ana", Presence("", ""), {"": 3}, capacity).capacity_text for capacity in (3, 4, 6)
    ]
    assert texts == [
        "Tiene 3. No se le asigna ninguno más por ahora.",
        "Tiene 3. Se le asignará 1 más.",
        "Tiene 3. Se le asignarán 3 más.",
    ]
