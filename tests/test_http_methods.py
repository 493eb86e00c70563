"""Every route refuses the methods that it does not have with 405, and names those that it has."""

import asyncio

import pytest

from beneficiate.http_methods import find_methods
from beneficiate.routes import ROUTES
from tests.http_client import fetch
from tests.route_paths import open_visitors

HARMLESS = ("HEAD", "OPTIONS")
METHODS = (*HARMLESS, "GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND")
NOWHERE = ("/api/.*", ".*")
"""No address: whatever the method, it is not found."""


def refused_before(method):
    """Return the statuses with which a request is refused before its method is looked for.

    That is what has no token of a form (403) or is not set up (404), unless nobody has the method.
    """
    return () if method == "PROPFIND" else (404,) if method in ("GET", *HARMLESS) else (403, 404)


# No database tells routes apart.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test(timeout=120)
async def test_every_route_names_its_methods_when_it_is_asked_with_another(server):
    visitors = await open_visitors(server.port)

    async def ask(route, method):
        role = next(one for one in ("member", "supervisor", "agent") if route.audience.admits(one))
        return route, method, await visitors[role].ask(route, method)

    # What a route has is only asked for where nothing changes and nothing is downloaded by it.
    asked = [
        ask(route, method)
        for route in ROUTES
        for method in METHODS
        if route.path not in NOWHERE and (method in HARMLESS or method not in find_methods(route.handler))
    ]
    wrong = []
    for route, method, answer in await asyncio.gather(*asked):
        has = find_methods(route.handler)
        told = (answer.status == 405, answer.headers.get("Allow"))
        wanted = (False, None) if method in has or answer.status in refused_before(method) else (True, ", ".join(has))
        if told != wanted:
            wrong.append((method, route.path, answer.status, told))
    assert wrong == []


@pytest.mark.gen_test
async def test_methods_of_some_addresses(server):
    for path, allowed in {
        "/login": "GET, HEAD, POST",
        "/healthz": "GET, HEAD, OPTIONS",
        "/static/css/tokens.css": "GET, HEAD",
        "/mi/acceso/clave": "POST",
        "/mi/datos/copias/1": "GET",
        "/api/v1/auth/login": "POST, OPTIONS",
        "/ws": "GET",
    }.items():
        answer = await fetch(server.port, path, "PROPFIND")
        assert (answer.status, answer.headers["Allow"]) == (405, allowed), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
