"""Addresses of push services: only https at a public address, so that nobody lets this server call its own network."""

import ipaddress
from urllib.parse import urlsplit

MAX_ENDPOINT_CHARS = 1024
_TRANSLATED_OR_LOCAL = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10"))
)
"""Addresses of IPv6 that stand for those of IPv4, private ones included (RFC 6052, 8215, 4291, 7915), and those of a
site (RFC 3879). Python takes some for global ones."""


def is_push_endpoint(url: str, local_origin: str) -> bool:
    """Return whether a push may be sent to this URL: https without a port, or at the local origin of development."""
    if not (url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_ENDPOINT_CHARS):
        return False
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return False
    if local_origin and f"{parts.scheme}://{parts.netloc}" == local_origin:
        return True
    is_plain = parts.scheme == "https" and "@" not in parts.netloc and port in (None, 443)
    return is_plain and "." in host and not _is_literal(host)


def find_origin(url: str) -> str:
    """Return scheme, host and port of a URL, the audience of a token for it (RFC 8292, section 2)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_public_address(text: str) -> bool:
    """Return whether an IP address is one of the Internet: not of a machine, a private network or a translation."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner or any(address in network for network in _TRANSLATED_OR_LOCAL):
            return False
    return address.is_global and not address.is_multicast


def _is_literal(host: str) -> bool:
    """Return whether a host is a number and no name, in any notation that a resolver takes (`0x7f.1`, `127.1`)."""
    last = host.rstrip(".").rpartition(".")[2]
    return ":" in host or last.isdecimal() or last.startswith("0x")
