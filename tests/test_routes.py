"""Every route has an audience, and refuses everybody else."""

import asyncio
import re

import pytest

from beneficiate.audiences import Audience
from beneficiate.handlers.health import LivenessHandler
from beneficiate.http_methods import find_methods
from beneficiate.routes import ROUTES, MissingAudience, Route, url_specs
from tests.route_paths import open_visitors


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_route_has_an_audience(route):
    assert isinstance(route.audience, Audience)


def test_route_without_an_audience_stops_the_start():
    with pytest.raises(MissingAudience, match="/forgotten"):
        url_specs([*ROUTES, Route("/forgotten", LivenessHandler)])


def test_personal_routes_are_not_for_anyone():
    open_paths = {route.path for route in ROUTES if route.audience is Audience.ANYONE}
    assert not [path for path in open_paths if re.search("chat|agent|supervisor|pago|ws|sesion", path)]


def test_every_part_of_a_page_names_its_page():
    parts = {route.path: route.page for route in ROUTES if route.handler.__name__.endswith("Partial")}
    assert len(parts) > 10
    assert all(parts.values())
    paths = [re.compile(f"{route.path}$") for route in ROUTES if not route.page and route.path != ".*"]
    id_ = "6f1c0c5e-0000-4000-8000-000000000000"
    for page in parts.values():
        addresses = [page.format(one, query="").partition("?")[0] for one in (id_, "7")]
        assert any(pattern.match(address) for pattern in paths for address in addresses), page


# No database tells routes apart.
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.gen_test(timeout=120)
async def test_whoever_is_not_of_its_audience_is_refused(server):
    visitors = await open_visitors(server.port)

    async def ask(route, method, role):
        return route.path, method, role, await visitors[role].ask(route, method)

    asked = [
        ask(route, method, role)
        for route in ROUTES
        for method in find_methods(route.handler)
        for role in visitors
        if method not in ("HEAD", "OPTIONS") and not route.audience.admits(role) and not route.path.startswith("/ws")
    ]
    wrong = []
    for path, method, role, answer in await asyncio.gather(*asked):
        told = (answer.status, answer.headers.get("Location", "").partition("=")[0])
        if told not in ([(403, "")] if role else [(401, ""), (302, "/login?next")]):
            wrong.append((path, method, role, told))
    assert wrong == []
    assert len(asked) > 400
