"""The JSON doors under `/api/v1`: a Bearer token says who comes."""

from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

import msgspec

from beneficiate.errors import BadFrame, Invalid, NotFound, Problem, TooLarge
from beneficiate.pages.base import BODY_BYTES, NOBODY, Door
from beneficiate.protocol.envelope import MAX_ID, NUL_ESCAPE, contains_nul
from beneficiate.queries.accounts import identify
from beneficiate.store import Actor

S = TypeVar("S", bound=msgspec.Struct)
METHODS = "GET, POST, PUT, OPTIONS"


class ApiDoor(Door):
    """Success is `{message, data, statusCode}`, failure `{error, code, statusCode, timestamp}` with that status.

    `reads` is the body, `gives` the data and `takes` the query string of a door, for the printed description; `files`
    the types of a body that is a file: of a POST the one that it reads, of a GET the one that it answers with.
    """

    reads: ClassVar[Any] = None
    gives: ClassVar[Any] = None
    takes: ClassVar[dict[str, str]] = {}
    files: ClassVar[tuple[str, ...]] = ()

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Vary", "Origin")
        origin = self.request.headers.get("Origin", "")
        if origin in self.house.settings.allowed_origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
            self.set_header("Access-Control-Allow-Methods", METHODS)
            self.set_header("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
            self.set_header("Access-Control-Max-Age", "600")

    def check_xsrf_cookie(self) -> None:
        """No cookie says who comes here, so there is nothing that another site could ride on."""

    def options(self, *args: str) -> None:
        self.set_status(204)

    async def identify(self) -> Actor:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return NOBODY
        user_id = self.house.tokens.read(token.strip()).user_id
        actor: Actor = await self.house.store.run(identify, user_id)
        return actor

    def body(self, kind: type[S]) -> S:
        """The body as this struct. Raises BadFrame, Invalid, TooLarge."""
        if len(self.request.body) > BODY_BYTES:
            raise TooLarge
        try:
            body = msgspec.json.decode(self.request.body, type=kind)
            has_nul = NUL_ESCAPE.encode() in self.request.body and contains_nul(msgspec.json.decode(self.request.body))
        except msgspec.ValidationError as problem:
            raise Invalid from problem
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            raise BadFrame from problem
        if has_nul:
            raise Invalid
        return body

    def number(self, name: str, default: int | None, most: int = MAX_ID) -> int | None:
        """A whole number of the query string, from 1 to `most`. Raises Invalid."""
        text = self.get_query_argument(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= most):
            raise Invalid(f"El dato «{name}» no es válido.")
        return int(text)

    def succeed(self, data: Any, message: str = "OK", status: int = 200) -> None:
        """Answer with data."""
        self._answer(status, {"message": message, "data": data, "statusCode": status})

    def say_problem(self, problem: Problem) -> None:
        now = datetime.now(UTC)
        self._answer(
            problem.status,
            {"error": problem.sentence, "code": problem.code, "statusCode": problem.status, "timestamp": now},
        )

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))


class NoSuchCall(ApiDoor):
    """Whatever else is asked under `/api`."""

    async def prepare(self) -> None:
        if self.request.method != "OPTIONS":
            raise NotFound


def path_id(text: str) -> int:
    """An id of a path. Raises NotFound when no row can have it."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= MAX_ID):
        raise NotFound
    return int(text)
