"""The rule of what staff see of a member's document, telephone and e-mail without an audited access to all of it."""

import re

VISIBLE_CHARS = 4
"""So many characters at the end of a document or a telephone number are shown."""
VISIBLE_EMAIL_CHARS = 2
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


def lookup_kind(text: str) -> str:
    """Return `email` or `document` for a search that names one person, as parts of either do; empty for other texts."""
    if _REFERENCE.match(text.strip()):
        return ""
    if "@" in text:
        return "email"
    digits = sum(map(str.isdecimal, text))
    return "document" if digits >= VISIBLE_CHARS else ""
