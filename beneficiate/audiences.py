"""Audiences: the roles that a route admits. A route without an audience stops the start of the application."""

import enum


class Audience(enum.Enum):
    """The roles that a route admits; ANYONE also admits users who are not signed in."""

    ANYONE = frozenset({"member", "agent", "supervisor", ""})
    SIGNED_IN = frozenset({"member", "agent", "supervisor"})
    MEMBERS = frozenset({"member"})
    STAFF = frozenset({"agent", "supervisor"})
    AGENTS = frozenset({"agent"})
    SUPERVISORS = frozenset({"supervisor"})

    def admits(self, role: str) -> bool:
        """Return whether users of this role are admitted; an empty role is a user who is not signed in."""
        return role in self.value
