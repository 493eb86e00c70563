"""Parsing of answers to the bot."""

import pytest

from beneficiate.domain.bot.drafts import Choice
from beneficiate.domain.bot.parsing import (
    Option,
    clean_text,
    count_visible_chars,
    find_pressed_choice,
    is_button_id,
    is_move_request,
    is_person_request,
    match_option,
    parse_command,
    parse_documents,
)

YES, NO = Option("yes", "Sí"), Option("no", "No")
CITIES = (Option("city:5001", "Medellín"), Option("city:5002", "Medina"), Option("other", "Otra ciudad"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("52.123.456", ["52123456"]),
        ("CC 52.123.456", ["52123456"]),
        ("C.C. N° 52 123 456", ["52123456"]),
        ("cc52123456", ["52123456", "CC52123456"]),
        ("Mi cédula es 52’123.456, gracias", ["52123456"]),
        ("52-123-456", ["52123456"]),
        ("５２１２３４５６", ["52123456"]),
        ("pasaporte av123456", ["AV123456"]),
        ("AV 123456", ["123456", "AV123456"]),
        ("052123456", ["52123456"]),
        ("PPT5123456", ["5123456", "PPT5123456"]),
        ("123", []),
        ("hola", []),
        ("9" * 500, []),
    ],
)
def test_document_is_found_as_people_write_it(text, found):
    assert parse_documents(text)[: len(found) or None] == found


def test_clean_text_keeps_lines_and_nothing_invisible():
    assert clean_text(" a\t b\n\n\u200b\nc\x07 ") == "a b\nc"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a b", 2), ("e\u0301", 1), ("ñ", 1)])
def test_combining_characters_do_not_count(text, count):
    assert count_visible_chars(text) == count


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Volver", "volver"),
        ("¡ATRÁS!", "volver"),
        ("cancelr", "cancelar"),
        ("ayud", None),
        ("agentte", "agente"),
        ("volver a Cali", None),
        ("", None),
    ],
)
def test_command_may_have_one_typo_from_five_letters_on(text, command):
    assert parse_command(text) == command


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("3:city:5001", True), ("3:yes", True), ("3:nothing", False), ("city:1", False), ("10:30", False)],
)
def test_button_id(text, is_id):
    assert is_button_id(text) is is_id


def test_choice_is_found_by_id_or_by_label():
    choices = (Choice("1:yes", "Sí"), Choice("1:no", "No"))
    assert find_pressed_choice("1:no", choices) == find_pressed_choice("NO", choices) == choices[1]
    assert find_pressed_choice("2:no", choices) is find_pressed_choice("", choices) is None


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("medellin", CITIES[0]),
        ("la 2", CITIES[1]),
        ("4", None),
        ("0", None),
        ("Otra", CITIES[2]),
        ("otra ciudadd", CITIES[2]),
        ("la de medina por favor", CITIES[1]),
        ("por favor", None),
        ("Cali", None),
        ("", None),
    ],
)
def test_option_is_matched_by_label_synonym_number_or_words(text, option):
    assert match_option(text, CITIES) == option


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("sí, todo está bien", YES),
        ("¿está bien?", None),
        ("sí, pero otra hora", None),
        ("no, gracias", NO),
        ("no sé", None),
        *((text, YES) for text in ("sisas", "de una", "Hágale pues", "bueno", "obvio", "claro que sí", "eso es")),
        *((text, YES) for text in ("👍", "👍🏽", "👍👍", "✅ ", "👌🏿")),
        *((text, NO) for text in ("👎", "❌", "nones", "negativo, gracias")),
        ("👍👎", None),
        ("😀", None),
        ("¿bueno?", None),
        ("bueno, pero otra hora", None),
    ],
)
def test_yes_and_no_count_alone_only(text, option):
    assert match_option(text, (YES, NO)) == option


def test_only_result_of_a_search_is_taken_by_pointing_at_it():
    assert match_option("esa", CITIES[:1]) == CITIES[0]
    assert match_option("esa", CITIES[:2]) is None


@pytest.mark.parametrize(
    ("text", "is_request"),
    [
        ("mover mi cita", True),
        ("¿Puedo cambiar la cita del martes?", True),
        ("quiero aplazar mi cita de cardiología para otra fecha", True),
        ("necesito reprogramar las citas", True),
        ("ya no puedo ese día, quiero correr la cita", True),
        ("cambiar la cita del médico", True),
        ("cambiar el médico de la cita", False),
        ("cambiar el motivo de mi cita", False),
        ("no quiero mover la cita", False),
        ("quiero una cita", False),
        ("cancelar la cita", False),
        ("cambiar", False),
        ("me cuesta mover la rodilla desde la última caída y por eso pedí esta cita", False),
        ("me duele al mover el brazo", False),
        ("", False),
    ],
)
def test_words_that_ask_to_move_an_appointment(text, is_request):
    assert is_move_request(text) is is_request


@pytest.mark.parametrize(
    ("text", "is_request"),
    [
        ("quiero hablar con alguien", True),
        ("¿hay alguien?", True),
        ("quiero una persona", True),
        ("comuníqueme con un asesor", True),
        ("necesito hablar con un humano, por favor", True),
        ("por favor, que me llamen, necesito un agente", True),
        ("no entiendo, páseme un asesor", True),
        ("no quiero hablar con nadie", False),
        ("no quiero hablar con un asesor", False),
        ("quiero una cita para otra persona", False),
        ("es para una persona mayor", False),
        ("necesito una cita con el doctor", False),
        ("", False),
    ],
)
def test_words_that_ask_for_a_person(text, is_request):
    assert is_person_request(text) is is_request


@pytest.mark.parametrize("text", ["reprogramar", "Reprogramár", "reprograma", "mover", "aplazarla"])
def test_bare_verb_of_a_move_is_a_command(text):
    assert parse_command(text) == "reprogramar"
