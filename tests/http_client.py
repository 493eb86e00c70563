"""HTTP clients: of the API, and of pages with cookies and forms."""

import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httputil import HTTPHeaders

from tests.factories import Person

API_PREFIX = "/api/v1/"
XSRF_TOKEN = re.compile(r'(?:name="_xsrf" value|name="xsrf-token" content)="([^"]+)"')


@dataclass
class HttpAnswer:
    """The response."""

    status: int
    headers: HTTPHeaders
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def code(self) -> str:
        return str(self.json["code"])


async def fetch(port: int, path: str, method: str = "GET", body: str | None = None, **headers: str) -> HttpAnswer:
    """Send a request; `X_Name` becomes the header `X-Name`."""
    response: HTTPResponse = await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{port}{path}",
        method=method,
        body=body,
        follow_redirects=False,
        raise_error=False,
        allow_nonstandard_methods=True,
        # Of many requests ten are sent at a time, and the others wait: how long is limited by the test.
        connect_timeout=0,
        request_timeout=0,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    is_image = response.headers.get("Content-Type", "").startswith("image/")
    text = (response.body or b"").decode(errors="replace" if is_image else "strict")
    return HttpAnswer(response.code, response.headers, text)


async def call_api(
    port: int, path: str, person: Person | None = None, body: Any = None, method: str = "", **headers: str
) -> HttpAnswer:
    """Call the API as this user: GET, or POST with a body, unless a method is given."""
    if person is not None:
        headers["Authorization"] = f"Bearer {person.token}"
    text = None if body is None else body if isinstance(body, str) else json.dumps(body)
    return await fetch(port, API_PREFIX + path, method or ("GET" if body is None else "POST"), text, **headers)


class CookieClient:
    """Keeps cookies, and sends the XSRF token of the last page back with the next form."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.set_cookies: dict[str, Any] = {}
        self.xsrf_token = ""
        self.form_headers: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> HttpAnswer:
        return self._store_cookies(await fetch(self.port, path, Cookie=self._cookie(), **headers))

    async def post(self, path: str, **form: str | list[str]) -> HttpAnswer:
        """Send a form, with the XSRF token of the last page that had one. A list is a field that is sent repeatedly."""
        form.setdefault("_xsrf", self.xsrf_token)
        headers = {"Cookie": self._cookie(), "Content-Type": "application/x-www-form-urlencoded", **self.form_headers}
        return self._store_cookies(await fetch(self.port, path, "POST", urlencode(form, doseq=True), **headers))

    async def sign_in(self, who: Person, password: str, **form: str) -> HttpAnswer:
        """Open the sign-in page and send its form."""
        page = await self.get("/login")
        assert re.search(r'name="_xsrf"', page.text)
        answer = await self.post("/login", email=who.user.email, password=password, **form)
        await self.get("/login")  # the token of this sign-in comes with the next page
        return answer

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _store_cookies(self, answer: HttpAnswer) -> HttpAnswer:
        if token := XSRF_TOKEN.search(answer.text):
            self.xsrf_token = token[1]
        for header in answer.headers.get_list("Set-Cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.set_cookies[name] = morsel
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer
