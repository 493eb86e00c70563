"""The database itself keeps the words by which people are found, whoever writes their names."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiate.folding import BENEFICIARY_NAME, MEMBER_NAME, list_person_words
from beneficiate.models.accounts import Beneficiary, User
from beneficiate.models.base import instant_to_text
from beneficiate.models.people import PersonWord
from tests.factories import PASSWORD_HASH, beneficiary, member
from tests.queries.appointment_rows import NOW

LATIN_NAMES = st.text(st.characters(codec="utf-8", min_codepoint=0x20, max_codepoint=0x17E), max_size=20)


def words_of(user_id, beneficiary_id=None):
    columns = (PersonWord.kind, PersonWord.word, PersonWord.reversed_word)
    is_owner = (PersonWord.user == user_id) & (
        PersonWord.beneficiary == beneficiary_id if beneficiary_id else PersonWord.beneficiary.is_null()
    )
    return sorted(map(list, PersonWord.select(*columns).where(is_owner).tuples()))


def words(first_name, last_name, phone="", kind=MEMBER_NAME):
    return sorted(json.loads(list_person_words(kind, first_name, last_name, phone)))


def test_names_that_are_written_in_any_way_are_found_by_their_new_words_only(db):
    ana = member("Ana María", last_name="Muñoz", phone="+57 304 512 7788")
    mateo = beneficiary(ana, "Mateo", last_name="Rojas")
    assert words_of(ana.id) == words("Ana María", "Muñoz", "3045127788")
    User.update(first_name="Anabel", last_seen=NOW).where(User.id == ana.id).execute()
    Beneficiary.update(last_name="Ríos").where(Beneficiary.id == mateo.id).execute()
    assert words_of(ana.id) == words("Anabel", "Muñoz", "3045127788")
    assert words_of(ana.id, mateo.id) == words("Mateo", "Ríos", kind=BENEFICIARY_NAME)
    columns = ("email", "password_hash", "first_name", "last_name", "document_type", "document_number", "created_at")
    ((bulk,),) = User.insert_bulk(
        columns, [("x@x.co", PASSWORD_HASH, "Eva", "Paz", "CC", "1234", instant_to_text(NOW))]
    )
    assert words_of(bulk) == words("Eva", "Paz")
    User.delete().where(User.id == ana.id).execute()
    assert PersonWord.select().where(PersonWord.user == ana.id).count() == 0


def test_both_databases_fold_as_the_search_does(db):
    user = member().user

    @settings(max_examples=60)
    @given(LATIN_NAMES, LATIN_NAMES)
    def check(first_name, last_name):
        User.update(first_name=first_name, last_name=last_name, phone="").where(User.id == user.id).execute()
        assert words_of(user.id) == words(first_name, last_name)

    check()
