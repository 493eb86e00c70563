"""The summary of what is wrong names every field of the form."""

from beneficiate.domain.registrations import parse_registration
from beneficiate.views.registrations import FIELD_LABELS, TYPED_FIELDS, RegistrationLink
from tests.domain.test_registrations import TODAY


def test_every_problem_has_a_label():
    _, problems = parse_registration(dict.fromkeys(TYPED_FIELDS, ""), TODAY)
    assert set(problems) <= set(FIELD_LABELS)


def test_password_is_not_kept_and_its_hash_not_shown():
    assert "password" not in TYPED_FIELDS
    assert "argon" not in repr(RegistrationLink("open", "iris@x.co", "Iris", "$argon2id$"))
