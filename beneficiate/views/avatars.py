"""How people are drawn where there is no picture of them: initials on a quiet tint."""

from typing import Any

from beneficiate.unit_of_work import UnitOfWork

AVATAR_COLORS = 4


def describe_actor(uow: UnitOfWork) -> dict[str, Any]:
    """Who looks, for the head or the rail of a page."""
    return {
        "user_id": uow.actor.user_id,
        "role": uow.actor.role,
        "first_name": uow.actor.name.split(" ")[0],
        "name": uow.actor.name,
        "initials": initials_of(uow.actor.name),
        "face": avatar_color(uow.actor.user_id),
    }


def initials_of(name: str) -> str:
    """Two letters that stand for a person."""
    parts = [part for part in name.split() if part]
    return "".join(part[0] for part in (parts[0], parts[-1]) if part).upper() if parts else "?"


def avatar_color(user_id: int) -> int:
    """Which of the four quiet tints a person has."""
    return user_id % AVATAR_COLORS + 1
