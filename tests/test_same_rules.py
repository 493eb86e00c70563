"""Rules that the server and the client both have, because each draws what the other has drawn first."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.billing.presentation import format_plan_title
from beneficiate.handlers.templating import format_wait
from beneficiate.views.avatars import avatar_color, initials_of
from beneficiate.views.messages import is_same_group
from tests.node import ROOT

CASES = json.loads((ROOT / "tests" / "js" / "same_rules.json").read_text(encoding="utf-8"))
"""tests/js/same-rules.test.js holds the client to the same cases."""
NOON = datetime(2026, 8, 25, 17, 0, tzinfo=UTC)
RULES = {
    "initials": initials_of,
    "colors": avatar_color,
    "waits": lambda seconds: format_wait(NOON, NOON + timedelta(seconds=seconds)),
    "plan_titles": format_plan_title,
    "groups": lambda seconds: is_same_group("Ana", NOON + timedelta(seconds=seconds), "Ana", NOON),
}


@pytest.mark.parametrize(
    ("name", "given", "expected"), [(name, *case) for name, cases in CASES.items() for case in cases]
)
def test_server_has_the_rule_of_the_client(name, given, expected):
    assert RULES[name](given) == expected
