"""Passwords are hashed with Argon2id and verified without telling whether an account exists."""

import bcrypt
import pytest
from argon2 import PasswordHasher

from beneficiate import passwords
from beneficiate.passwords import MAX_OLD_BYTES, hash_password, is_old_hash, verify_password
from tests.factories import cheap_hasher

OUR_HASHER = passwords._hasher
"""As it is before a test begins: while one runs, what it hashes costs nearly nothing."""
HASH_OF_UNA = cheap_hasher.hash("una")


@pytest.fixture
def stored():
    return hash_password("una clave larga")


def test_hash_is_argon2id_at_the_cost_of_rfc_9106_and_verifies(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", OUR_HASHER)
    stored = hash_password("una clave larga")
    # The second recommended option of section 4: 64 MiB of memory, three passes, four at once.
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
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


def test_password_is_the_same_however_a_keyboard_composes_its_letters(stored):
    composed, decomposed = "contrase\u00f1a con e\u00f1e", "contrasen\u0303a con en\u0303e"
    assert verify_password(decomposed, hash_password(composed))
    assert verify_password(composed, hash_password(decomposed))


def test_hash_from_before_passwords_were_normalised_still_verifies():
    typed = "contrasen\u0303a con en\u0303e"
    assert verify_password(typed, PasswordHasher().hash(typed))


# ---- Hashes of the old service ------------------------------------------------------------------


def parameters_of(password_hash):
    return password_hash.rsplit("$", 2)[0]


def old_hash(password, prefix=b"2b", cost=4):
    return bcrypt.hashpw(password.encode()[:MAX_OLD_BYTES], bcrypt.gensalt(cost, prefix=prefix)).decode()


@pytest.mark.parametrize("prefix", [b"2a", b"2b"])
def test_hash_of_the_old_service_verifies_its_password_only(prefix):
    stored = old_hash("clave vieja ñandú", prefix)
    assert is_old_hash(stored)
    for highest_cost in (0, 4, 5):
        assert verify_password("clave vieja ñandú", stored, highest_cost)
        assert not verify_password("clave nueva", stored, highest_cost)


def test_old_hash_looks_at_72_bytes_as_the_old_service_did():
    typed = "ñ" * 40
    stored = old_hash(typed)
    assert verify_password(typed, stored, 4)
    assert verify_password("ñ" * 36 + "otra cosa", stored, 4)
    assert not verify_password("ñ" * 35, stored, 4)


@pytest.mark.parametrize("typed", ["", "\0", "a\0b", "x" * 10_000])
def test_any_text_may_be_typed_against_an_old_hash(typed):
    assert not verify_password(typed, old_hash("otra"), 4)


@pytest.mark.parametrize("broken", ["$2b$04$", "$2x$04$" + "a" * 53, "$2b$31$" + "a" * 53, "$2b$03$" + "a" * 53, "!"])
def test_hash_of_another_form_or_cost_verifies_nothing(broken):
    assert not is_old_hash(broken)
    assert not verify_password("clave", broken, 4)


@pytest.mark.parametrize(
    "stored",
    [None, "", "!", HASH_OF_UNA, old_hash("una", cost=6), old_hash("una")],
    ids=["none", "empty", "broken", "new", "old and slow", "old"],
)
@pytest.mark.parametrize("typed", ["una", "otra"])
def test_work_is_the_same_whatever_an_account_has(monkeypatch, stored, typed):
    """One verification with Argon2id and as many rounds of bcrypt: the time does not tell who has which hash."""
    rounds, verified = [], []
    check, digest = bcrypt.checkpw, bcrypt.hashpw
    monkeypatch.setattr(
        bcrypt, "checkpw", lambda text, of: rounds.append(2 ** int(of[4:6])) or check(text, of), raising=True
    )
    monkeypatch.setattr(bcrypt, "hashpw", lambda text, salt: rounds.append(2 ** int(salt[4:6])) or digest(text, salt))
    matches = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda text, of: verified.append(of) or matches(text, of))
    verify_password(typed, stored, 6)
    assert sum(rounds) == 2**6
    assert [parameters_of(one) for one in verified] == [parameters_of(HASH_OF_UNA)]
