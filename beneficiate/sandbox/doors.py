"""What the JSON doors have in common: whose key it is, how they misbehave, and refusals in the gateway's words."""

from typing import Any

import msgspec
from tornado.web import Finish, HTTPError, RequestHandler

from beneficiate.sandbox.errors import Failure, GatewayError, Invalid, InvalidToken, NotAllowed, NotFound
from beneficiate.sandbox.wompi import Wompi

HANG_BEAT_S = 0.02
PRIVATE_TEST = "prv_test_"


class JsonDoor(RequestHandler):
    """Answers JSON, and refusals as the object `error`."""

    def initialize(self, wompi: Wompi) -> None:
        self.wompi = wompi
        self.account = wompi.account

    def compute_etag(self) -> None:
        """None: the API has no conditional requests, and hashing each answer would be for nothing."""

    def body(self) -> dict[str, Any]:
        """The body, a JSON object. Raises Invalid."""
        try:
            return msgspec.json.decode(self.request.body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            raise Invalid({"body": ["No es un objeto JSON"]}) from problem

    def say(self, status: int, body: Any) -> None:
        """Answer at once."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        raised = kwargs.get("exc_info", (None, None, None))[1]
        if not isinstance(raised, GatewayError):
            raised = NotFound() if status_code in (404, 405) else Failure(status_code)
        self.say(raised.status, {"error": raised.error})

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        if not isinstance(value, (GatewayError, HTTPError)):
            super().log_exception(typ, value, tb)


class ApiDoor(JsonDoor):
    """A door under `/v1`. `pattern` is its path as it is counted."""

    def initialize(self, wompi: Wompi, pattern: str) -> None:  # type: ignore[override]
        super().initialize(wompi)
        self._pattern = pattern
        self._is_left = False

    @property
    def key(self) -> str:
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
        self._is_left = True

    def need_private_key(self) -> None:
        """Raises InvalidToken."""
        if self.key != self.account.keys.private_key:
            raise InvalidToken(self.key)

    def need_reading_key(self) -> None:
        """The key that reads one transaction: with none, or the public one, it is as if there were no such entity.

        Raises NotFound, NotAllowed, InvalidToken.
        """
        keys = self.account.keys
        if self.key == keys.private_key:
            return
        if self.key in ("", keys.public_key):
            raise NotFound
        if self.key.startswith(PRIVATE_TEST):
            raise NotAllowed
        raise InvalidToken(self.key)

    async def answer(self, status: int, body: Any) -> None:
        """Answer what was done, unless the caller is not to know."""
        if self.account.behaviour.fail_after:
            await self._misbehave()
        self.say(status, body)

    async def _misbehave(self) -> None:
        """Hang until that is over, or fail. Raises Finish when nobody waits any more, and Failure."""
        while self.account.behaviour.hang:
            if self._is_left or self.wompi.over.is_set():
                raise Finish
            await self.wompi.pause(HANG_BEAT_S)
        if self.account.behaviour.fail_status:
            raise Failure(self.account.behaviour.fail_status)


class Unknown(ApiDoor):
    """Paths that the gateway does not have."""

    async def prepare(self) -> None:
        await super().prepare()
        raise NotFound
