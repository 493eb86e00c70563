"""Passwords are hashed with Argon2id and verified without telling whether an account exists."""

import pytest

from beneficiate.passwords import describe_password_problem, hash_password, verify_password


@pytest.fixture(scope="module")
def stored():
    return hash_password("una clave larga")


def test_hash_is_argon2id_and_verifies(stored):
    assert stored.startswith("$argon2id$")
    assert verify_password("una clave larga", stored)
    assert not verify_password("otra clave larga", stored)


def test_hashes_of_one_password_differ(stored):
    assert hash_password("una clave larga") != stored


@pytest.mark.parametrize("broken", ["", "plain", "$argon2id$v=19$m=8"])
def test_unreadable_hash_verifies_nothing(broken):
    assert not verify_password("una clave larga", broken)


@pytest.mark.parametrize("missing", [None, ""])
def test_missing_account_and_one_without_a_password_verify_nothing(missing):
    assert not verify_password("nobody has this password", missing)


def test_chosen_password_is_long_enough_and_no_obvious_one():
    assert describe_password_problem("cuatro palabras al azar", "ana@x.co") == ""
    for bad in ("corta", "x" * 129, "aaaaaaaaaaaa", "abababababab", "ana.uribe@x.co"):
        assert describe_password_problem(bad, "ana.uribe@x.co").endswith(".")
