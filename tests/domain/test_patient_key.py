"""Keys of patients and professionals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.patient_key import parse_patient_key, patient_key, professional_key

ids = st.integers(1, 2**31)


@given(ids, st.none() | ids)
def test_parsing_returns_what_was_formatted(user_id, beneficiary_id):
    parsed = parse_patient_key(patient_key(user_id, beneficiary_id))
    assert parsed == ((user_id, None) if beneficiary_id is None else (None, beneficiary_id))


def test_formats():
    assert (patient_key(12, None), patient_key(12, 4), professional_key(7)) == ("u:12", "b:4", "p:7")


@pytest.mark.parametrize("text", ["", "b:", "b:x", "x:1", "p:7", "u:12 ", "u:012", "b:0", "b:١", "b:4\n", "ub:4"])
def test_other_texts_are_no_key(text):
    assert parse_patient_key(text) == (None, None)
