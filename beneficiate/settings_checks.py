"""What is wrong with a secret, a URL or a contact of the settings: each function returns a sentence, or None."""

import ipaddress
import re
from itertools import pairwise
from urllib.parse import SplitResult, urlsplit

from beneficiate.database_url import parse_database_url

MIN_SECRET_BYTES = 32
MIN_DIFFERENT_CHARS = 10
"""A key of 32 random hexadecimal digits has fewer than ten different ones once in 1,500,000 times."""
KEYBOARD_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
MAX_ORDERLY_SHARE = 2 / 3
"""Of 32 random hexadecimal digits a fifth follow from the one before; two thirds do once in 1,000,000,000 times."""
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_PHONE = re.compile(r"\+?[0-9]+([ -][0-9]+)*")
PHONE_DIGITS = range(7, 16)
"""A Colombian telephone without its area has seven; ITU-T E.164 allows up to fifteen."""
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MAX_EMAIL_CHARS = 254
_REDIS_NUMBER = re.compile(r"(/[0-9]*)?")
"""The number of a database of Redis, as the path of its URL; without one it is 0."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")


def find_secret_error(
    secret: str, demo_secret: str, *, is_production: bool, name: str = "BENEFICIATE_SECRET"
) -> str | None:
    """Look at the secret of the setting `name`."""
    if len(secret.encode()) < MIN_SECRET_BYTES:
        return f"{name} must have at least {MIN_SECRET_BYTES} bytes."
    if not is_production:
        return None
    if demo_secret.casefold() in secret.casefold():
        return f"{name} must be set in production: the demo secret is public."
    is_repeated = (secret + secret).find(secret, 1) < len(secret)
    if is_repeated or len(set(secret)) < MIN_DIFFERENT_CHARS:
        return f"{name} can be guessed: it repeats itself. Take 32 random bytes, as `openssl rand -hex 32`."
    if _is_orderly(secret):
        return (
            f"{name} can be guessed: its characters follow the alphabet, the numbers or the keyboard. "
            "Take 32 random bytes, as `openssl rand -hex 32`."
        )
    return None


def find_encryption_keys_error(keys: tuple[str, ...], secret: str, demo_key: str, *, is_production: bool) -> str | None:
    """Look at the keys that encrypt secrets in the database; they must not be the one that signs tokens."""
    name = "BENEFICIATE_ENCRYPTION_KEYS"
    if not keys:
        return f"{name} must have a key of at least {MIN_SECRET_BYTES} bytes."
    if len(set(keys)) < len(keys):
        return f"{name} has the same key twice."
    if secret in keys:
        return f"{name} must not have BENEFICIATE_SECRET in it: take 32 other random bytes, as `openssl rand -hex 32`."
    errors = (find_secret_error(key, demo_key, is_production=is_production, name=name) for key in keys)
    return next((error for error in errors if error is not None), None)


def find_second_factor_error(policy: str) -> str | None:
    """Look at who of the staff needs a second factor."""
    if policy in ("optional", "required"):
        return None
    return f"BENEFICIATE_SECOND_FACTOR must be 'optional' or 'required', not {policy!r}."


def find_public_url_error(url: str, *, is_production: bool) -> str | None:
    """Look at the URL of this installation."""
    if is_production and not url.startswith("https://"):
        return "BENEFICIATE_PUBLIC_URL must be https:// in production: cookies must not travel in the open."
    if not url:
        return None
    if normalize_origin(url) is None:
        return f"BENEFICIATE_PUBLIC_URL must be scheme, host and port, as https://citas.example.co, not {url!r}."
    if not is_production and url.startswith("https://"):
        return (
            "BENEFICIATE_PUBLIC_URL is https:// in development, whose secret and passwords are public. "
            "For an installation that people use set BENEFICIATE_ENV=production."
        )
    return None


def find_origin_error(origin: str, *, is_production: bool) -> str | None:
    """Look at one of the other sites that may call the API."""
    normal = normalize_origin(origin)
    if normal is None:
        return f"BENEFICIATE_ORIGINS must be scheme, host and port, as https://www.example.co, not {origin!r}."
    if is_production and not normal.startswith("https://"):
        return f"BENEFICIATE_ORIGINS must be https:// in production, not {origin!r}."
    return None


def find_database_error(url: str) -> str | None:
    """Look at the URL of the database."""
    try:
        parse_database_url(url)
    except ValueError as problem:
        return str(problem)
    return None


def find_pooler_error(pooler: str, database_url: str) -> str | None:
    """Return what is wrong with the pooler; None if nothing is."""
    if pooler not in ("", "transaction"):
        return "BENEFICIATE_DATABASE_POOLER must be 'transaction' or nothing."
    if pooler and database_url.startswith("sqlite"):
        return "BENEFICIATE_DATABASE_POOLER is for PostgreSQL, and DATABASE_URL is of SQLite."
    return None


def find_redis_error(url: str) -> str | None:
    """Look at the URL of Redis."""
    if not url:
        return None
    parts = _split(url)
    is_socket = parts is not None and parts.scheme == "unix" and parts.path.startswith("/")
    is_server = parts is not None and parts.scheme in ("redis", "rediss") and parts.hostname
    if is_socket or (parts is not None and is_server and _REDIS_NUMBER.fullmatch(parts.path)):
        return None
    # The URL may contain a password.
    return "REDIS_URL must be redis://:password@host:6379/0, rediss://… with TLS, or unix:///path of a socket."


def find_workers_error(database_url: str, redis_url: str, *, uses_sandbox: bool) -> str | None:
    """Look at what several processes need: a database with several writers, and a bus between them."""
    if parse_database_url(database_url) is not None:
        return "--workers needs PostgreSQL: with SQLite there is one process. Set DATABASE_URL=postgresql://…."
    if not redis_url:
        return "--workers needs REDIS_URL: without Redis the processes do not get each other's events."
    if uses_sandbox:
        return "--sandbox is for one process: leave out --workers."
    return None


def find_proxies_error(proxies: int | None, *, is_production: bool) -> str | None:
    """Look at the number of proxies, which nobody can guess."""
    if proxies is not None or not is_production:
        return None
    return (
        "BENEFICIATE_PROXIES must be set in production: 1 behind one proxy, which names the client's address; "
        "0 when clients connect to this process themselves."
    )


def find_address_error(address: str, secret: str, demo_secret: str, *, is_production: bool) -> str | None:
    """Look at the address to listen on: others must not reach a process whose secret is public."""
    if is_production or address in ("", *LOCAL_HOSTS) or secret != demo_secret:
        return None
    return f"BENEFICIATE_SECRET must be set when others reach BENEFICIATE_ADDRESS={address}: the demo secret is public."


def parse_metrics_address(address: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:9100`.

    Raises ValueError unless the host is of this machine or of a private network.
    """
    parts = urlsplit(f"//{address}")
    host, port = parts.hostname or "", parts.port
    is_plain = parts.netloc == address and "@" not in address
    if port is None or not is_plain or not _is_inner_host(host):
        raise ValueError(address)
    return host, port


