"""Who may pass a door. Every route names its audience, or the house does not start."""

import enum


class Audience(enum.Enum):
    """The roles that a door admits; ANYONE also admits people who are not signed in."""

    ANYONE = frozenset({"member", "agent", "supervisor", ""})
    SIGNED_IN = frozenset({"member", "agent", "supervisor"})
    STAFF = frozenset({"agent", "supervisor"})
    AGENTS = frozenset({"agent"})
    SUPERVISORS = frozenset({"supervisor"})

    def admits(self, role: str) -> bool:
        return role in self.value
