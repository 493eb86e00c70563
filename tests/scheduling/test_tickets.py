"""Ticket numbers."""

import re
from random import Random

from beneficiate.scheduling.tickets import LETTERS, ticket_number


def test_a_ticket_has_its_form():
    assert all(re.fullmatch(rf"APT-[{LETTERS}]{{5}}-[0-9]{{4}}", ticket_number()) for _ in range(200))


def test_no_two_letters_look_alike():
    assert len(set(LETTERS)) == len(LETTERS)
    assert not set(LETTERS) & set("0O1IL2Z5S8BUAEI")


def test_chance_is_ours_to_choose():
    assert ticket_number(Random(7)) == ticket_number(Random(7)) != ticket_number(Random(8))


def test_thousands_are_different():
    assert len({ticket_number() for _ in range(5000)}) == 5000
