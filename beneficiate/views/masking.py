"""The rule of what staff see of a member's document, telephone and e-mail without an audited access to all of it."""

import re
import unicodedata

VISIBLE_CHARS = 4
"""So many characters at the end of a document or a telephone number are shown."""
VISIBLE_EMAIL_CHARS = 2
PERSONAL_KEYS = ("email", "phone", "legal_id", "address", "document")
"""Parts of the names that Wompi gives to personal data in its events."""
HIDDEN = "••••"
_REFERENCE = re.compile("(?:APT|BNF)-[0-9A-F-]*", re.IGNORECASE)
"""How the numbers of appointments and payments are written, as far as they are typed."""
EMAIL, DOCUMENT, NAME = "email", "document", "name"
"""By what people are searched; a telephone counts as a document."""
CONTACTS = (EMAIL, DOCUMENT)
MIN_LOOKUP_CHARS = 2
"""A shorter text finds nobody."""


def mask_number(text: str) -> str:
    """Return the end of a document or a telephone number, the rest hidden; of a short one nothing."""
    if not text:
        return ""
    return f"{HIDDEN} {text[-VISIBLE_CHARS:]}" if len(text) > VISIBLE_CHARS else HIDDEN


def mask_email(email: str) -> str:
    """Return the first two letters and the domain of an e-mail, the rest hidden."""
    name, _, domain = email.partition("@")
    return f"{name[:VISIBLE_EMAIL_CHARS]}{HIDDEN}@{domain}"


def mask_json(value: object, key: str = "") -> object:
    """Return decoded JSON of Wompi with e-mails, telephones, documents and addresses masked, wherever they are."""
    if isinstance(value, dict):
        return {name: mask_json(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [mask_json(one, key) for one in value]
    if isinstance(value, str) and "@" in value:
        return mask_email(value)
    is_personal = any(part in key.lower() for part in PERSONAL_KEYS) and not key.lower().endswith("_type")
    if not is_personal or value is None or isinstance(value, bool):
        return value
    return HIDDEN if "address" in key.lower() else mask_number(str(value))


def mask_lookup(kind: str, text: str) -> str:
    """Return what the audit shows of a text by which people were searched; of a name nothing, it may be a message's."""
    if kind == EMAIL:
        return mask_email(text)
    return mask_number(text) if kind == DOCUMENT else HIDDEN


def lookup_kind(text: str) -> str:
    """Return by what a text may find people: `email` or `document`, as parts of either do, or else `name`.

    Empty when the text is too short to find anybody.
    """
    if "@" in text:
        return EMAIL
    if sum(map(str.isdecimal, unicodedata.normalize("NFKC", text))) >= VISIBLE_CHARS:
        return DOCUMENT
    return NAME if len(text.strip()) >= MIN_LOOKUP_CHARS else ""


def is_reference(text: str) -> bool:
    """Return whether a text is the number of an appointment or a payment, or the beginning of one."""
    return _REFERENCE.fullmatch(text.strip()) is not None
