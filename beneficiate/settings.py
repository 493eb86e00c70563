"""All settings of the application, read once from the environment. Nothing else reads `os.environ`.

The table in the README is generated from these fields and a test compares the two. What is wrong with a value is a
sentence that names its variable, and the process does not start.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from beneficiate import push_keys, wompi_keys
from beneficiate import settings_checks as checks
from beneficiate.settings_fields import InvalidSettings as InvalidSettings
from beneficiate.settings_fields import find_range_error, parse_settings, setting_field

MAX_TRANSPORT_FRAME_BYTES = 128 * 1024
"""For a longer WebSocket frame the transport itself closes the connection with 1009."""
DEMO_SECRET = "beneficiate-demo-secret-for-development-only"  # noqa: S105  refused in production
DEMO_ENCRYPTION_KEY = "beneficiate-demo-encryption-key-for-development"
DEMO_PASSWORD = "beneficiate-demo"  # noqa: S105  of all demo accounts; production has none


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field with its environment variable, its default and the text of the README's table."""

    env: str = setting_field(
        "BENEFICIATE_ENV",
        "development",
        "`development`, for this machine alone, or `production`, which refuses demo secrets and plain HTTP.",
    )
    secret: str = setting_field(
        "BENEFICIATE_SECRET",
        DEMO_SECRET,
        "Signs tokens (HS256); at least 32 bytes. The old service's `JWT_SECRET` keeps its tokens valid.",
    )
    encryption_keys: tuple[str, ...] = setting_field(
        "BENEFICIATE_ENCRYPTION_KEYS",
        (DEMO_ENCRYPTION_KEY,),
        "Encrypt secrets in the database: keys of at least 32 bytes, separated by commas. The first encrypts; "
        "older ones follow it until `rotate-secrets` has run.",
    )
    second_factor: str = setting_field(
        "BENEFICIATE_SECOND_FACTOR",
        "optional",
        "`optional`, or `required`: without a second factor the staff can only set one up.",
    )
    public_url: str = setting_field(
        "BENEFICIATE_PUBLIC_URL", "", "The URL of this installation; `http://localhost:PORT` when empty."
    )
    origins: tuple[str, ...] = setting_field(
        "BENEFICIATE_ORIGINS",
        (),
        "Other origins, separated by commas, whose pages may open WebSockets and call the API.",
    )
    database_url: str = setting_field(
        "DATABASE_URL", "sqlite:///var/beneficiate.db", "`sqlite:///path` or `postgresql://user:password@host/name`."
    )
    database_pooler: str = setting_field(
        "BENEFICIATE_DATABASE_POOLER", "", "`transaction` when `DATABASE_URL` is a PgBouncer in its transaction mode."
    )
    redis_url: str = setting_field("REDIS_URL", "", "Joins several processes; with none, events stay in one process.")
    port: int = setting_field("PORT", 8888, "The port to listen on.", least=0, most=65_535)
    address: str = setting_field(
        "BENEFICIATE_ADDRESS",
        "",
        "The address to listen on; when empty, all addresses in production and this machine's own in development.",
    )
    metrics_address: str = setting_field(
        "BENEFICIATE_METRICS_ADDRESS",
        "",
        "Where Prometheus reads `/metrics`, as `127.0.0.1:9100`: this machine or a private network; off when empty. "
        "Each worker adds its number to the port.",
    )
    trusted_proxies: int | None = setting_field(
        "BENEFICIATE_PROXIES",
        None,
        "How many trusted proxies are in front; with 1 or more, `X-Forwarded-For` is used. Needed in production.",
        least=0,
        most=10,
    )
    max_connections: int = setting_field(
        "BENEFICIATE_CONNECTIONS",
        10_000,
        "Open connections of all addresses, WebSockets included; fewer when the process may open fewer files.",
    )
    connections_per_address: int = setting_field(
        "BENEFICIATE_CONNECTIONS_PER_ADDRESS",
        256,
        "Open HTTP connections of one address, without WebSockets; not counted behind a proxy, which has to do it.",
    )
    header_timeout_s: float = setting_field(
        "BENEFICIATE_HEADER_TIMEOUT_S",
        10.0,
        "How long the head of a request, or an idle connection, may take.",
        most=300,
    )
    body_timeout_s: float = setting_field(
        "BENEFICIATE_BODY_TIMEOUT_S",
        30.0,
        "How long the body of a request may take; a file may take 300 seconds.",
        most=300,
    )
    access_token_s: int = setting_field(
        "BENEFICIATE_ACCESS_TOKEN_S", 900, "Life of an access token, in seconds.", most=86_400
    )
    sign_in_days: int = setting_field(
        "BENEFICIATE_SIGN_IN_DAYS", 14, "Life of an unused refresh token, in days.", most=90
    )
    sign_in_max_days: int = setting_field(
        "BENEFICIATE_SIGN_IN_MAX_DAYS", 30, "Longest life of a member's sign-in over the API, in days.", most=366
    )
    staff_session_hours: int = setting_field(
        "BENEFICIATE_STAFF_SESSION_HOURS", 12, "Life of a sign-in on the pages or of the staff, in hours.", most=168
    )
    page_idle_minutes: int = setting_field(
        "BENEFICIATE_PAGE_IDLE_MINUTES", 120, "Life of an unused page session that is not remembered, in minutes."
    )
    sign_in_attempts: int = setting_field(
        "BENEFICIATE_SIGN_IN_ATTEMPTS",
        5,
        "Wrong passwords for one account before sign-in is throttled; a network may have four times as many.",
    )
    sign_in_wait_s: int = setting_field(
        "BENEFICIATE_SIGN_IN_WAIT_S",
        30,
        "The first wait after too many wrong passwords, in seconds; it doubles up to 15 minutes.",
        most=900,
    )
    presence_grace_s: float = setting_field(
        "BENEFICIATE_PRESENCE_GRACE_S",
        20.0,
        "How long a person stays online after the connection dropped, in seconds.",
        most=3600,
    )
    process_expiry_s: float = setting_field(
        "BENEFICIATE_PROCESS_EXPIRY_S",
        15.0,
        "Seconds without a heartbeat after which a process counts as dead and its connections as closed.",
        most=3600,
    )
    ping_interval_s: float = setting_field(
        "BENEFICIATE_BEAT_S",
        25.0,
        "Seconds between two pings; a peer silent for two of them is disconnected.",
        most=3600,
    )
    frame_bytes: int = setting_field(
        "BENEFICIATE_FRAME_BYTES",
        64 * 1024,
        "The largest frame a client may send, in bytes; the transport closes above 131072.",
        least=1024,
        most=MAX_TRANSPORT_FRAME_BYTES,
    )
    messages_per_s: int = setting_field("BENEFICIATE_LINES_PER_S", 300, "Messages a person may send per second.")
    messages_burst: int = setting_field("BENEFICIATE_LINES_BURST", 500, "Messages a person may send at once.")
    messages_per_hour: int = setting_field(
        "BENEFICIATE_LINES_PER_HOUR", 20_000, "Messages a person may send in an hour, and at once at most so many."
    )
    typing_per_s: int = setting_field("BENEFICIATE_TYPING_PER_S", 600, "Typing notices a person may send per second.")
    commands_per_s: int = setting_field(
        "BENEFICIATE_COMMANDS_PER_S", 600, "Commands of any other kind a person may send per second."
    )
    errors_per_minute: int = setting_field(
        "BENEFICIATE_ERRORS_PER_MINUTE", 100, "Errors in a minute after which a connection is closed with 1008."
    )
    failed_handshakes_per_minute: int = setting_field(
        "BENEFICIATE_FAILED_HANDSHAKES_PER_MINUTE",
        60,
        "Failed handshakes of a network in a minute; further ones get 429. A good token is always taken.",
    )
    connections_per_person: int = setting_field(
        "BENEFICIATE_CONNECTIONS_PER_PERSON", 10, "Connections of one person; older ones are closed with 4409."
    )
    notice_minutes: int = setting_field(
        "BENEFICIATE_NOTICE_MINUTES",
        120,
        "The shortest notice at which a member may take a slot, in minutes.",
        least=0,
        most=43200,
    )
    horizon_days: int = setting_field(
        "BENEFICIATE_HORIZON_DAYS", 60, "How far ahead slots are offered, in days.", most=366
    )
    hold_minutes: int = setting_field(
        "BENEFICIATE_HOLD_MINUTES", 10, "How long a slot is held for a member who is about to confirm, in minutes."
    )
    change_window_hours: int = setting_field(
        "BENEFICIATE_CHANGE_WINDOW_HOURS",
        4,
        "Until how many hours before it a member may move or cancel an appointment.",
        least=0,
        most=720,
    )
    pending_working_hours: int = setting_field(
        "BENEFICIATE_PENDING_WORKING_HOURS", 72, "Working hours after which a request that nobody handled expires."
    )
    offer_minutes: int = setting_field(
        "BENEFICIATE_OFFER_MINUTES",
        30,
        "How long a freed slot is offered to one person of the waiting list, in minutes.",
    )
    first_reply_s: int = setting_field(
        "BENEFICIATE_FIRST_REPLY_S",
        60,
        "Seconds in which an agent must answer a chat assigned to them, from when it reached their browser; "
        "then it goes back to the front of the queue.",
    )
    unanswered_chats: int = setting_field(
        "BENEFICIATE_UNANSWERED_CHATS",
        2,
        "Chats that an agent is assigned before they have answered the first of them.",
    )
    undo_s: int = setting_field(
        "BENEFICIATE_UNDO_S",
        5,
        "Seconds in which an agent can undo the sending of a message; 0 offers it to nobody.",
        least=0,
        most=60,
    )
    reopen_hours: int = setting_field(
        "BENEFICIATE_REOPEN_HOURS",
        24,
        "Until how many hours after it was closed a chat can be reopened.",
        least=0,
        most=8784,
    )
    files_folder: str = setting_field(
        "BENEFICIATE_FILES", "var/files", "The folder for files of chats and copies of members' data."
    )
    erasures_file: str = setting_field(
        "BENEFICIATE_ERASURES",
        "var/erasures.jsonl",
        "The list of erased members, by which a restored backup is erased again; keep it outside of the backups.",
    )
    attachment_bytes: int = setting_field(
        "BENEFICIATE_ATTACHMENT_BYTES",
        10 * 1024 * 1024,
        "The largest file that can be sent in a chat, in bytes.",
        most=104857600,
    )
    uploads_per_minute: int = setting_field(
        "BENEFICIATE_UPLOADS_PER_MINUTE", 20, "Files a person may send in a minute, and at once."
    )
    lookups_per_minute: int = setting_field(
        "BENEFICIATE_LOOKUPS_PER_MINUTE",
        60,
        "Different people (by document, telephone, e-mail or name) that one of the staff may search for in a minute.",
    )
    upload_bytes_per_day: int = setting_field(
        "BENEFICIATE_UPLOAD_BYTES_PER_DAY", 200 * 1024 * 1024, "Bytes of files that a person may send in a day."
    )
    open_appointments: int = setting_field(
        "BENEFICIATE_OPEN_APPOINTMENTS", 5, "Open appointments that a member may have for one patient."
    )
    open_per_specialty: int = setting_field(
        "BENEFICIATE_OPEN_PER_SPECIALTY", 1, "Open appointments that a member may have for one patient and specialty."
    )
    bookings_per_hour: int = setting_field(
        "BENEFICIATE_BOOKINGS_PER_HOUR",
        10,
        "Appointments that a member may request in an hour; one of the staff, 20 times as many.",
    )
    appointment_changes_per_hour: int = setting_field(
        "BENEFICIATE_APPOINTMENT_CHANGES_PER_HOUR",
        10,
        "How often a member may move or cancel appointments in an hour; one of the staff, 20 times as often.",
    )
    slot_reads_per_minute: int = setting_field(
        "BENEFICIATE_SLOT_READS_PER_MINUTE", 120, "How often a person may read free slots in a minute."
    )
    sign_ins_per_person: int = setting_field(
        "BENEFICIATE_SIGN_INS_PER_PERSON", 20, "Devices on which a person may be signed in; the oldest ones end."
    )
    sign_ins_per_hour: int = setting_field(
        "BENEFICIATE_SIGN_INS_PER_HOUR", 200, "How often a person may sign in within an hour."
    )
    smtp_url: str = setting_field(
        "SMTP_URL",
        "",
        "`smtp://user:password@host:587` or `smtps://…`; with none, e-mails are written to `var/outbox/`.",
    )
    mail_from: str = setting_field("BENEFICIATE_MAIL_FROM", "citas@beneficiate.co", "Sender of mails and invitations.")
    away_s: float = setting_field(
        "BENEFICIATE_AWAY_S",
        120.0,
        "Seconds without an open connection after which a member is told of what happened meanwhile.",
        most=86_400,
    )
    push_key: str = setting_field(
        "BENEFICIATE_PUSH_KEY", "", "Signs push notifications; `make-push-keys` prints it. With none there are none."
    )
    push_public_key: str = setting_field(
        "BENEFICIATE_PUSH_PUBLIC_KEY", "", "The other half of the pair, which browsers get."
    )
    push_local_origin: str = setting_field(
        "BENEFICIATE_PUSH_LOCAL_ORIGIN",
        "",
        "A push service of this machine, for development; any other has to be https:// at a public address.",
    )
    contact_phone: str = setting_field("BENEFICIATE_CONTACT_PHONE", "", "Telephone for those who cannot sign in.")
    contact_email: str = setting_field("BENEFICIATE_CONTACT_EMAIL", "", "E-mail address for those who cannot sign in.")
    wompi_base_url: str = setting_field(
        "WOMPI_BASE_URL", "", "Wompi's API with its `/v1`; when empty, the one that the keys are for."
    )
    wompi_checkout_url: str = setting_field(
        "WOMPI_CHECKOUT_URL", "https://checkout.wompi.co", "Where members pay: a link is at `/l/<id>` there."
    )
    wompi_public_key: str = setting_field("WOMPI_PUBLIC_KEY", "", "`pub_test_…` or `pub_prod_…`.")
    wompi_private_key: str = setting_field(
        "WOMPI_PRIVATE_KEY", "", "`prv_test_…` or `prv_prod_…`; with none there are no payments."
    )
    wompi_events_secret: str = setting_field(
        "WOMPI_EVENTS_SECRET", "", "`test_events_…` or `prod_events_…`; with none every event is refused."
    )
    wompi_integrity_secret: str = setting_field(
        "WOMPI_INTEGRITY_SECRET", "", "`test_integrity_…` or `prod_integrity_…`; links do not use it, it is checked."
    )
    link_minutes: int = setting_field(
        "BENEFICIATE_LINK_MINUTES", 60, "How long a payment link can be paid, in minutes."
    )
    reconcile_s: float = setting_field(
        "BENEFICIATE_RECONCILE_S", 30.0, "Seconds between two reconciliations of payments whose event never came."
    )
    sandbox_retry_s: float = setting_field(
        "BENEFICIATE_SANDBOX_RETRY_S",
        2.0,
        "The local Wompi sends an undelivered event again after so many seconds, then after 6 and 48 times as many.",
        most=3600,
    )
    outbox_bytes: int = setting_field(
        "BENEFICIATE_OUTBOX_BYTES", 1024 * 1024, "Bytes that may wait for a slow client before it is closed with 1013."
    )

    @classmethod
    # Any: each value has the type of its field, which mypy cannot follow through **.
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Read every field from its variable; a `given` value (an option of the command line) takes precedence.

        Raises InvalidSettings.
        """
        values = parse_settings(cls, environ)
        return cls(**{**values, **{name: value for name, value in given.items() if value is not None}}).validated()

    @property
    def is_production(self) -> bool:
        """Return whether this is production."""
        return self.env == "production"

    @property
    def requires_second_factor(self) -> bool:
        """Return whether nobody of the staff signs in without a second factor."""
        return self.second_factor == "required"

    @property
    def is_behind_proxy(self) -> bool:
        """Return whether requests come through proxies that name the client's address."""
        return bool(self.trusted_proxies)

    @property
    def listen_address(self) -> str | None:
        """Return the address to listen on; None for all of them."""
        return self.address or (None if self.is_production else "localhost")

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
        origins = (checks.normalize_origin(origin) for origin in (self.own_url, *self.origins))
        return frozenset(origin for origin in origins if origin is not None)

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

    @property
    def checkout_origin(self) -> str:
        """Return the origin of the pages where members pay."""
        parts = urlsplit(self.wompi_checkout_url)
        return f"{parts.scheme}://{parts.netloc}"

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
        """Return these settings. Raises InvalidSettings for the first that is wrong."""
        for error in self._find_errors():
            if error is not None:
                raise InvalidSettings(error)
        return self

    def _find_errors(self) -> Iterator[str | None]:
        is_production = self.is_production
        if self.env not in ("development", "production"):
            yield "BENEFICIATE_ENV must be 'development' or 'production'."
        yield checks.find_database_error(self.database_url)
        yield checks.find_pooler_error(self.database_pooler, self.database_url)
        yield checks.find_redis_error(self.redis_url)
        yield find_range_error(self)
        yield wompi_keys.find_configuration_error(
            self._wompi_keys, self.wompi_api, self.wompi_checkout_url, is_production=is_production
        )
        yield checks.find_secret_error(self.secret, DEMO_SECRET, is_production=is_production)
        yield checks.find_encryption_keys_error(
            self.encryption_keys, self.secret, DEMO_ENCRYPTION_KEY, is_production=is_production
        )
        yield checks.find_second_factor_error(self.second_factor)
        yield checks.find_public_url_error(self.public_url, is_production=is_production)
        yield checks.find_address_error(self.address, self.secret, DEMO_SECRET, is_production=is_production)
        yield checks.find_metrics_address_error(self.metrics_address)
        yield from (checks.find_origin_error(origin, is_production=is_production) for origin in self.origins)
        yield checks.find_smtp_error(self.smtp_url, is_production=is_production)
        yield checks.find_contact_error(self.contact_phone, self.contact_email, is_production=is_production)
        yield checks.find_sender_error(self.mail_from)
        yield push_keys.find_push_error(
            self.push_key, self.push_public_key, self.push_local_origin, is_production=is_production
        )
        yield checks.find_proxies_error(self.trusted_proxies, is_production=is_production)
