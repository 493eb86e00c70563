"""Audiences admit the roles that they name."""

import pytest

from beneficiate.audiences import Audience

ROLES = ("", "member", "agent", "supervisor", "system", "admin")


@pytest.mark.parametrize(
    ("audience", "admitted"),
    [
        (Audience.ANYONE, {"", "member", "agent", "supervisor"}),
        (Audience.SIGNED_IN, {"member", "agent", "supervisor"}),
        (Audience.MEMBERS, {"member"}),
        (Audience.STAFF, {"agent", "supervisor"}),
        (Audience.AGENTS, {"agent"}),
        (Audience.SUPERVISORS, {"supervisor"}),
    ],
)
def test_roles_are_admitted_by_audience(audience, admitted):
    assert {role for role in ROLES if audience.admits(role)} == admitted
