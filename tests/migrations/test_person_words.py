"""Migration 0013 indexes the people of before, also when it was interrupted."""

from importlib import import_module

from beneficiate.models.people import PersonWord
from tests.factories import beneficiary, member

migration = import_module("beneficiate.migrations.0013_person_words")


def indexed_words():
    columns = (PersonWord.kind, PersonWord.word, PersonWord.user, PersonWord.beneficiary)
    return sorted(map(str, PersonWord.select(*columns).tuples()))


def test_people_of_before_get_their_words_once(db, monkeypatch):
    monkeypatch.setattr(migration, "PART_ROWS", 2)
    people = [member(f"Ana{number}", phone=f"+57 304 512 778{number}") for number in range(5)]
    for person in people:
        beneficiary(person)
    before = indexed_words()
    assert len(before) > 20
    PersonWord.delete().where(PersonWord.user > people[1].id).execute()
    for _ in range(2):
        migration.up(None, db)
        assert indexed_words() == before
