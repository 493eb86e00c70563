"""Who usually sees a complaint."""

import pytest

from beneficiate.domain.bot.symptoms import _COMPLAINTS, usual_specialties
from tests.domain.bot.fake_choices import specialty_index


def test_every_specialty_of_the_table_exists():
    for name in _COMPLAINTS:
        assert specialty_index().find(name).label == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("me duele mucho la muela", ["Odontología", "Medicina general"]),
        ("Dolor de espalda", ["Ortopedia y traumatología", "Medicina general"]),
        ("se me cae el pelo", ["Dermatología", "Medicina general"]),
        ("tengo tos", ["Medicina general"]),
        ("todos", []),
        ("cardiología", []),
        ("", []),
    ],
)
def test_complaint_is_found_by_the_beginnings_of_its_words(text, names):
    assert usual_specialties(text) == names
