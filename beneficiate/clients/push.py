"""HTTP client of push services (RFC 8030): messages are encrypted for one browser (RFC 8291) and signed (RFC 8292).

The address comes from a browser, so from anybody: it is checked when it is stored, and each address that its name has
when a connection is opened. Redirects are not followed.
"""

import hmac
import socket
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import http_ece
import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.netutil import DefaultLoopResolver, Resolver
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from beneficiate.actions.push_messages import PUSH_BATCH_SIZE, PendingPush, PushOutcome, PushResult
from beneficiate.actions.push_subscriptions import AUTH_BYTES, PushTarget
from beneficiate.domain.notices import KINDS_THAT_ALERT
from beneficiate.domain.push_endpoints import find_origin, is_public_address, is_push_endpoint
from beneficiate.errors import Invalid
from beneficiate.push_keys import CURVE, decode_base64url, encode_base64url, load_private_key, load_public_point
from beneficiate.settings import Settings

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S, REQUEST_TIMEOUT_S = 5.0, 10.0
MAX_RESPONSE_BYTES = 64 * 1024
TOKEN_LIFETIME_S = 12 * 3600
"""RFC 8292 allows a day; Apple refuses more."""
MAX_TOPIC_CHARS = 32
"""RFC 8030, section 5.4."""
GONE, TOO_MANY = (404, 410), 429


class PushClient:
    """Sends pushes; without keys there are none."""

    def __init__(self, settings: Settings) -> None:
        self.public_key = settings.push_public_key
        self._local_origin = settings.push_local_origin
        self._subject = f"mailto:{settings.contact_email or settings.mail_from}"
        self._key = load_private_key(settings.push_key) if settings.push_key else None
        self._http = _new_http_client(PublicResolver())
        self._local_http = _new_http_client(DefaultLoopResolver()) if self._local_origin else self._http

    @property
    def is_on(self) -> bool:
        """Whether there are keys."""
        return self._key is not None

    def close(self) -> None:
        """Close the HTTP clients."""
        self._http.close()
        if self._local_http is not self._http:
            self._local_http.close()

    def require_endpoint(self, url: str) -> None:
        """Raise Invalid unless a push may be sent to this URL."""
        if not is_push_endpoint(url, self._local_origin):
            raise Invalid("Este navegador dio una dirección a la que no podemos enviar avisos.")

    async def send(self, push: PendingPush) -> PushResult:
        """Send a push and return what became of it. Takes 10 s at most; nothing that goes wrong is raised."""
        origin = find_origin(push.target.endpoint)
        try:
            self.require_endpoint(push.target.endpoint)
            http = self._local_http if origin == self._local_origin else self._http
            response = await http.fetch(
                push.target.endpoint,
                method="POST",
                headers=self._headers(push, origin),
                body=_encrypt(push.target, push.kind),
                follow_redirects=False,
                raise_error=False,
                connect_timeout=CONNECT_TIMEOUT_S,
                request_timeout=REQUEST_TIMEOUT_S,
            )
        except _NotPublic:
            log.warning("push_not_public", origin=origin)
            return PushResult(push.message_id, PushOutcome.DROPPED)
        except (HTTPClientError, OSError) as problem:
            log.warning("push_unreachable", origin=origin, problem=type(problem).__name__)
            return PushResult(push.message_id, PushOutcome.LATER)
        except (Invalid, ValueError) as problem:
            log.warning("push_not_composed", origin=origin, problem=type(problem).__name__)
            return PushResult(push.message_id, PushOutcome.DROPPED)
        return _read_answer(push.message_id, origin, response)

    def _headers(self, push: PendingPush, origin: str) -> dict[str, str]:
        if self._key is None:
            raise ValueError("no key")
        claims = {"aud": origin, "exp": int(time.time()) + TOKEN_LIFETIME_S, "sub": self._subject}
        token = jwt.encode(claims, self._key, "ES256")
        ttl_s = max(0, int((push.deliver_until - push.now).total_seconds()))
        kind = push.kind.partition("-")[0]
        return {
            "Authorization": f"vapid t={token}, k={self.public_key}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(ttl_s),
            "Urgency": "high" if kind in KINDS_THAT_ALERT else "normal",
            # One that has not been delivered yet is replaced: for whoever was offline one of each kind is enough.
            "Topic": _hide_kind(push.target, kind),
        }


def _hide_kind(target: PushTarget, kind: str) -> str:
    """Return the topic of a kind, which says nothing to the push service: "reminder" is of who has an appointment."""
    digest = hmac.digest(target.auth.encode(), f"{target.endpoint} {kind}".encode(), "sha256")
    return encode_base64url(digest)[:MAX_TOPIC_CHARS]


class _NotPublic(OSError):
    """A name has an address that is none of the Internet."""


class PublicResolver(Resolver):
    """Resolves names to addresses of the Internet; a name that has any other is refused.

    The connection is opened to what is returned here, so that a name cannot have another address a moment later.
    """

    def initialize(self) -> None:
        """Use the resolver of the event loop."""
        self._resolver = DefaultLoopResolver()

    # Any: the signature is that of Tornado.
    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, tuple[Any, ...]]]:
        """Return the addresses of a host. Raises OSError when one of them is not public."""
        found: list[tuple[int, tuple[Any, ...]]] = await self._resolver.resolve(host, port, family)
        if not all(is_public_address(str(address[0])) for _, address in found):
            raise _NotPublic(host)
        return found


def _new_http_client(resolver: Resolver) -> SimpleAsyncHTTPClient:
    return SimpleAsyncHTTPClient(
        force_instance=True, max_clients=PUSH_BATCH_SIZE, max_body_size=MAX_RESPONSE_BYTES, resolver=resolver
    )


def _encrypt(target: PushTarget, kind: str) -> bytes:
    """Return the message for a browser: the kind of the notice and nothing else. Its worker has the sentence."""
    body: bytes = http_ece.encrypt(
        msgspec.json.encode({"kind": kind.partition("-")[0]}),
        private_key=ec.generate_private_key(CURVE),
        dh=load_public_point(target.p256dh),
        auth_secret=decode_base64url(target.auth, AUTH_BYTES),
        version="aes128gcm",
    )
    return body


def _read_answer(message_id: int, origin: str, response: HTTPResponse) -> PushResult:
    if 200 <= response.code < 300:
        return PushResult(message_id, PushOutcome.SENT)
    if response.code in GONE:
        return PushResult(message_id, PushOutcome.GONE)
    is_later = response.code == TOO_MANY or response.code >= 500
    log.warning("push_refused", origin=origin, status=response.code, is_tried_again=is_later)
    if not is_later:
        return PushResult(message_id, PushOutcome.DROPPED)
    return PushResult(message_id, PushOutcome.LATER, _read_retry_after(response.headers.get("Retry-After", "")))


def _read_retry_after(text: str) -> float | None:
    """Return the seconds of `Retry-After`, which is a number or a date (RFC 9110, 10.2.3); None for anything else."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        at = parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the last day of the year 9999 somewhere is one of 10000 in UTC
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
