"""People as the protocol sends them."""

from beneficiate.views.people import build_person_name, serialize_person


def test_email_is_sent_only_where_it_is_given():
    assert serialize_person(1, "Ana", "Rojas").email is None
    assert serialize_person(1, "Ana", "Rojas", "ana@x.co").email == "an••••@x.co"


def test_staff_see_a_name_without_an_email():
    person = build_person_name(1, "Ana", "Rojas")
    assert (person.id, person.first_name, person.last_name) == (1, "Ana", "Rojas")
