"""Codes of applications, compared with the examples of RFC 6238, and recovery codes."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from beneficiate.domain import second_factor
from beneficiate.domain.second_factor import DRIFT_STEPS, STEP_S, find_step, hash_recovery_code

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 8, 25, 15, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_of_rfc_6238_are_those_of_their_step(at, code):
    assert find_step(RFC_SECRET, code, datetime.fromtimestamp(at, UTC)) == at // STEP_S


def test_clock_may_be_wrong_by_one_step():
    secret = second_factor.draw_secret()
    step = int(NOW.timestamp()) // STEP_S
    for drift in range(-3, 4):
        code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=drift * STEP_S))
        expected = step + drift if abs(drift) <= DRIFT_STEPS else None
        # Two steps share a code once in a million times.
        assert find_step(secret, code, NOW) == expected, drift


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "ñ", "\ud800", "0" * 4000])
def test_what_is_no_code_is_of_no_step(code):
    assert find_step(RFC_SECRET, code, NOW) is None
    assert not second_factor.is_application_code(code)


def test_code_is_read_however_it_is_typed():
    assert second_factor.normalize_code(" 287 082\u00a0") == "287082"
    assert second_factor.is_application_code("287082")
    typed = ("7KQ4-M0X1", "7kq4m0x1", " 7KQ4 - M0X1 ", "7KQ4–MoXl", "7kq4-moxi")
    assert len({hash_recovery_code(RFC_SECRET, text) for text in typed}) == 1


def test_hash_of_a_recovery_code_needs_the_secret_of_its_factor():
    code = second_factor.draw_recovery_codes()[0]
    other = second_factor.draw_secret()
    assert hash_recovery_code(RFC_SECRET, code) != hash_recovery_code(other, code)
    assert code.replace("-", "") not in hash_recovery_code(RFC_SECRET, code)


def test_ten_different_recovery_codes_are_drawn():
    drawn = second_factor.draw_recovery_codes()
    assert len(set(drawn)) == 10
    assert all(len(code) == 9 and code[4] == "-" and not set(code) & set("OILU") for code in drawn)
    assert not set(drawn) & set(second_factor.draw_recovery_codes())


def test_application_is_told_the_secret_and_whose_it_is():
    secret = second_factor.draw_secret()
    parts = urlsplit(second_factor.build_setup_uri(secret, "yuliana@x.co"))
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Beneficiate:yuliana@x.co")
    assert (query["secret"], query["issuer"]) == ([secret], ["Beneficiate"])
    assert len(base64.b32decode(secret)) == 20
    assert second_factor.split_secret("JBSWY3DPEHPK3PXP") == "JBSW Y3DP EHPK 3PXP"
