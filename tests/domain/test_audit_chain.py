"""The chain of the audit log: whatever is changed, removed, inserted or moved is found where it begins."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.audit_chain import (
    HASHED_FIELDS,
    ChainBreak,
    ChainedEntry,
    ChainLink,
    follow_chain,
    next_link,
)


def content(**changes):
    return dict.fromkeys(HASHED_FIELDS, "") | {"actor_id": 3, "person_id": None, "what": "people.reveal"} | changes


def chain(count):
    entries, last = [], ChainLink()
    for number in range(count):
        written = content(subject=f"user:{number}")
        link = next_link(last, written)
        entries.append(ChainedEntry(link, last.hash, written))
        last = link
    return entries


def test_unchanged_chain_ends_at_its_last_entry():
    entries = chain(5)
    assert follow_chain(ChainLink(), entries) == entries[-1].link
    assert follow_chain(entries[1].link, entries[2:]) == entries[-1].link
    assert follow_chain(entries[1].link, []) == entries[1].link


@pytest.mark.parametrize("name", HASHED_FIELDS)
def test_each_field_counts(name):
    entries = chain(4)
    entries[2] = replace(entries[2], content={**entries[2].content, name: "otro"})
    assert follow_chain(ChainLink(), entries) == ChainBreak(3, "changed")


@given(st.integers(0, 4))
def test_removed_entry_is_missing(index):
    entries = chain(6)
    del entries[index]
    assert follow_chain(ChainLink(), entries) == ChainBreak(index + 1, "missing")


def test_entry_that_is_hashed_again_leaves_the_next_one_behind():
    entries = chain(4)
    changed = content(subject="user:99")
    entries[1] = ChainedEntry(next_link(entries[0].link, changed), entries[0].link.hash, changed)
    assert follow_chain(ChainLink(), entries) == ChainBreak(3, "relinked")


def test_two_entries_that_change_places_are_found():
    entries = chain(4)
    first, second = entries[1], entries[2]
    entries[1] = replace(first, content=second.content)
    entries[2] = replace(second, content=first.content)
    assert follow_chain(ChainLink(), entries) == ChainBreak(2, "changed")


def test_a_number_is_not_its_text_and_an_empty_text_is_not_nothing():
    links = {next_link(ChainLink(), content(person_id=value)).hash for value in (1, "1", "", None)}
    assert len(links) == 4
