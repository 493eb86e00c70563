"""A path of each route, and requests to it by somebody of each role."""

import re
from dataclasses import dataclass

from tests.factories import PASSWORD, Person, agent, member, supervisor
from tests.http_client import CookieClient, fetch

GROUPS = (
    (r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", "00000000-0000-4000-8000-000000000000"),
    (r"([Cc][Ee]-[0-9]{4}(?:-[0-9A-Za-z]{4}){3})", "CE-2026-AAAA-BBBB-CCCC"),
    (r"(\d{4}-\d{2}-\d{2})", "2026-02-03"),
    (r"(\d+)", "999999"),
    ("([A-Za-z0-9_-]{20,64})", "a" * 30),
    ("([^/]{1,32})", "pagos"),
    (r"(favicon\.ico|apple-touch-icon(?:-precomposed)?\.png)", "favicon.ico"),
    (r"(widget\.js|app\.js|later\.js|widget\.css)", "widget.js"),
    ("(cita|cuenta|plan)", "cita"),
    ("(.*)", "css/tokens.css"),
    (".*", "nada"),
)


def path_of(route):
    """Return a path that the route has."""
    path = route.path
    for group, value in GROUPS:
        path = path.replace(group, value)
    path = re.sub(r"[()\\]", "", path)
    assert re.fullmatch(route.path, path), (route.path, path)
    return path


@dataclass
class Visitor:
    """A browser, and who is signed in there, if anybody is."""

    browser: CookieClient
    who: Person | None

    async def ask(self, route, method):
        """Send a request without a body, with the session of its sender and the tokens of forms, API and sockets."""
        headers = {}
        if self.who:
            headers = {"Cookie": self.browser._cookie(), "X_Xsrftoken": self.browser.xsrf_token}
            if route.path.startswith("/api"):
                headers["Authorization"] = f"Bearer {self.who.token}"
            elif route.path.startswith("/ws"):
                headers["Sec_WebSocket_Protocol"] = f"beneficiate, {self.who.token}"
        return await fetch(self.browser.port, path_of(route), method, **headers)


async def open_visitors(port):
    """Sign somebody of each role in; return them by role, and with "" somebody who is not signed in."""
    people = {"": None, "member": member(), "agent": agent(), "supervisor": supervisor()}
    visitors = {role: Visitor(CookieClient(port), who) for role, who in people.items()}
    for one in visitors.values():
        if one.who:
            await one.browser.sign_in(one.who, PASSWORD)
    return visitors
