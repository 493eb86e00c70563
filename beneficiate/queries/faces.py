"""How people are drawn where there is no picture of them: initials on a quiet tint."""

from typing import Any

from beneficiate.store import Work

FACES = 4


def me(work: Work, _: None = None) -> dict[str, Any]:
    """Who looks, for the head or the rail of a page."""
    return {
        "user_id": work.actor.user_id,
        "role": work.actor.role,
        "first_name": work.actor.name.split(" ")[0],
        "name": work.actor.name,
        "initials": initials(work.actor.name),
        "face": face(work.actor.user_id),
    }


def initials(name: str) -> str:
    """Two letters that stand for a person."""
    parts = [part for part in name.split() if part]
    return "".join(part[0] for part in (parts[0], parts[-1]) if part).upper() if parts else "?"


def face(user_id: int) -> int:
    """Which of the four quiet tints a person has."""
    return user_id % FACES + 1
