"""A telephone number has one form, however it is typed."""

import pytest

from beneficiate.domain.phones import normalize_phone


@pytest.mark.parametrize("typed", ["3104428016", "310 442 8016", "+57 310-442-8016", "(310) 4428016"])
def test_colombian_number_is_stored_in_one_form(typed):
    assert normalize_phone(typed) == "+573104428016"


def test_number_of_another_country_keeps_its_code():
    assert normalize_phone("+34 612 34 56 78") == "+34612345678"


@pytest.mark.parametrize("typed", ["", "310", "31044280160000", "sin número", "3104428016 ext 5", "+", "1" * 500])
def test_what_no_telephone_has_is_none(typed):
    assert normalize_phone(typed) is None
