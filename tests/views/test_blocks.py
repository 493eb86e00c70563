"""How somebody who is blocked is shown and stored: masked, and never longer than the column."""

from datetime import UTC, datetime

from beneficiate.models.accounts import SignInThrottle
from beneficiate.views.blocks import (
    MAX_BLOCKED_CHARS,
    QUOTA,
    RATE,
    Block,
    describe_blocked_email,
    describe_blocked_network,
)


def test_addresses_are_masked_and_fit_the_column():
    assert describe_blocked_email("ana.uribe@example.co") == "an••••@example.co"
    assert describe_blocked_email("no-es-correo") == "no••••@"
    assert len(describe_blocked_email(f"ana@{'x' * 250}.co")) == MAX_BLOCKED_CHARS == SignInThrottle.blocked.max_length
    assert "\0" not in describe_blocked_email("a\0b@x\0.co")


def test_networks_are_named_as_such():
    assert describe_blocked_network("203.0.113.0/24") == "Red 203.0.113.0/24"


def test_rate_lets_go_by_itself():
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert [Block(kind, "1", "x", "y", now).is_rate for kind in (RATE, QUOTA)] == [True, False]
