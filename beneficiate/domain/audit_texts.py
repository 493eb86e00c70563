"""What people wrote in entries of the audit log about a member, kept apart from them so that it can be erased.

The entry, which is never changed, has a seal of each text: its HMAC-SHA256 under a salt that is kept with the text. So
the chain of hashes stays whole when the text is erased, and a text that was changed is noticed as long as it is there.
"""

import hmac
import secrets
from collections.abc import Mapping

PERSONAL_FIELDS = ("message", "tag")
"""Fields of `before` and `after` with words of people; of an entry about a member its `reason` is one too."""
REASON = "reason"
SEAL = "hmac-sha256:"
SALT_BYTES = 32
Values = Mapping[str, object]


def new_salt() -> str:
    """Return a salt, as long as the hash."""
    return secrets.token_hex(SALT_BYTES)


def find_texts(before: Values, after: Values, reason: str) -> dict[str, str]:
    """Return the texts of an entry that are kept apart, by their place: `before.message`, `after.tag`, `reason`."""
    found = {
        f"{side}.{name}": value
        for side, values in (("before", before), ("after", after))
        for name in PERSONAL_FIELDS
        if isinstance(value := values.get(name), str) and value
    }
    return {**found, REASON: reason} if reason else found


def seal_text(salt: str, place: str, text: str) -> str:
    """Return the seal of a text at a place."""
    return SEAL + hmac.digest(salt.encode(), f"{place}:{text}".encode(errors="surrogatepass"), "sha256").hex()


def put_values(side: str, values: Values, texts: Mapping[str, str]) -> dict[str, object]:
    """Return `before` or `after` (the `side`) with these texts, or their seals, in their places."""
    return {name: texts.get(f"{side}.{name}", value) for name, value in values.items()}


def find_seals(before: Values, after: Values, reason: str) -> dict[str, str]:
    """Return the seals of an entry by their place."""
    return {place: text for place, text in find_texts(before, after, reason).items() if text.startswith(SEAL)}


def are_texts_as_sealed(seals: Mapping[str, str], salt: str, texts: Mapping[str, str]) -> bool:
    """Return whether these are the texts that were sealed, no more and no fewer."""
    return seals.keys() == texts.keys() and all(
        hmac.compare_digest(seals[place], seal_text(salt, place, text)) for place, text in texts.items()
    )
