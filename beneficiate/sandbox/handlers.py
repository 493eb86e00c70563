"""Bases of the JSON handlers: authentication by key, misbehaviour and errors in the gateway's format."""

from collections.abc import Mapping
from types import TracebackType

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
    """Answers JSON; an error is the object `error`."""

    def initialize(self, wompi: LocalWompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def compute_etag(self) -> None:
        """Return None: the API has no conditional requests, so hashing each answer would be wasted."""

    def read_json(self) -> dict[str, object]:
        """Return the body, a JSON object. Raises InvalidInput."""
        try:
            return msgspec.json.decode(self.request.body, type=dict[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise InvalidInput({"body": ["No es un objeto JSON"]}) from problem

    def write_json(self, status: int, body: object) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))

    def write_error(self, status_code: int, **kwargs: object) -> None:
        raised = raised_error(kwargs)
        if not isinstance(raised, GatewayError):
            raised = EntityNotFound() if status_code in (404, 405) else GatewayFailure(status_code)
        self.write_json(raised.status, {"error": raised.error})

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class SandboxApiHandler(JsonHandler):
    """A handler under `/v1`. Its requests are counted under `pattern`."""

    def initialize(self, wompi: LocalWompi, pattern: str) -> None:  # type: ignore[override]
        super().initialize(wompi)
        self._pattern = pattern
        self._is_disconnected = False

    @property
    def bearer_key(self) -> str:
        """The key of the Authorization header; empty without one."""
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    @property
    def _is_abandoned(self) -> bool:
        return self._is_disconnected or self.wompi.stopping.is_set()

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
        """Refuse every key but the private one. Raises InvalidToken."""
        if self.bearer_key != self.account.keys.private_key:
            raise InvalidToken(self.bearer_key)

    def require_reading_key(self) -> None:
        """Check the key that reads one transaction. Without one, or with the public one, the entity seems not to exist.

        Raises EntityNotFound, NotAllowed, InvalidToken.
        """
        keys = self.account.keys
        if self.bearer_key == keys.private_key:
            return
        if self.bearer_key in ("", keys.public_key):
            raise EntityNotFound
        if self.bearer_key.startswith(PRIVATE_TEST_PREFIX):
            raise NotAllowed
        raise InvalidToken(self.bearer_key)

    async def write_answer(self, status: int, body: object) -> None:
        """Answer with JSON, unless the behaviour hides the result from the caller."""
        if self.account.behaviour.fail_after:
            await self._misbehave()
        self.write_json(status, body)

    async def _misbehave(self) -> None:
        """Hang while the behaviour says so, or fail. Raises Finish when the client is gone, and GatewayFailure."""
        if self.account.behaviour.hang:
            while self.account.behaviour.hang and not self._is_abandoned:
                await self.wompi.pause(HANG_POLL_S)
            # Also when the behaviour changed after the client had gone: nobody waits for the request any more.
            if self._is_abandoned:
                raise Finish
        if self.account.behaviour.fail_status:
            raise GatewayFailure(self.account.behaviour.fail_status)


def raised_error(kwargs: Mapping[str, object]) -> object:
    """Return the exception in the arguments of Tornado's `write_error`; None without one."""
    exc_info = kwargs.get("exc_info")
    return exc_info[1] if isinstance(exc_info, tuple) else None


class UnknownPathHandler(SandboxApiHandler):
    """Any path that the gateway does not have."""

    async def prepare(self) -> None:
        await super().prepare()
        raise EntityNotFound