def choose_sandbox_port(port: int, metrics_address: str) -> int:
    """Return the port of the local Wompi: the next one after that of the pages which the metrics do not have."""
    is_taken = bool(metrics_address) and parse_metrics_address(metrics_address)[1] == port + 1
    return port + (2 if is_taken else 1)


def find_metrics_address_error(address: str) -> str | None:
    """Look at the address that Prometheus reads from: whoever reaches it needs no sign-in."""
    if not address:
        return None
    try:
        parse_metrics_address(address)
    except ValueError:
        return (
            "BENEFICIATE_METRICS_ADDRESS must be an address of this machine or of a private network with a port, "
            f"as 127.0.0.1:9100 or [::1]:9100, not {address!r}."
        )
    return None


def find_smtp_error(url: str, *, is_production: bool) -> str | None:
    """Look at the URL of the mail server."""
    if not url:
        return "SMTP_URL must be set in production: e-mails would be written to the disk." if is_production else None
    parts = _split(url)
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        # The URL may contain a password.
        return "SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host."
    return None


def find_contact_error(phone: str, email: str, *, is_production: bool) -> str | None:
    """Look at the contacts for those who cannot sign in, which pages show as they are; only development needs none."""
    if is_production and not (phone and email):
        return (
            "BENEFICIATE_CONTACT_PHONE and BENEFICIATE_CONTACT_EMAIL must be set in production: "
            "who cannot sign in finds help there."
        )
    if phone and not (_PHONE.fullmatch(phone) and sum(map(str.isdigit, phone)) in PHONE_DIGITS):
        return f"BENEFICIATE_CONTACT_PHONE must be 7 to 15 digits in groups, as '601 555 0100', not {phone!r}."
    if email and not (_EMAIL.fullmatch(email) and len(email) <= MAX_EMAIL_CHARS):
        return f"BENEFICIATE_CONTACT_EMAIL must be an e-mail address, as ayuda@example.co, not {email!r}."
    return None


def find_sender_error(sender: str) -> str | None:
    """Look at the sender of the e-mails, which is in their headers and in calendar entries."""
    if _EMAIL.fullmatch(sender) and len(sender) <= MAX_EMAIL_CHARS:
        return None
    return f"BENEFICIATE_MAIL_FROM must be an e-mail address, as citas@example.co, not {sender!r}."


def normalize_origin(url: str) -> str | None:
    """Return scheme, host and port as a browser sends them in `Origin`; None when a URL is more or less than these."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment or not _HOST.fullmatch(parts.hostname or ""):
        return None
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    default_port = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if parts.port in (None, default_port) else f"{parts.scheme}://{host}:{parts.port}"


def _is_inner_host(host: str) -> bool:
    """Return whether only this machine or a private network reaches a host. 0.0.0.0 is every address."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # Of IPv4 as IPv6 writes it, the address itself counts: `::ffff:0.0.0.0` is every address too.
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_private and not address.is_unspecified


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed only when it is read
    except ValueError:
        return None
    return parts if url.isascii() and url.isprintable() and " " not in url else None


def _is_orderly(secret: str) -> bool:
    """Return whether most characters follow from the one before: the same, the next or previous, the key beside it."""
    letters = [one for one in secret.casefold() if one.isalnum()]
    beside = {frozenset(pair) for row in KEYBOARD_ROWS for pair in pairwise(row)}
    orderly = sum(abs(ord(a) - ord(b)) <= 1 or frozenset((a, b)) in beside for a, b in pairwise(letters))
    return orderly > MAX_ORDERLY_SHARE * (len(letters) - 1)
