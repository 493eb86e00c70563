"""Views of the agents' page of appointments."""

from datetime import date

from beneficiate.domain.booking.lifecycle import CONFIRMED, PENDING
from beneficiate.views.appointment_pages import ProfessionalDay, build_change_view, build_day_slots
from tests.domain.booking.moments import at

EIGHT, NINE = at("2026-11-25 08:00"), at("2026-11-25 09:00")
CHANGE = {
    "from_status": PENDING,
    "to_status": CONFIRMED,
    "actor_role": "agent",
    "reason": "",
    "starts_at": None,
    "at": EIGHT,
    "first_name": "Yuliana",
    "last_name": "Paz",
}


def professional_day(id_, name, starts=(), is_known=False):
    return ProfessionalDay(id_, name, "Calle 1", False, is_known, True, list(starts))


def test_professionals_are_ordered_by_acquaintance_then_slots_then_name():
    professionals = [
        professional_day(1, "Carla", [EIGHT]),
        professional_day(2, "Berta", [NINE, EIGHT]),
        professional_day(3, "Aurora"),
        professional_day(4, "Zoila", is_known=True),
    ]
    slots = build_day_slots(date(2026, 11, 25), [], None, date(2026, 12, 5), professionals)
    assert [one.id for one in slots.professionals] == [4, 2, 1, 3]
    assert ([one.id for one in slots.free], slots.busy) == ([2, 1], ["Zoila", "Aurora"])
    assert slots.starts == [EIGHT, NINE]


def test_history_names_the_person_or_says_that_it_was_automatic():
    by_person = build_change_view(CHANGE)
    assert (by_person.title, by_person.author, by_person.is_automatic) == ("Confirmada", "Yuliana Paz", False)
    by_system = build_change_view({**CHANGE, "actor_role": "system", "first_name": None, "last_name": None})
    assert (by_system.author, by_system.is_automatic) == ("", True)
    assert build_change_view({**CHANGE, "from_status": ""}).title == "Pedida"
