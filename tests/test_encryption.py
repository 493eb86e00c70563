"""Secrets at rest: what one key encrypted is read with it and in its own row only."""

import pytest

from beneficiate.encryption import SecretCipher, UndecipherableText

OLD, NEW = "9f86d081884c7d659a2feaa0c55ad015", "S3xk9Qw1ertyV7mLp0aZ5nB8cD2fGhJ4"
TEXT, ROW = "JBSWY3DPEHPK3PXP, ñ", "second_factors:7"


def test_same_text_is_encrypted_differently_each_time():
    cipher = SecretCipher((NEW,))
    first, second = cipher.encrypt(TEXT, ROW), cipher.encrypt(TEXT, ROW)
    assert first != second
    assert "JBSW" not in first
    assert [cipher.decrypt(text, ROW) for text in (first, second)] == [TEXT, TEXT]


def test_first_key_encrypts_and_older_ones_still_decrypt():
    by_old = SecretCipher((OLD,)).encrypt(TEXT, ROW)
    both = SecretCipher((NEW, OLD))
    assert both.decrypt(by_old, ROW) == TEXT
    assert not by_old.startswith(both.prefix)
    assert both.encrypt(TEXT, ROW).startswith(both.prefix)
    assert both.find_unknown_keys([by_old, both.encrypt(TEXT, ROW)]) == set()
    assert SecretCipher((NEW,)).find_unknown_keys([by_old]) == {by_old.partition(".")[0]}


def test_without_its_key_or_in_another_row_it_is_worthless():
    cipher = SecretCipher((NEW,))
    encrypted = cipher.encrypt(TEXT, ROW)
    key_id, _, rest = encrypted.partition(".")
    damaged = f"{key_id}.{rest[:-4]}{'A' * 4}"
    for text, context in (
        (encrypted, "second_factors:8"),
        (SecretCipher((OLD,)).encrypt(TEXT, ROW), ROW),
        (damaged, ROW),
        (f"{key_id}.", ROW),
        (f"{key_id}.ñ", ROW),
        ("", ROW),
        (TEXT, ROW),
    ):
        with pytest.raises(UndecipherableText):
            cipher.decrypt(text, context)


def test_cipher_does_not_show_its_keys():
    assert NEW not in repr(SecretCipher((NEW,)))
