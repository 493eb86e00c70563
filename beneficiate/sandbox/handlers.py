"""What the JSON doors have in common: whose key it is, how they misbehave, and refusals in the gateway's words."""

from typing import Any

import msgspec
from tornado.web import Finish, HTTPError, RequestHandler

from beneficiate.sandbox.errors import (
    EntityNotFound,
    GatewayError,
    GatewayFailure,
    InvalidInput,
    InvalidToken,
    NotAllowed,
)
from beneficiate.sandbox.wompi import LocalWompi

HANG_POLL_S = 0.02
PRIVATE_TEST_PREFIX = "prv_test_"


class JsonHandler(RequestHandler):
    """Answers JSON, and refusals as the object `error`."""

    def initialize(self, wompi: LocalWompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def compute_etag(self) -> None:
        """None: the API has no conditional requests, and hashing each answer would be for nothing."""

    def read_json(self) -> dict[str, Any]:
        """The body, a JSON object. Raises Invalid."""
        try:
            return msgspec.json.decode(self.request.body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise InvalidInput({"body": ["No es un objeto JSON"]}) from problem

    def write_json(self, status: int, body: Any) -> None:
        """Answer at once."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        raised = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(raised, GatewayError):
            raised = EntityNotFound() if status_code in (404, 405) else GatewayFailure(status_code)
        self.write_json(raised.status, {"error": raised.error})

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class SandboxApiHandler(JsonHandler):
    """A door under `/v1`. `pattern` is its path as it is counted."""

    def initialize(self, wompi: LocalWompi, pattern: str) -> None:  # type: ignore[override]
        super().initialize(wompi)
        self._pattern = pattern
        self._is_disconnected = False

    @property
    def bearer_key(self) -> str:
        """The key that came along, empty when there was none."""
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    async def prepare(self) -> None:
        self.wompi.requests[f"{self.request.method} {self._pattern}"] += 1
        behaviour = self.account.behaviour
        if behaviour.delay_s:
            await self.wompi.pause(behaviour.delay_s)
        if not behaviour.fail_after:
            await self._misbehave()

    def on_connection_close(self) -> None:
        self._is_disconnected = True

    def require_private_key(self) -> None:
        """Raises InvalidToken."""
        if self.bearer_key != self.account.keys.private_key:
            raise InvalidToken(self.bearer_key)

    def require_reading_key(self) -> None:
        """The key that reads one transaction: with none, or the public one, it is as if there were no such entity.

        Raises NotFound, NotAllowed, InvalidToken.
        """
        keys = self.account.keys
        if self.bearer_key == keys.private_key:
            return
        if self.bearer_key in ("", keys.public_key):
            raise EntityNotFound
        if self.bearer_key.startswith(PRIVATE_TEST_PREFIX):
            raise NotAllowed
        raise InvalidToken(self.bearer_key)

    async def write_answer(self, status: int, body: Any) -> None:
        """Answer what was done, unless the caller is not to know."""
        if self.account.behaviour.fail_after:
            await self._misbehave()
        self.write_json(status, body)

    async def _misbehave(self) -> None:
        """Hang until that is over, or fail. Raises Finish when nobody waits any more, and Failure."""
        while self.account.behaviour.hang:
            if self._is_disconnected or self.wompi.stopping.is_set():
                raise Finish
            await self.wompi.pause(HANG_POLL_S)
        if self.account.behaviour.fail_status:
            raise GatewayFailure(self.account.behaviour.fail_status)


class UnknownPathHandler(SandboxApiHandler):
    """Paths that the gateway does not have."""

    async def prepare(self) -> None:
        await super().prepare()
        raise EntityNotFound
