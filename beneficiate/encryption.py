"""Secrets at rest: AES-256-GCM (NIST SP 800-38D) under keys of the settings. The first encrypts, all of them decrypt.

An encrypted text is `key id.nonce and ciphertext in Base64`, so that what an older key encrypted is found by its
beginning. Each is bound to its context, for example the row that it belongs to: copied to another row it is worthless.

Keyed hashes stand for what is only compared, never read again.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES = 32, 8, 12


class UndecipherableText(Exception):
    """A text that no key of the settings decrypts in this context."""


@dataclass(frozen=True, slots=True)
class KeyedHashes:
    """HMAC-SHA256 under a key that is derived from the settings' `secret`.

    Documents and network addresses are few enough to try them all: without the key a hash of them hides nothing.
    """

    secret: str = field(repr=False)

    def digest(self, kind: str, text: str) -> str:
        """Return the hash of a text of this kind, in hexadecimal."""
        return hmac.digest(_derive_hash_key(self.secret), f"{kind}:{text}".encode(errors="replace"), "sha256").hex()


class _DerivedKey(NamedTuple):
    key_id: str
    cipher: AESGCM


@dataclass(frozen=True, slots=True)
class SecretCipher:
    """Encrypts with the first of its keys. `keys` are texts of 32 bytes or more, as the settings have them."""

    keys: tuple[str, ...] = field(repr=False)

    @property
    def prefix(self) -> str:
        """What a text begins with that the first key encrypted."""
        return f"{_derive_key(self.keys[0]).key_id}."

    def encrypt(self, text: str, context: str) -> str:
        """Return a text encrypted for this context, with the first key."""
        key, nonce = _derive_key(self.keys[0]), os.urandom(NONCE_BYTES)
        sealed = nonce + key.cipher.encrypt(nonce, text.encode(), context.encode())
        return f"{key.key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, encrypted: str, context: str) -> str:
        """Return the text that was encrypted for this context with any of the keys. Raises UndecipherableText."""
        key_id, _, encoded = encrypted.partition(".")
        ciphers = {key.key_id: key.cipher for key in map(_derive_key, self.keys)}
        try:
            sealed = base64.b64decode(encoded, altchars=b"-_", validate=True)
            return ciphers[key_id].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()).decode()
        except (KeyError, ValueError, binascii.Error, InvalidTag) as problem:
            raise UndecipherableText from problem

    def find_unknown_keys(self, encrypted: Iterable[str]) -> set[str]:
        """Return the ids of keys that these texts were encrypted with and that the settings do not have."""
        return {text.partition(".")[0] for text in encrypted} - {_derive_key(key).key_id for key in self.keys}


@cache
def _derive_key(text: str) -> _DerivedKey:
    """Return the key and its id, which says nothing about it (RFC 5869)."""
    key, key_id = (
        HKDF(SHA256(), length, salt=None, info=info).derive(text.encode())
        for length, info in ((KEY_BYTES, b"secrets at rest"), (KEY_ID_BYTES, b"key id"))
    )
    return _DerivedKey(key_id.hex(), AESGCM(key))


@cache
def _derive_hash_key(secret: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"keyed hashes").derive(secret.encode())
