"""All settings of the application, read once from the environment. Nothing else reads `os.environ`.

The table in the README is generated from these fields and a test compares the two.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from urllib.parse import urlsplit

from beneficiate import wompi_keys

T = TypeVar("T")

MAX_TRANSPORT_FRAME_BYTES = 128 * 1024
"""For a longer WebSocket frame the transport itself closes the connection with 1009."""
DEMO_SECRET = "beneficiate-demo-secret-for-development-only"  # noqa: S105  refused in production
DEMO_PASSWORD = "beneficiate-demo"  # noqa: S105  of all demo accounts; production has none


class InvalidSettings(Exception):
    """The process must not start with these settings; the message says which and why."""


def _setting(env: str, default: T, text: str) -> T:
    return field(default=default, metadata={"env": env, "help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field with its environment variable, its default and the text of the README's table."""

    env: str = _setting(
        "BENEFICIATE_ENV",
        "development",
        "`development` or `production`; production refuses demo secrets and plain HTTP.",
    )
    secret: str = _setting(
        "BENEFICIATE_SECRET",
        DEMO_SECRET,
        "Signs tokens (HS256); at least 32 bytes. The old service's `JWT_SECRET` keeps its tokens valid.",
    )
    public_url: str = _setting(
        "BENEFICIATE_PUBLIC_URL", "", "The URL of this installation; `http://localhost:PORT` when empty."
    )
    origins: tuple[str, ...] = _setting(
        "BENEFICIATE_ORIGINS",
        (),
        "Other origins, separated by commas, whose pages may open WebSockets and call the API.",
    )
    database_url: str = _setting(
        "DATABASE_URL", "sqlite:///var/beneficiate.db", "`sqlite:///path` or `postgresql://user:password@host/name`."
    )
    redis_url: str = _setting("REDIS_URL", "", "Joins several processes; with none, events stay in one process.")
    port: int = _setting("PORT", 8888, "The port to listen on.")
    address: str = _setting("BENEFICIATE_ADDRESS", "", "The address to listen on; all addresses when empty.")
    trusted_proxies: int = _setting(
        "BENEFICIATE_PROXIES",
        0,
        "How many trusted proxies are in front; with 1 or more, `X-Forwarded-For` is used.",
    )
    max_connections: int = _setting(
        "BENEFICIATE_CONNECTIONS",
        10_000,
        "Open connections of all addresses, WebSockets included; fewer when the process may open fewer files.",
    )
    connections_per_address: int = _setting(
        "BENEFICIATE_CONNECTIONS_PER_ADDRESS",
        256,
        "Open HTTP connections of one address, without WebSockets; not counted behind a proxy, which has to do it.",
    )
    header_timeout_s: float = _setting(
        "BENEFICIATE_HEADER_TIMEOUT_S", 10.0, "How long the head of a request, or an idle connection, may take."
    )
    body_timeout_s: float = _setting(
        "BENEFICIATE_BODY_TIMEOUT_S", 30.0, "How long the body of a request may take; a file may take 300 seconds."
    )
    access_token_s: int = _setting("BENEFICIATE_ACCESS_TOKEN_S", 900, "Life of an access token, in seconds.")
    sign_in_days: int = _setting("BENEFICIATE_SIGN_IN_DAYS", 30, "Life of an unused refresh token, in days.")
    staff_session_hours: int = _setting("BENEFICIATE_STAFF_SESSION_HOURS", 12, "Life of a page session, in hours.")
    sign_in_attempts: int = _setting(
        "BENEFICIATE_SIGN_IN_ATTEMPTS",
        5,
        "Wrong passwords for one account before sign-in is throttled; a network may have four times as many.",
    )
    sign_in_wait_s: int = _setting(
        "BENEFICIATE_SIGN_IN_WAIT_S",
        30,
        "The first wait after too many wrong passwords, in seconds; it doubles up to 15 minutes.",
    )
    presence_grace_s: float = _setting(
        "BENEFICIATE_PRESENCE_GRACE_S", 20.0, "How long a person stays online after the connection dropped, in seconds."
    )
    process_expiry_s: float = _setting(
        "BENEFICIATE_PROCESS_EXPIRY_S",
        15.0,
        "Seconds without a heartbeat after which a process counts as dead and its connections as closed.",
    )
    ping_interval_s: float = _setting(
        "BENEFICIATE_BEAT_S", 25.0, "Seconds between two pings; a peer silent for two of them is disconnected."
    )
    frame_bytes: int = _setting("BENEFICIATE_FRAME_BYTES", 64 * 1024, "The largest frame a client may send, in bytes.")
    messages_per_s: int = _setting("BENEFICIATE_LINES_PER_S", 300, "Messages a person may send per second.")
    messages_burst: int = _setting("BENEFICIATE_LINES_BURST", 500, "Messages a person may send at once.")
    typing_per_s: int = _setting("BENEFICIATE_TYPING_PER_S", 600, "Typing notices a person may send per second.")
    commands_per_s: int = _setting(
        "BENEFICIATE_COMMANDS_PER_S", 600, "Commands of any other kind a person may send per second."
    )
    errors_per_minute: int = _setting(
        "BENEFICIATE_ERRORS_PER_MINUTE", 100, "Errors in a minute after which a connection is closed with 1008."
    )
    failed_handshakes_per_minute: int = _setting(
        "BENEFICIATE_FAILED_HANDSHAKES_PER_MINUTE",
        60,
        "Failed handshakes in a minute after which an address is throttled.",
    )
    connections_per_person: int = _setting(
        "BENEFICIATE_CONNECTIONS_PER_PERSON",
        10,
        "Connections of one person; older ones are closed with 4409.",
    )
    notice_minutes: int = _setting(
        "BENEFICIATE_NOTICE_MINUTES", 120, "The shortest notice at which a member may take a slot, in minutes."
    )
    horizon_days: int = _setting("BENEFICIATE_HORIZON_DAYS", 60, "How far ahead slots are offered, in days.")
    hold_minutes: int = _setting(
        "BENEFICIATE_HOLD_MINUTES", 10, "How long a slot is held for a member who is about to confirm, in minutes."
    )
    change_window_hours: int = _setting(
        "BENEFICIATE_CHANGE_WINDOW_HOURS",
        4,
        "Until how many hours before it a member may move or cancel an appointment.",
    )
    pending_working_hours: int = _setting(
        "BENEFICIATE_PENDING_WORKING_HOURS", 72, "Working hours after which a request that nobody handled expires."
    )
    offer_minutes: int = _setting(
        "BENEFICIATE_OFFER_MINUTES",
        30,
        "How long a freed slot is offered to one person of the waiting list, in minutes.",
    )
    first_reply_s: int = _setting(
        "BENEFICIATE_FIRST_REPLY_S",
        60,
        "Seconds in which an agent must answer a chat assigned to them; then it goes back to the front of the queue.",
    )
    reopen_hours: int = _setting(
        "BENEFICIATE_REOPEN_HOURS", 24, "Until how many hours after it was closed a chat can be reopened."
    )
    files_folder: str = _setting("BENEFICIATE_FILES", "var/files", "The folder for the files of chats.")
    attachment_bytes: int = _setting(
        "BENEFICIATE_ATTACHMENT_BYTES", 10 * 1024 * 1024, "The largest file that can be sent in a chat, in bytes."
    )
    uploads_per_minute: int = _setting(
        "BENEFICIATE_UPLOADS_PER_MINUTE", 20, "Files a person may send in a minute, and at once."
    )
    smtp_url: str = _setting(
        "SMTP_URL",
        "",
        "`smtp://user:password@host:587` or `smtps://…`; with none, e-mails are written to `var/outbox/`.",
    )
    mail_from: str = _setting("BENEFICIATE_MAIL_FROM", "citas@beneficiate.co", "Sender of the e-mails.")
    wompi_base_url: str = _setting(
        "WOMPI_BASE_URL", "", "Wompi's API with its `/v1`; when empty, the one that the keys are for."
    )
    wompi_checkout_url: str = _setting(
        "WOMPI_CHECKOUT_URL", "https://checkout.wompi.co", "Where members pay: a link is at `/l/<id>` there."
    )
    wompi_public_key: str = _setting("WOMPI_PUBLIC_KEY", "", "`pub_test_…` or `pub_prod_…`.")
    wompi_private_key: str = _setting(
        "WOMPI_PRIVATE_KEY", "", "`prv_test_…` or `prv_prod_…`; with none there are no payments."
    )
    wompi_events_secret: str = _setting(
        "WOMPI_EVENTS_SECRET", "", "`test_events_…` or `prod_events_…`; with none every event is refused."
    )
    wompi_integrity_secret: str = _setting(
        "WOMPI_INTEGRITY_SECRET", "", "`test_integrity_…` or `prod_integrity_…`; links do not use it, it is checked."
    )
    link_minutes: int = _setting("BENEFICIATE_LINK_MINUTES", 60, "How long a payment link can be paid, in minutes.")
    reconcile_s: float = _setting(
        "BENEFICIATE_RECONCILE_S", 30.0, "Seconds between two reconciliations of payments whose event never came."
    )
    sandbox_retry_s: float = _setting(
        "BENEFICIATE_SANDBOX_RETRY_S",
        2.0,
        "The local Wompi sends an undelivered event again after so many seconds, then after 6 and 48 times as many.",
    )
    outbox_bytes: int = _setting(
        "BENEFICIATE_OUTBOX_BYTES", 1024 * 1024, "Bytes that may wait for a slow client before it is closed with 1013."
    )

    @classmethod
    # Any: each value has the type of its field, which mypy cannot follow through **.
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Read every field from its variable; a `given` value (an option of the command line) takes precedence.

        Raises InvalidSettings for a value that is no number, an unknown environment, Wompi keys that do not fit
        together, or a demo secret or plain HTTP in production.
        """
        values = {
            f.name: _parse_setting(f.metadata["env"], environ[f.metadata["env"]], f.default)
            for f in fields(cls)
            if environ.get(f.metadata["env"], "") != ""
        }
        return cls(**{**values, **{name: value for name, value in given.items() if value is not None}}).validated()

    @property
    def is_production(self) -> bool:
        """Return whether this is production."""
        return self.env == "production"

    @property
    def is_behind_proxy(self) -> bool:
        """Return whether requests come through proxies that name the client's address."""
        return self.trusted_proxies > 0

    @property
    def own_url(self) -> str:
        """Return the public URL without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us over TLS, so that cookies can be marked Secure."""
        return self.own_url.startswith("https://")

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Our own origin and the other sites that may open WebSockets and call the API."""
        return frozenset(origin.rstrip("/") for origin in (origin_of(self.own_url), *self.origins))

    @property
    def wompi_environment(self) -> str:
        """`test` or `prod`, the environment of all keys; empty without keys."""
        return next((wompi_keys.environment_of_key(key) for key in self._wompi_keys.values() if key), "")

    @property
    def wompi_api(self) -> str:
        """Return the URL of Wompi's API, by the keys when it is not set."""
        return (self.wompi_base_url or wompi_keys.API_URLS.get(self.wompi_environment, "")).rstrip("/")

    @property
    def takes_payments(self) -> bool:
        """Return whether there are keys to pay with."""
        return bool(self.wompi_private_key and self.wompi_public_key)

    def checkout_url(self, link_id: str) -> str:
        """Return the URL where a link is paid."""
        return f"{self.wompi_checkout_url.rstrip('/').removesuffix('/l')}/l/{link_id}"

    @property
    def _wompi_keys(self) -> dict[str, str]:
        return {
            "WOMPI_PUBLIC_KEY": self.wompi_public_key,
            "WOMPI_PRIVATE_KEY": self.wompi_private_key,
            "WOMPI_EVENTS_SECRET": self.wompi_events_secret,
            "WOMPI_INTEGRITY_SECRET": self.wompi_integrity_secret,
        }

    def validated(self) -> "Settings":
        """Return these settings. Raises InvalidSettings."""
        if self.env not in ("development", "production"):
            raise InvalidSettings("BENEFICIATE_ENV must be 'development' or 'production'.")
        scheme = urlsplit(self.database_url).scheme
        if scheme not in ("sqlite", "postgresql", "postgres"):
            raise InvalidSettings(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {scheme!r}.")
        if self.frame_bytes > MAX_TRANSPORT_FRAME_BYTES:
            raise InvalidSettings(
                f"BENEFICIATE_FRAME_BYTES can be at most {MAX_TRANSPORT_FRAME_BYTES}: the transport closes above that."
            )
        fault = wompi_keys.find_configuration_error(
            self._wompi_keys, self.wompi_api, self.wompi_checkout_url, is_production=self.is_production
        )
        if fault is not None:
            raise InvalidSettings(fault)
        if len(self.secret.encode()) < 32:
            raise InvalidSettings("BENEFICIATE_SECRET must have at least 32 bytes.")
        if self.is_production and self.secret == DEMO_SECRET:
            raise InvalidSettings("BENEFICIATE_SECRET must be set in production: the demo secret is public.")
        if self.is_production and not self.is_secure:
            raise InvalidSettings(
                "BENEFICIATE_PUBLIC_URL must be https:// in production: cookies must not travel in the open."
            )
        return self


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# Any: the value has the type of the default.
def _parse_setting(env: str, text: str, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return type(default)(text)
    except ValueError as problem:
        raise InvalidSettings(f"{env} must be a number, not {text!r}.") from problem


def render_settings_table() -> str:
    """Return the README's table: each variable, its default and what it is for."""
    rows = [
        f"| `{f.metadata['env']}` | {_format_default(f.default)} | {f.metadata['help']} |" for f in fields(Settings)
    ]
    return "\n".join(["| variable | default | what it is for |", "| --- | --- | --- |", *rows])


def _format_default(default: object) -> str:
    if default == DEMO_SECRET:
        return "a demo secret"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`" if default or default == 0 else "none"
