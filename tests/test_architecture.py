"""The rules of the application, as far as a test can hold them."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from beneficiate.audiences import Audience
from beneficiate.cli import render_protocol_files
from beneficiate.handlers.health import LivenessHandler
from beneficiate.routes import ROUTES, MissingAudience, Route, url_specs
from beneficiate.settings import DEMO_SECRET, Settings

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "beneficiate").rglob("*.py"))
LONGEST = 300
BANNED_MODULE_NAMES = {"utils", "helpers", "common", "core", "manager", "service", "misc", "const"}
EVENTS = {"": "none", (): "none", DEMO_SECRET: "a demo secret"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_route_has_an_audience(route):
    assert isinstance(route.audience, Audience)


def test_route_without_an_audience_stops_the_start():
    with pytest.raises(MissingAudience, match="/forgotten"):
        url_specs([*ROUTES, Route("/forgotten", LivenessHandler)])


def test_personal_routes_are_not_for_anyone():
    open_doors = {route.path for route in ROUTES if route.audience is Audience.ANYONE}
    assert not [path for path in open_doors if re.search("chat|agent|supervisor|pago|ws|sesion", path)]


def test_unknown_roles_are_admitted_nowhere():
    closed = [audience for audience in Audience if audience is not Audience.ANYONE]
    assert not [audience for audience in closed for role in ("", "admin", "system") if audience.admits(role)]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_has_a_telling_name(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert module.stem not in BANNED_MODULE_NAMES


def test_only_the_settings_read_the_environment():
    readers = [path.name for path in MODULES if re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8"))]
    assert readers == ["settings.py"]


@pytest.mark.parametrize("path", render_protocol_files(), ids=lambda path: path.name)
def test_printed_protocol_is_that_of_the_code(path):
    assert path.read_text(encoding="utf-8") == render_protocol_files()[path], "run `make protocol`"


def test_the_readme_has_every_setting_and_its_default():
    row = re.compile(r"^\| `([A-Z_]+)` \| `?(.*?)`? \| (.*?) \|$", re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {name: (default, text) for name, default, text in row.findall(readme)}
    assert told == {one.metadata["env"]: (_in_words(one.default), one.metadata["help"]) for one in fields(Settings)}


def _in_words(default):
    return EVENTS.get(default, f"{default:g}" if isinstance(default, float) else str(default))
