"""The keys by which push services know this server (VAPID, RFC 8292): a pair of the curve P-256, each as base64url.

The private key is its number in 32 bytes; the public one its point in 65, uncompressed, as browsers take it.
"""

import base64
import re
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
PRIVATE_KEY_BYTES, PUBLIC_KEY_BYTES = 32, 65
_PRIVATE, _PUBLIC, _LOCAL = "BENEFICIATE_PUSH_KEY", "BENEFICIATE_PUSH_PUBLIC_KEY", "BENEFICIATE_PUSH_LOCAL_ORIGIN"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def create_push_keys() -> tuple[str, str]:
    """Return a new private key and its public one."""
    key = ec.generate_private_key(CURVE)
    number = key.private_numbers().private_value.to_bytes(PRIVATE_KEY_BYTES, "big")
    return encode_base64url(number), encode_base64url(_public_point(key))


def load_private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Return the key of the setting. Raises ValueError."""
    number = decode_base64url(text, PRIVATE_KEY_BYTES)
    return ec.derive_private_key(int.from_bytes(number, "big"), CURVE)


def load_public_point(text: str) -> bytes:
    """Return the 65 bytes of a point of the curve. Raises ValueError for anything else."""
    point = decode_base64url(text, PUBLIC_KEY_BYTES)
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    return point


def find_push_error(private: str, public: str, local_origin: str, *, is_production: bool) -> str | None:
    """Return what is wrong with the settings of push notifications; None when nothing is. No key is shown."""
    if bool(private) != bool(public):
        missing = _PUBLIC if private else _PRIVATE
        return f"{missing} must be set too: a pair has two halves. `python run.py make-push-keys` prints both."
    if private:
        try:
            is_pair = encode_base64url(_public_point(load_private_key(private))) == public
        except ValueError:
            return f"{_PRIVATE} is no key of `python run.py make-push-keys`: 32 bytes as base64url."
        if not is_pair:
            return f"{_PUBLIC} does not belong to {_PRIVATE}: take both from one `python run.py make-push-keys`."
    return _find_local_error(local_origin, is_production=is_production)


def encode_base64url(data: bytes) -> str:
    """Return bytes as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str, length: int) -> bytes:
    """Return `length` bytes from base64url, with or without padding. Raises ValueError."""
    bare = text.rstrip("=")
    if not _BASE64URL.fullmatch(bare):
        raise ValueError(text)
    # An impossible length is a binascii.Error, which is a ValueError.
    data = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    if len(data) != length:
        raise ValueError(text)
    return data


def _public_point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _find_local_error(origin: str, *, is_production: bool) -> str | None:
    if not origin:
        return None
    if is_production:
        return f"{_LOCAL} must not be set in production: it admits addresses of this machine."
    parts = urlsplit(origin)
    if parts.scheme in ("http", "https") and parts.hostname in _LOCAL_HOSTS and not parts.path:
        return None
    return f"{_LOCAL} must be an origin of this machine, as http://127.0.0.1:9900."
