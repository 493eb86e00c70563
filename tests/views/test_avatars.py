"""Initials and colours of people without a photo."""

import pytest

from beneficiate.unit_of_work import Actor
from beneficiate.views.avatars import ActorView, avatar_color, describe_actor, initials_of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ana Rojas", "AR"),
        ("ana maría de la rosa", "AR"),
        ("Ana", "AA"),
        ("  Ana   Rojas ", "AR"),
        ("", "?"),
        ("  ", "?"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name, initials):
    assert initials_of(name) == initials


def test_colors_are_four_and_repeat():
    assert [avatar_color(user_id) for user_id in range(1, 6)] == [2, 3, 4, 1, 2]


def test_actor_is_named_by_the_first_name():
    actor = Actor(5, "agent", 50, "Ana María Rojas")
    assert describe_actor(actor) == ActorView(5, "agent", "Ana", "Ana María Rojas", "AR", 2)
