"""E-mail addresses: which ones a mail server can take, their form in ASCII, and the normal form of accounts."""

import re
import unicodedata

import idna

ADDRESS_FORMAT = "Escriba un correo como nombre@correo.co."
MAX_ADDRESS_CHARS = 254
MAX_LOCAL_CHARS = 64
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)


def encode_email_address(text: str) -> str | None:
    """Return an address with its domain in ASCII (IDNA 2008): `ana@xn--and-6ma2c.co`. None for what is no address.

    Letters that IDNA 2003 replaced are kept, such as the ß of a German domain, which is another one with `ss`. In front
    of the `@` only ASCII is accepted: few mail servers take anything else (SMTPUTF8, RFC 6531).
    """
    local, at, domain = text.rpartition("@")
    if not at or len(local) > MAX_LOCAL_CHARS or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        return None
    is_valid = _DOMAIN.fullmatch(ascii_domain) and len(local) + 1 + len(ascii_domain) <= MAX_ADDRESS_CHARS
    return f"{local}@{ascii_domain}" if is_valid else None


def normalize_email_address(text: str) -> str:
    """Return an address as accounts have it, so that one address is one account, however it is typed.

    Compatible characters are one (NFKC), case is folded, and the domain is in ASCII. A text that is no address comes
    back folded. A mail server that tells `Ana@` from `ana@` is allowed (RFC 5321, 2.4) and practically unknown.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    # IDNA folds the domain, in which a ß is not `ss`.
    encoded = encode_email_address(plain)
    return encoded.lower() if encoded else plain.casefold()
