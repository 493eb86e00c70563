"""People without a photo: initials on one of four colours."""

from dataclasses import dataclass

from beneficiate.unit_of_work import Actor

AVATAR_COLORS = 4


@dataclass(frozen=True)
class ActorView:
    """The signed-in person, for the head or the rail of a page. `avatar_color` is its number, from 1."""

    user_id: int
    role: str
    first_name: str
    name: str
    initials: str
    avatar_color: int


def describe_actor(actor: Actor) -> ActorView:
    """Return the signed-in person as pages show them."""
    first_name = actor.name.split(" ")[0]
    return ActorView(
        actor.user_id, actor.role, first_name, actor.name, initials_of(actor.name), avatar_color(actor.user_id)
    )


def initials_of(name: str) -> str:
    """Return the first letters of the first and the last word of a name; `?` without a name."""
    parts = name.split()
    return f"{parts[0][0]}{parts[-1][0]}".upper() if parts else "?"


def avatar_color(user_id: int) -> int:
    """Return the number of a person's colour, from 1 to 4."""
    return user_id % AVATAR_COLORS + 1
