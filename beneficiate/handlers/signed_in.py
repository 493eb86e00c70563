"""Pages for signed-in people, authenticated by a cookie; without it they redirect to `/login`."""

from asyncio import Future
from typing import TypedDict, TypeVar

import msgspec
from tornado.escape import url_escape

from beneficiate.actions.sign_ins import ExtendPageSession, extend_page_session
from beneficiate.audiences import Audience
from beneficiate.errors import BadFrame, Forbidden, Invalid, Problem, Unauthorized
from beneficiate.handlers.base import ANONYMOUS, PageHandler
from beneficiate.queries.accounts import find_page_session, find_page_sign_in_id
from beneficiate.security_headers import API_CSP
from beneficiate.unit_of_work import Actor

S = TypeVar("S", bound=msgspec.Struct)
SESSION_COOKIE, XSRF_COOKIE = "beneficiate", "_xsrf"
XSRF_TOKEN_VERSION = 2
"""The form in which Tornado writes a token; it sets no cookie for one that has a version already."""
NO_DESTINATIONS = ("/login", "/login/codigo", "/login/activar", "/logout", "/sesion/token")
"""Where nobody wants to go who has just signed in."""


def name_cookie(name: str, *, is_secure: bool) -> str:
    """Return the name of a cookie; with https one that no other host of the domain can set (RFC 6265bis)."""
    return f"__Host-{name.lstrip('_')}" if is_secure else name


class CookieOptions(TypedDict):
    """Attributes of the session cookie."""

    httponly: bool
    samesite: str
    secure: bool
    path: str


class SignedInPage(PageHandler):
    """A page, or a part of one, that is authenticated by the session cookie."""

    def initialize(self, audience: Audience, page: str = "") -> None:
        super().initialize(audience)
        self.whole_page = page

    async def authenticate(self) -> Actor:
        token = self.cookie_token
        session = await self.context.store.read(find_page_session, token) if token else None
        if session is None:
            return ANONYMOUS
        if session.extended_until is not None:
            command = ExtendPageSession(session.sign_in_id, session.extended_until)
            # Nobody waits for it: a page is also read while nothing can be written.
            self.context.store.run(extend_page_session, command).add_done_callback(lambda done: done.exception())
        return session.actor

    async def prepare(self) -> None:
        self.actor = await self.identify()
        if self.actor is ANONYMOUS and not self.audience.admits("") and self.request.method in ("GET", "HEAD"):
            self.redirect(f"/login?next={url_escape(self.request.uri or '/')}")
        elif not self.audience.admits(self.actor.role):
            raise Unauthorized if self.actor is ANONYMOUS else Forbidden
        elif self.whole_page and self._is_navigation:
            self.redirect(self.whole_page.format(*self.path_args, query=self.request.query).rstrip("?&"))

    @property
    def _is_navigation(self) -> bool:
        """Whether a browser is to show the answer as a document, and no script asks for it (Fetch Metadata)."""
        return self.request.method in ("GET", "HEAD") and self.request.headers.get("Sec-Fetch-Mode") == "navigate"

    def check_xsrf_cookie(self) -> None:
        if self.has_forgeable_effect:
            super().check_xsrf_cookie()

    @property
    def has_forgeable_effect(self) -> bool:
        """Whether another site could gain by sending this form: not without a sign-in where `prepare` demands one.

        So a page that is open in another tab after signing out is told that (401), and not that its form is wrong.
        """
        return bool(self.cookie_token) or self.audience.admits("")

    def _get_raw_xsrf_token(self) -> tuple[int | None, bytes, float]:
        """Return the XSRF token that Tornado masks and compares: with a sign-in its own, else that of a cookie.

        So a token of before the sign-in, or of another one, is refused, and no cookie that somebody else set counts
        (OWASP, "HMAC based token pattern").
        """
        session = self.cookie_token
        if not session:
            return super()._get_raw_xsrf_token()
        return XSRF_TOKEN_VERSION, self.context.form_tokens.derive(session), 0.0

    @property
    def session_cookie(self) -> str:
        """Return the name of the cookie of a sign-in."""
        return name_cookie(SESSION_COOKIE, is_secure=self.context.settings.is_secure)

    @property
    def cookie_token(self) -> str:
        """Return the token of that cookie; empty without one."""
        return self.get_cookie(self.session_cookie, "") or ""

    def cookie_options(self, role: str) -> CookieOptions:
        """Return the attributes of the cookie: SameSite is Strict for the staff and Lax for members.

        Members come back from Wompi's page, and a browser sends no strict cookie with that navigation.
        """
        same_site = "Lax" if role == "member" else "Strict"
        is_secure = self.context.settings.is_secure
        return CookieOptions(httponly=True, samesite=same_site, secure=is_secure, path="/")


class JsonPage(SignedInPage):
    """What the script of a page asks for: bodies, answers and problems are JSON."""

    content_security_policy = API_CSP

    async def prepare(self) -> None:
        self.actor = await self.identify()
        if self.audience.admits(self.actor.role):
            return
        raise Unauthorized if self.actor is ANONYMOUS else Forbidden

    def decode_body(self, kind: type[S]) -> S:
        """Return the body as a Struct. Raises BadFrame for no JSON, Invalid for other fields."""
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except msgspec.ValidationError as problem:
            raise Invalid from problem
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
            raise BadFrame from problem

    def write_problem(self, problem: Problem) -> None:
        self._write_json({"error": problem.sentence, "code": problem.code, "statusCode": problem.status})

    def write_data(self, data: dict[str, object]) -> Future[None]:
        """Answer with data."""
        return self._write_json({"message": "OK", "data": data, "statusCode": 200})

    def _write_json(self, body: dict[str, object]) -> Future[None]:
        self.set_header("Content-Type", "application/json; charset=utf-8")
        return self.finish(msgspec.json.encode(body))


class SessionTokenHandler(JsonPage):
    """`POST /sesion/token`: an access token for the WebSocket and the API calls of a page."""

    async def post(self) -> None:
        tokens = self.context.tokens
        sign_in_id = await self.run_query(find_page_sign_in_id, self.cookie_token)
        await self.write_data({"token": tokens.issue(self.actor.user_id, sign_in_id), "expiresIn": tokens.lifetime_s})


def safe_redirect_path(path: str, default: str) -> str:
    """Return the path to go on to after signing in; the default for anything that could lead to another site."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    leads_on = path.partition("?")[0].rstrip("/") not in NO_DESTINATIONS
    return path if is_ours and leads_on and path.isprintable() else default
