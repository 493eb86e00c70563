"""Ticket numbers."""

import re
from random import Random

from beneficiate.domain.booking.tickets import TICKET_LETTERS, generate_ticket_number


def test_ticket_has_its_form():
    assert all(re.fullmatch(rf"APT-[{TICKET_LETTERS}]{{5}}-[0-9]{{4}}", generate_ticket_number()) for _ in range(200))


def test_no_two_letters_look_alike():
    assert len(set(TICKET_LETTERS)) == len(TICKET_LETTERS)
    assert not set(TICKET_LETTERS) & set("0O1IL2Z5S8BUAEI")


def test_chance_is_ours_to_choose():
    assert generate_ticket_number(Random(7)) == generate_ticket_number(Random(7)) != generate_ticket_number(Random(8))


def test_thousands_are_different():
    assert len({generate_ticket_number() for _ in range(5000)}) == 5000
