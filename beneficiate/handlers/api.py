"""The base of the API under `/api/v1`: requests are authenticated by a Bearer token."""

from datetime import UTC, datetime
from typing import ClassVar, TypeVar

import msgspec

from beneficiate.errors import BadFrame, Invalid, NotFound, Problem, TooLarge
from beneficiate.handlers.base import ANONYMOUS, MAX_BODY_BYTES, BaseHandler
from beneficiate.protocol.envelope import MAX_ID, NUL_ESCAPE, contains_nul
from beneficiate.protocol.validation import describe_invalid_field
from beneficiate.queries.accounts import identify_actors
from beneficiate.unit_of_work import Actor

StructT = TypeVar("StructT", bound=msgspec.Struct)
ALLOWED_METHODS = "GET, POST, PUT, OPTIONS"


class ApiHandler(BaseHandler):
    """Success is `{message, data, statusCode}`, failure `{error, code, statusCode, timestamp}` with that status.

    `request_type` is the type of the body, `response_type` that of the data, `query_params` has the type of each
    parameter, all for the OpenAPI description. `content_types` are those of a body that is a file: of the request for
    a POST, of the answer for a GET.
    """

    request_type: ClassVar[object] = None
    response_type: ClassVar[object] = None
    query_params: ClassVar[dict[str, str]] = {}
    content_types: ClassVar[tuple[str, ...]] = ()

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Vary", "Origin")
        origin = self.request.headers.get("Origin", "")
        if origin in self.context.settings.allowed_origins:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
            self.set_header("Access-Control-Allow-Methods", ALLOWED_METHODS)
            self.set_header("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
            self.set_header("Access-Control-Max-Age", "600")

    def check_xsrf_cookie(self) -> None:
        """Accept every request: a Bearer token and no cookie authenticates it, so no other site can forge it."""

    def check_trusted_origin(self, origin: str) -> bool:
        """Accept every origin: other sites may call the API, and only the listed ones may read its answers."""
        return True

    def options(self, *args: str) -> None:
        self.set_status(204)

    async def authenticate(self) -> Actor:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return ANONYMOUS
        self._claims = self.context.tokens.verify(token.strip())
        return await self._find_actor()

    async def check_sign_in(self) -> None:
        await self._find_actor()

    async def _find_actor(self) -> Actor:
        actor: Actor = await self.context.store.run(identify_actors, self._claims)
        return actor

    def read_body(self, struct_type: type[StructT]) -> StructT:
        """Return the body as this struct. Raises BadFrame, Invalid, TooLarge."""
        if len(self.request.body) > MAX_BODY_BYTES:
            raise TooLarge
        try:
            body = msgspec.json.decode(self.request.body, type=struct_type)
            has_nul = NUL_ESCAPE.encode() in self.request.body and contains_nul(msgspec.json.decode(self.request.body))
        except msgspec.ValidationError as problem:
            raise Invalid(describe_invalid_field(problem)) from problem
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            raise BadFrame from problem
        if has_nul:
            raise Invalid
        return body

    def get_int_argument(self, name: str, default: int | None, maximum: int = MAX_ID) -> int | None:
        """Return a whole number of the query string, from 1 to `maximum`. Raises Invalid."""
        text = self.get_query_argument(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= maximum):
            raise Invalid(f"El dato «{name}» no es válido.")
        return int(text)

    def write_success(self, data: object, message: str = "OK", status: int = 200) -> None:
        """Answer with data, in the envelope of every success."""
        self._write_json(status, {"message": message, "data": data, "statusCode": status})

    def write_problem(self, problem: Problem) -> None:
        now = datetime.now(UTC)
        known = {"error": problem.sentence, "code": problem.code, "statusCode": problem.status, "timestamp": now}
        self._write_json(problem.status, {**known, **self.describe_problem(problem)})

    def describe_problem(self, problem: Problem) -> dict[str, object]:
        """Return what a client needs to know of a problem besides its code."""
        return problem.details

    def _write_json(self, status: int, body: dict[str, object]) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(body))


class UnknownApiPathHandler(ApiHandler):
    """Any other path under `/api`."""

    async def prepare(self) -> None:
        if self.request.method != "OPTIONS":
            raise NotFound


def parse_id(text: str) -> int:
    """Return an id of a path. Raises NotFound when no row can have it."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= MAX_ID):
        raise NotFound
    return int(text)
