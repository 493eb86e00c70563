"""Erasures: the numbers of certificates, and until when what is kept."""

import re
from datetime import UTC, datetime

import pytest

from beneficiate.domain.erasures import ERASED_KINDS, KEPT_KINDS, kept_until, new_code, years_after

NOW = datetime(2026, 9, 1, 15, 47, tzinfo=UTC)


def test_number_of_a_certificate_is_typed_from_paper_and_guessed_by_nobody():
    codes = {new_code(NOW) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(re.fullmatch(r"CE-2026(-[2-9A-HJKMNP-TV-Z]{4}){3}", code) for code in codes)


@pytest.mark.parametrize(
    ("begin", "years", "end"),
    [
        (NOW, 5, datetime(2031, 9, 1, 15, 47, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 5, datetime(2033, 3, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 4, datetime(2032, 2, 29, tzinfo=UTC)),
    ],
)
def test_years_end_on_the_same_day(begin, years, end):
    assert years_after(begin, years) == end


def test_document_is_found_as_long_as_a_consent_or_a_payment_has_to_be_proved():
    assert kept_until(NOW, None) == datetime(2031, 9, 1, 15, 47, tzinfo=UTC)
    paid_at = datetime(2025, 9, 3, tzinfo=UTC)
    assert kept_until(NOW, paid_at) == datetime(2035, 9, 3, tzinfo=UTC)
    assert kept_until(NOW, datetime(2019, 9, 3, tzinfo=UTC)) == kept_until(NOW, None)


def test_kinds_are_said_of_one_and_of_several():
    assert ERASED_KINDS["chats"].describe(1) == "1 conversación"
    assert ERASED_KINDS["chats"].describe(11) == "11 conversaciones"
    assert not ERASED_KINDS.keys() & KEPT_KINDS.keys()
