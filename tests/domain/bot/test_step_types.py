"""Questions and answers of the steps."""

from beneficiate.domain.bot.step_types import ParsedAnswer, list_question, shorten_echo
from beneficiate.search import SearchHit


def test_id_of_an_answer_is_what_follows_its_kind():
    assert (ParsedAnswer("city:5001", "").id, ParsedAnswer("yes", "").id) == ("5001", "")


def test_list_has_a_button_for_each_of_ten_hits():
    question = list_question("city", [SearchHit(number, f"Albania {number}") for number in range(12)], "¿Cuál?")
    assert (len(question.options), question.options[3].key, question.is_list) == (10, "city:3", True)
    assert list_question("city", [], "¿Cuál?") is None


def test_echo_is_one_short_line():
    assert shorten_echo("a\n b") == "a b"
    assert shorten_echo("a" * 50) == "a" * 40 + "…"
