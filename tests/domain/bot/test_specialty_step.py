"""The step of the specialty."""

import pytest

from beneficiate.domain.bot.drafts import NamedRef
from tests.domain.bot.fake_choices import (
    CARDIOLOGY,
    TO_LIST,
    TO_SPECIALTY,
    labels,
    run_dialogue,
)


def test_another_search_may_be_typed_at_a_list(clinic):
    turn = run_dialogue(clinic, *TO_LIST, "medicina")
    assert labels(turn) == ["Medicina general", "Medicina interna"]
    assert turn.reply.state == "awaiting_specialty_selection"
    assert labels(run_dialogue(clinic, "zzzzz", turn=turn)) == ["Medicina general", "Medicina interna"]


def test_all_specialties_are_listed_page_by_page(clinic):
    turn = run_dialogue(clinic, *TO_SPECIALTY)
    seen = []
    for _ in range(4):
        *names, way = labels(turn)
        seen += names
        turn = run_dialogue(clinic, f"[{way}]", turn=turn)
    assert seen == [hit.label for hit in clinic.list_specialties()]
    assert labels(turn)[:-1] == seen[:8]
    assert run_dialogue(clinic, "[Alergología]", turn=turn).draft.specialty.name == "Alergología"


@pytest.mark.parametrize("typed", ["urologia", "general", "cirugía"])
def test_page_of_the_list_is_not_taken_for_the_only_ones(clinic, typed):
    """Of the first page "general" is only surgery, and "urologia" is one letter from nothing that is meant."""
    turn = run_dialogue(clinic, *TO_SPECIALTY, "más", "más", typed)
    assert turn.draft.specialty is None or turn.draft.specialty.name in ("Urología", "Medicina general")


@pytest.mark.parametrize(
    ("typed", "first"),
    [("me duele mucho la muela", "Odontología"), ("dolor de espalda", "Ortopedia y traumatología")],
)
def test_complaint_names_who_usually_sees_it(clinic, typed, first):
    turn = run_dialogue(clinic, *TO_SPECIALTY, typed)
    assert turn.reply.message.startswith("Para eso suele atender")
    assert labels(turn) == [first, "Medicina general"]
    assert run_dialogue(clinic, f"[{first}]", turn=turn).draft.specialty.name == first


def test_name_itself_wins_over_longer_ones_in_a_list(clinic):
    turn = run_dialogue(clinic, *TO_SPECIALTY, "cardio", "Cardiología")
    assert turn.draft.specialty == NamedRef(*CARDIOLOGY)
