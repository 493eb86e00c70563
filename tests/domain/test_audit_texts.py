"""Texts of the audit log that are kept apart: which they are, and that a seal is of one text at one place."""

import pytest

from beneficiate.domain.audit_texts import (
    SEAL,
    are_texts_as_sealed,
    find_seals,
    find_texts,
    new_salt,
    put_values,
    seal_text,
)


def test_words_of_people_are_kept_apart_and_codes_and_numbers_are_not():
    before, after = {"message": "Hola", "status": "PENDING", "agent": 3}, {"message": None, "tag": "citas"}
    assert find_texts(before, after, "fiebre") == {"before.message": "Hola", "after.tag": "citas", "reason": "fiebre"}
    assert find_texts(before, {}, "") == {"before.message": "Hola"}


def test_an_entry_has_seals_in_the_places_of_its_texts():
    salt, texts = new_salt(), {"before.message": "Hola", "reason": "fiebre"}
    seals = {place: seal_text(salt, place, text) for place, text in texts.items()}
    before = put_values("before", {"message": "Hola", "agent": 3}, seals)
    assert before == {"message": seals["before.message"], "agent": 3}
    assert find_seals(before, {}, seals["reason"]) == seals
    assert all(one.startswith(SEAL) for one in seals.values())
    assert put_values("before", before, texts) == {"message": "Hola", "agent": 3}


@pytest.mark.parametrize(
    "changed",
    [
        {"before.message": "Hola", "reason": "otro"},
        {"before.message": "fiebre", "reason": "Hola"},
        {"before.message": "Hola"},
        {"before.message": "Hola", "reason": "fiebre", "after.tag": "x"},
    ],
)
def test_other_texts_than_those_that_were_sealed_are_noticed(changed):
    salt, texts = new_salt(), {"before.message": "Hola", "reason": "fiebre"}
    seals = {place: seal_text(salt, place, text) for place, text in texts.items()}
    assert are_texts_as_sealed(seals, salt, texts)
    assert not are_texts_as_sealed(seals, salt, changed)
    assert not are_texts_as_sealed(seals, new_salt(), texts)


def test_text_that_no_encoding_has_is_sealed_too():
    assert seal_text("s", "reason", "\ud800").startswith(SEAL)
