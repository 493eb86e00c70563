"""What goes into the dialogue and comes out of it has a form that both lookups and callers keep to."""

import inspect
from typing import get_args, get_type_hints

import pytest

from beneficiate.domain.bot.dialogue import reply_refused
from beneficiate.domain.bot.turns import Answer, BookingLookups, BookingRefusal
from beneficiate.queries.booking import MemberLookups
from tests.domain.bot.fake_choices import TO_SLOT, FakeChoices, run_dialogue

LOOKUPS = [name for name in vars(BookingLookups) if not name.startswith("_")]


@pytest.mark.parametrize("name", LOOKUPS)
@pytest.mark.parametrize("lookups", [MemberLookups, FakeChoices], ids=["database", "tests"])
def test_lookups_have_the_methods_of_the_protocol(lookups, name):
    wanted, given = getattr(BookingLookups, name), getattr(lookups, name)
    assert list(inspect.signature(given).parameters) == list(inspect.signature(wanted).parameters)
    assert get_type_hints(given) == get_type_hints(wanted)


def test_each_refusal_has_its_own_reply_and_books_nothing():
    clinic = FakeChoices()
    draft = run_dialogue(clinic, *TO_SLOT, "1", "sí").draft
    turns = [reply_refused(draft, reason, clinic) for reason in get_args(BookingRefusal)]
    assert len({turn.reply.message for turn in turns}) == len(turns)
    assert [turn.booking for turn in turns] == [None] * len(turns)


def test_answer_is_empty_until_something_was_typed_or_pressed():
    assert Answer() == ("", "")
