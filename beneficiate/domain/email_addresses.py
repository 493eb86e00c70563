"""E-mail addresses: which ones a mail server can take, and their form in ASCII."""

import re

MAX_ADDRESS_CHARS = 254
MAX_LOCAL_CHARS = 64
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)


def encode_email_address(text: str) -> str | None:
    """Return an address with its domain in ASCII (IDNA): `ana@xn--and-6ma2c.co`. None for what is no address.

    In front of the `@` only ASCII is accepted: few mail servers take anything else (SMTPUTF8, RFC 6531).
    """
    local, at, domain = text.rpartition("@")
    if not at or len(local) > MAX_LOCAL_CHARS or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    is_valid = _DOMAIN.fullmatch(ascii_domain) and len(local) + 1 + len(ascii_domain) <= MAX_ADDRESS_CHARS
    return f"{local}@{ascii_domain}" if is_valid else None
