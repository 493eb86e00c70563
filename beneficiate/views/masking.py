"""The rule of what staff see of a member's document, telephone and e-mail without an audited access to all of it."""

import re

VISIBLE_CHARS = 4
"""So many characters at the end of a document or a telephone number are shown."""
VISIBLE_EMAIL_CHARS = 2
PERSONAL_KEYS = ("email", "phone", "legal_id", "address", "document")
"""Parts of the names that Wompi gives to personal data in its events."""
HIDDEN = "••••"
_REFERENCE = re.compile("(?:APT|BNF)-", re.IGNORECASE)
"""How the numbers of appointments and payments begin."""


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


def lookup_kind(text: str) -> str:
    """Return `email` or `document` for a search that names one person, as parts of either do; empty for other texts."""
    if _REFERENCE.match(text.strip()):
        return ""
    if "@" in text:
        return "email"
    digits = sum(map(str.isdecimal, text))
    return "document" if digits >= VISIBLE_CHARS else ""
