"""A member has one dialogue, whatever two processes do."""

import pytest

from beneficiate.models.dialogues import Dialogue
from tests.factories import member
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_insert, reload
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


DRAFT = '{"notes":"Dolor “fuerte” 😀 ' + "á" * 5000 + '"}'


@pytest.fixture
def dialogue():
    return Dialogue.create(user=member().id, draft=DRAFT, updated_at=NOW)


def test_member_has_one_dialogue(dialogue):
    refuse_insert(dialogue, draft="{}")
    assert insert_copy(dialogue, user=member("Beto").id)


def test_draft_of_any_length_comes_back_as_it_was(dialogue):
    assert reload(dialogue).draft == DRAFT


def test_dialogue_goes_with_its_member(dialogue):
    delete_row(dialogue.user)
    assert not is_there(dialogue)
