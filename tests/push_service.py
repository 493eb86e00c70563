"""A push service of the tests: it refuses what those of Google, Mozilla and Apple refuse; its browsers decrypt.

Rules: RFC 8030 (TTL, Urgency, Topic), RFC 8292 (the token, of the key that the browser subscribed with), RFC 8188 and
8291 (the body: one record). Google keeps a message for four weeks at most. Apple takes a token for a day at most whose
subject is an address that can be written to (not at `localhost`, no name beside it) or `https:`, and answers 403 to
others. Neither takes a body of more than 4,096 bytes: 413.
"""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from beneficiate.push_keys import CURVE, create_push_keys, encode_base64url, load_public_point

KEY, PUBLIC_KEY = create_push_keys()
MAX_BODY_BYTES = 4096
MAX_TOKEN_S = 24 * 3600
MAX_TTL_S = 28 * 24 * 3600
BODY_HEADER_BYTES = 16 + 4 + 1
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
SUBJECT = re.compile(r"(mailto:[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+|https://[^\s<>]+)")


@dataclass
class Browser:
    """A browser that subscribed: its address at the service, its keys, and what it was sent."""

    endpoint: str
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"sixteen bytes of"

    @property
    def p256dh(self) -> str:
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return encode_base64url(point)

    @property
    def json(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` returns."""
        keys = {"p256dh": self.p256dh, "auth": encode_base64url(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def decrypt(self, body: bytes) -> Any:
        return json.loads(
            http_ece.decrypt(body, private_key=self.private_key, auth_secret=self.auth, version="aes128gcm")
        )


@dataclass
class Delivery:
    """A push that was taken: for which browser, its headers and what the browser reads."""

    browser: Browser
    headers: dict[str, str]
    data: Any


class PushService:
    """A service at `origin`. `answers` has statuses and headers by the path of a browser; without one it takes all."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        self.deliveries: list[Delivery] = []
        self.refused: list[str] = []
        self._server = HTTPServer(Application([(r"(/.*)", _PushHandler, {"service": self})]))
        sockets = bind_sockets(0, "127.0.0.1")
        self.origin = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._sockets = sockets

    async def start(self) -> "PushService":
        self._server.add_sockets(self._sockets)
        return self

    async def stop(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()

    def subscribe(self, name: str = "ana", **answer: Any) -> Browser:
        """Return a new browser; `status` and `headers` are what the service answers for it."""
        browser = Browser(f"{self.origin}/push/{name}")
        self.browsers[f"/push/{name}"] = browser
        if answer:
            self.answers[f"/push/{name}"] = (answer["status"], answer.get("headers", {}))
        return browser


class _PushHandler(RequestHandler):
    def initialize(self, service: PushService) -> None:
        self.service = service

    def check_xsrf_cookie(self) -> None:
        pass

    def post(self, path: str) -> None:
        service, headers = self.service, self.request.headers
        fault = find_fault(service.origin, dict(headers.get_all()), self.request.body)
        if fault is not None:
            service.refused.append(fault.reason)
            self.send_error(fault.status)
            return
        if path not in service.browsers:
            self.send_error(404)
            return
        status, extra = service.answers.get(path, (201, {"Location": f"{service.origin}/message/1"}))
        self.set_status(status)
        for name, value in extra.items():
            self.set_header(name, value)
        if status == 201:
            browser = service.browsers[path]
            service.deliveries.append(Delivery(browser, dict(headers.get_all()), browser.decrypt(self.request.body)))
        self.finish()


@dataclass
class Fault:
    """Why a service refuses a push, and with which status."""

    status: int
    reason: str


def find_fault(origin: str, headers: dict[str, str], body: bytes) -> Fault | None:
    """Return why a service would refuse a push; None when it would not."""
    reason = _find_token_fault(origin, headers.get("Authorization", ""))
    if reason:
        return Fault(403, reason)
    if len(body) > MAX_BODY_BYTES:
        return Fault(413, "length")
    ttl = headers.get("Ttl", "")
    checks = {
        "encoding": headers.get("Content-Encoding") == "aes128gcm",
        "ttl": ttl.isdecimal() and int(ttl) <= MAX_TTL_S,
        "urgency": headers.get("Urgency", "normal") in ("very-low", "low", "normal", "high"),
        "topic": TOPIC.fullmatch(headers.get("Topic", "x")) is not None,
        "record": _is_one_record(body),
    }
    wrong = [name for name, is_good in checks.items() if not is_good]
    return Fault(400, ", ".join(wrong)) if wrong else None


def _find_token_fault(origin: str, authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme != "vapid" or set(parts) != {"t", "k"}:
        return "no vapid"
    if parts["k"] != PUBLIC_KEY:
        return "another key"
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, load_public_point(parts["k"]))
    try:
        claims = jwt.decode(
            parts["t"], key, ["ES256"], audience=origin, options={"require": ["exp", "aud", "sub"], "verify_sub": False}
        )
    except jwt.InvalidTokenError as problem:
        return f"token: {type(problem).__name__}"
    if claims["exp"] - time.time() > MAX_TOKEN_S:
        return "exp"
    return "" if SUBJECT.fullmatch(str(claims["sub"])) else "sub"


def _is_one_record(body: bytes) -> bool:
    """Return whether a body is a header (RFC 8188, 2.1) with a key of 65 bytes, and one record behind it."""
    if len(body) <= BODY_HEADER_BYTES:
        return False
    record_bytes, key_bytes = int.from_bytes(body[16:20], "big"), body[20]
    return key_bytes == 65 and 18 <= len(body) - BODY_HEADER_BYTES - key_bytes <= record_bytes
