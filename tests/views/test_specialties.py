"""What is said before a specialty is deactivated or renamed."""

import pytest

from beneficiate.views.specialties import SpecialtyRow


@pytest.mark.parametrize(
    ("appointments", "text"),
    [(0, "no tiene citas abiertas."), (1, "Su cita abierta sigue como está."), (3, "Sus 3 citas abiertas siguen")],
)
def test_open_appointments_stay(appointments, text):
    assert text in SpecialtyRow(1, "Cardiología", "activas", "", 1, appointments, True).deactivation_text


def test_name_matters_to_the_bot():
    known, other = (SpecialtyRow(1, "x", "activas", "", 1, 0, is_known) for is_known in (True, False))
    assert ("asistente" in known.rename_text, other.rename_text) == (True, "")
