"""Every route has an audience."""

import re

import pytest

from beneficiate.audiences import Audience
from beneficiate.handlers.health import LivenessHandler
from beneficiate.routes import ROUTES, MissingAudience, Route, url_specs


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
