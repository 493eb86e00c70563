"""The signatures of Wompi's webhook events.

Source: https://docs.wompi.co/docs/colombia/eventos/. They are plain SHA-256 over a concatenation without separators,
not an HMAC.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from beneficiate.errors import BadFrame, InvalidSignature

TRANSACTION_UPDATED = "transaction.updated"
REQUIRED_PROPERTIES = frozenset(("transaction.id", "transaction.status"))
"""Without these two among the signed properties, a checksum seen once could be reused with another body."""
MAX_PROPERTIES = 20
"""Wompi signs three. Thousands would expand a small body to gigabytes before its signature is verified."""
TRANSACTION_ID_PATTERN = re.compile(r"[0-9A-Za-z-]{1,64}")
STATUS_PATTERN = re.compile(r"[A-Z_]{1,32}")
EVENT_NAME_PATTERN = re.compile(r"[0-9A-Za-z_.-]{1,64}")
Json = dict[str, Any]
"""Any, since a sender whom we do not know yet wrote it: each value is checked where it is read."""


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """An event whose signature is valid. `transaction_id` and `status` are empty when it is not about a transaction."""

    name: str
    checksum: str
    transaction_id: str = ""
    status: str = ""


def compute_event_checksum(data: Json, properties: Sequence[str], timestamp: int | str, secret: str) -> str:
    """Return the checksum of an event: over the values of `properties` inside `data` in this order, timestamp, secret.

    Raises InvalidSignature for a path that does not exist or whose value has no unique text form.
    """
    return _sha256("".join(_text_at_path(data, path) for path in properties) + f"{timestamp}{secret}")


def verify_event(body: bytes, header: str, environment: str, secret: str) -> SignedEvent:
    """Parse an event and verify its structure, environment and checksum; `header` is `X-Event-Checksum`.

    Raises BadFrame for what is no JSON object, InvalidSignature for everything else.
    """
    event = _parse_event(body)
    name, data, signature = event.get("event", ""), event.get("data"), event.get("signature")
    if not (_fully_matches(EVENT_NAME_PATTERN, name) and isinstance(data, dict) and isinstance(signature, dict)):
        raise InvalidSignature
    if event.get("environment") != environment:
        raise InvalidSignature
    properties = _read_properties(signature)
    expected = compute_event_checksum(data, properties, _read_timestamp(event, signature), secret)
    given = [text for text in (header, signature.get("checksum")) if text]
    if not given or not all(isinstance(text, str) and _is_same_checksum(text, expected) for text in given):
        raise InvalidSignature
    if name != TRANSACTION_UPDATED:
        return SignedEvent(name, expected)
    if not REQUIRED_PROPERTIES.issubset(properties):
        raise InvalidSignature
    transaction_id, status = data["transaction"]["id"], data["transaction"]["status"]
    if not (_fully_matches(TRANSACTION_ID_PATTERN, transaction_id) and _fully_matches(STATUS_PATTERN, status)):
        raise InvalidSignature
    return SignedEvent(name, expected, transaction_id, status)


def _parse_event(body: bytes) -> Json:
    """Parse the body; numbers that are not integers stay as they were written."""
    try:
        event = json.loads(body.decode(), parse_float=str, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as problem:
        raise BadFrame from problem
    if not isinstance(event, dict):
        raise BadFrame
    return event


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def _read_properties(signature: Json) -> list[str]:
    properties = signature.get("properties")
    if not (isinstance(properties, list) and 0 < len(properties) <= MAX_PROPERTIES):
        raise InvalidSignature
    if not all(isinstance(path, str) for path in properties):
        raise InvalidSignature
    return properties


def _read_timestamp(event: Json, signature: Json) -> int:
    """Return the timestamp in seconds since 1970.

    It is at the top level in every captured event; one copy of the English page shows it in `signature`.
    """
    timestamp = event.get("timestamp", signature.get("timestamp"))
    if isinstance(timestamp, bool) or not isinstance(timestamp, int):
        raise InvalidSignature
    return timestamp


def _text_at_path(data: Json, path: str) -> str:
    value: object = data
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            raise InvalidSignature
        value = value[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return str(value)
    raise InvalidSignature


def _fully_matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_same_checksum(given: str, expected: str) -> bool:
    """Return whether two checksums are equal but for case: the documentation shows capitals, events lower case."""
    return hmac.compare_digest(given.lower().encode("utf-8", "surrogatepass"), expected.encode())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
