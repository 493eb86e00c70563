"""Edge cases of the dialogue that the scripts do not cover."""

import pytest

from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.bot.dialogue import advance_dialogue, reply_booked, reply_refused, start_dialogue
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.turns import Answer
from tests.domain.bot.fake_choices import (
    BOGOTA,
    CARDIOLOGY,
    EVERY_STEP,
    TICKET,
    TO_CITY,
    TO_CONFIRMATION,
    TO_DESCRIPTION,
    TO_SLOT,
    TO_VISIT_TYPE,
    FakeChoices,
    labels,
    run_dialogue,
    through_storage,
)

FOREIGN, UNKNOWN = "79456123", "11111111"


# Documents


def test_unusable_document_gets_one_and_the_same_text(clinic):
    first = run_dialogue(clinic, FOREIGN).reply.message
    assert run_dialogue(clinic, FOREIGN, FOREIGN).reply.message == first
    assert run_dialogue(clinic, UNKNOWN).reply.message == first
    assert run_dialogue(clinic, UNKNOWN, FOREIGN).reply.message == first
    third = run_dialogue(clinic, *[UNKNOWN] * 3)
    assert third.reply == run_dialogue(clinic, *[FOREIGN] * 3).reply
    assert labels(third) == ["Hablar con una persona", "Continuar con la solicitud"]


def test_patient_without_a_city_is_asked_to_type_one(clinic):
    turn = run_dialogue(clinic, "1020304050")
    assert turn.reply.state == "awaiting_city_selection"
    assert labels(turn) == []


# City and specialty


@pytest.mark.parametrize(
    ("typed", "city"), [("bogta", "Bogotá D.C."), ("Bogotá D.C.", "Bogotá D.C."), ("cali", "Santiago de Cali")]
)
def test_city_that_is_certain_is_not_asked_again(clinic, typed, city):
    turn = run_dialogue(clinic, *TO_CITY, typed)
    assert turn.draft.city.name == city
    assert f"Anotado: {city}." in turn.reply.message


@pytest.mark.parametrize("typed", ["albania", "vivo en Pasto"])
def test_city_that_may_be_another_is_a_list(clinic, typed):
    turn = run_dialogue(clinic, *TO_CITY, typed)
    assert turn.reply.is_list
    assert turn.reply.state == "awaiting_city_selection"
    assert 1 <= len(labels(turn)) <= 10


def test_one_s_own_city_is_taken_by_button_by_its_text_and_by_its_id(clinic):
    for text in ("[En Bogotá D.C.]", "en bogotá d.c.", "1", run_dialogue(clinic, *TO_CITY).reply.choices[0].id):
        turn = run_dialogue(clinic, *TO_CITY, text)
        assert turn.reply.state == "awaiting_specialty_search"
        assert turn.draft.city == BOGOTA


def test_unknown_city_is_reported_and_asked_again(clinic):
    turn = run_dialogue(clinic, *TO_CITY, "[En otra ciudad]", "Macondo de los Buendía")
    assert "Macondo" in turn.reply.message
    assert (turn.reply.state, turn.draft.failures) == ("awaiting_city_selection", 1)


# Patients


def test_patient_is_chosen_by_button_or_first_name(clinic):
    for answer in ("[Mateo Guzmán Rojas]", "Mateo", "2", "para mateo"):
        assert run_dialogue(clinic, answer).draft.patient.first_name == "Mateo"
    assert run_dialogue(clinic, "para mí").draft.patient.first_name == "Ana"


def test_another_person_is_told_how_and_may_still_be_chosen(clinic):
    turn = run_dialogue(clinic, "[Otra persona]")
    assert "Mi cuenta" in turn.reply.message
    assert (turn.reply.state, turn.draft.failures) == ("awaiting_document", 0)
    assert run_dialogue(clinic, "52123456", turn=turn).draft.patient.first_name == "Ana"


# Description


@pytest.mark.parametrize(
    "text", ["ab", "a \u200b b", "x" * 5000, "x" * 1001, "\u200b\u200b\u200b\u200b", "!\x00\x01\x02"]
)
def test_description_too_short_or_too_long_stays(clinic, text):
    turn = run_dialogue(clinic, *TO_DESCRIPTION, text)
    assert turn.reply.state == "awaiting_description"
    assert "caracteres" in turn.reply.message or "texto" in turn.reply.message
    assert turn.draft.description == ""


@pytest.mark.parametrize("text", ["tos", "x" * 1000, "ñáé", "🤒🤧🤢"])
def test_description_of_3_to_1000_characters_is_taken(clinic, text):
    assert run_dialogue(clinic, *TO_DESCRIPTION, text).draft.description == text


def test_what_cannot_be_stored_is_left_out_of_a_description(clinic):
    turn = run_dialogue(clinic, *TO_DESCRIPTION, "  Dolor\x00 de \ud800 cabeza\u202e \r\n\n hace   días ")
    assert turn.draft.description == "Dolor de cabeza\nhace días"


@pytest.mark.parametrize(
    "text",
    [
        "Dolor en el pecho",
        "me duele mucho el PECHO",
        "dolr en el pcho",
        "no puedo respirar",
        "no puedo respirra bien",
        "Me desmallé ayer",
        "combulsiones",
        "sangrado avundante",
        "hemorragia nasal",
        "me quiero morir",
        "pensamientos suisidas",
        "creo que es un imfarto",
        "derrame cerebral",
        "dificultad para respirar",
    ],
)
def test_words_of_an_emergency_come_before_everything_else(clinic, text):
    turn = run_dialogue(clinic, *TO_DESCRIPTION, text)
    assert "Si es una urgencia, llame al 123" in turn.reply.message
    assert labels(turn) == ["Hablar con una persona", "Continuar con la solicitud"]
    assert turn.reply.state == "awaiting_description"
    on = run_dialogue(clinic, "[Continuar con la solicitud]", turn=turn)
    assert on.reply.state == "awaiting_slot_selection"
    assert on.draft.description == text
    person = run_dialogue(clinic, "sí", turn=turn)
    assert person.wants_person
    assert person.draft.description == text


def test_emergency_is_recognised_at_every_step(clinic):
    for step in EVERY_STEP:
        turn = run_dialogue(clinic, *step)
        warned = run_dialogue(clinic, "no puedo respirar", turn=turn)
        assert "llame al 123" in warned.reply.message
        if turn.draft.aside != "change" and turn.reply.state != "awaiting_description":
            again = run_dialogue(clinic, "[Continuar con la solicitud]", turn=warned)
            assert (again.reply.state, labels(again)) == (turn.reply.state, labels(turn))


@pytest.mark.parametrize("step", [(), TO_DESCRIPTION], ids=["first question", "description"])
@pytest.mark.parametrize(
    "text",
    [
        "sí por favor ayúdenme",
        "si ya",
        "sí, quiero hablar",
        "siii",
        "👍",
        "urgente",
        "llámenme ya",
        "por favor",
        "estoy mal",
    ],
)
def test_who_is_in_danger_and_does_not_refuse_gets_a_person(clinic, step, text):
    warned = run_dialogue(clinic, *step, "me quiero morir")
    assert run_dialogue(clinic, text, turn=warned).wants_person


@pytest.mark.parametrize(
    "answer",
    [
        "[Prefiero no decirlo]", "prefiero no decirlo", "No quiero contarlo", "no", "No gracias", "ninguno", "no deseo",
        "Sin motivo", "no autorizo", "No lo autorizo", "no autorizo que guarden nada", "dolor, pero no lo guarden",
    ],
)  # fmt: skip
def test_nobody_has_to_give_a_reason(clinic, answer):
    asked = run_dialogue(clinic, *TO_DESCRIPTION)
    assert "usted decide si lo da" in asked.reply.message
    turn = run_dialogue(clinic, answer, turn=asked)
    assert (turn.draft.description, turn.reply.state) == (NO_REASON, "awaiting_slot_selection")


def test_going_back_from_the_warning_asks_for_the_description_again(clinic):
    turn = run_dialogue(clinic, *TO_DESCRIPTION, "dolor en el pecho", "volver")
    assert (turn.reply.state, turn.draft.description) == ("awaiting_description", "")


# Slots


def test_where_nobody_has_time_the_summary_follows_the_description():
    turn = run_dialogue(FakeChoices(times=0), *TO_SLOT)
    assert "No hay cupos en línea para Cardiología en Bogotá D.C." in turn.reply.message
    assert turn.reply.state == "confirmation"
    assert turn.reply.message.startswith("Resumen")
    assert run_dialogue(FakeChoices(times=0), *TO_SLOT, "volver").reply.state == "awaiting_description"


def test_booking_carries_everything(clinic):
    turn = run_dialogue(clinic, *TO_SLOT, "9:20", "[Sí]")
    booking = turn.booking
    assert (booking.patient_key, booking.city_id, booking.specialty_id) == ("user:1", BOGOTA.id, CARDIOLOGY.id)
    assert (booking.first_time, booking.description) == (False, "Control después del cateterismo")
    assert booking.slot.id == "12@261420"
    assert booking.professional is None
    assert turn.draft.state == "confirmation"


# The summary


def test_summary_names_everything(clinic):
    message = run_dialogue(clinic, *TO_SLOT, "8:00").reply.message
    assert message.startswith("Resumen")
    for part in ("Ana Guzmán Rojas", "Bogotá D.C.", "Cardiología", "Control", "cateterismo", "8:00 a. m.", "Germán"):
        assert part in message


@pytest.mark.parametrize(
    "text",
    [
        "sí",
        "SI",
        "si, por favor",
        "Confirmo",
        "todo está bien, sí",
        "claro",
        "está bien",
        "1",
        "sisas",
        "de una",
        "hágale",
        "bueno",
        "obvio",
        "👍",
        "👍🏽",
    ],
)
def test_yes(clinic, text):
    assert run_dialogue(clinic, *TO_CONFIRMATION, text).booking


@pytest.mark.parametrize("text", ["no", "No.", "no es así", "no me gusta", "¿está bien?", "quizás", "sí o no", "2"])
def test_anything_short_of_yes_books_nothing(clinic, text):
    turn = run_dialogue(clinic, *TO_CONFIRMATION, text)
    assert turn.booking is None
    assert turn.reply.state == "confirmation"
    assert turn.reply.choices


@pytest.mark.parametrize(
    ("change", "state", "answers"),
    [
        ("el paciente", "awaiting_document", ["1020304050"]),
        ("la ciudad", "awaiting_city_selection", ["medellin"]),
        ("especialidad", "awaiting_specialty_search", ["psicologia"]),
        ("el tipo de cita", "awaiting_visit_type", ["[Primera vez]"]),
        ("el motivo", "awaiting_description", ["Otro motivo"]),
        ("el horario", "awaiting_slot_selection", ["8:40"]),
    ],
)
def test_one_answer_can_be_changed_without_the_others(clinic, change, state, answers):
    for way in (["[No]", change], [f"cambiar {change}"], [f"no, {change}"], [f"sí, pero cambie {change}"]):
        turn = run_dialogue(clinic, *TO_CONFIRMATION, *way)
        assert turn.reply.state == state
        assert run_dialogue(clinic, *answers, turn=turn).reply.message.startswith("Resumen")


def test_nothing_needs_to_be_changed_after_all(clinic):
    for answer in ("nada", "volver", "[Nada, volver al resumen]"):
        turn = run_dialogue(clinic, *TO_CONFIRMATION, "no", answer)
        assert turn.reply.message.startswith("Resumen")


# Commands


@pytest.mark.parametrize("step", EVERY_STEP)
def test_person_can_be_asked_for_at_every_step(clinic, step):
    before = run_dialogue(clinic, *step)
    for text in ("agente", "  ÁGENTE ", "¡Agente!", "ajente", "hablar con una persona"):
        turn = run_dialogue(clinic, text, turn=before)
        assert turn.wants_person
        assert turn.reply.state == before.reply.state
        back = start_dialogue(clinic, through_storage(turn.draft))
        if before.draft.aside == "":
            assert labels(back) == labels(before)


@pytest.mark.parametrize("step", EVERY_STEP)
def test_help_explains_the_step_and_asks_again(clinic, step):
    before = run_dialogue(clinic, *step)
    turn = run_dialogue(clinic, "Ayúda", turn=before)
    assert before.reply.message.split("\n\n")[-1] in turn.reply.message or not step
    assert turn.reply.choices == before.reply.choices
    assert turn.reply.message != before.reply.message
    assert turn.draft.failures == before.draft.failures


@pytest.mark.parametrize("step", EVERY_STEP)
def test_cancelling_ends_it(clinic, step):
    turn = run_dialogue(clinic, *step, "Cancelar")
    assert turn.reply.restart
    assert turn.reply.choices == ()
    assert turn.draft == BookingDraft(turn=turn.draft.turn)
    assert run_dialogue(clinic, "52123456", turn=turn).draft.patient.first_name == "Ana"


def test_back_goes_one_step_at_a_time(clinic):
    turn = run_dialogue(clinic, *TO_CONFIRMATION)
    states = []
    for _ in range(9):
        turn = run_dialogue(clinic, "volver", turn=turn)
        states.append(turn.reply.state)
    assert states == [
        "awaiting_slot_selection",
        "awaiting_description",
        "awaiting_visit_type",
        "awaiting_specialty_selection",
        "awaiting_specialty_search",
        "awaiting_city_selection",
        "awaiting_document",
        "awaiting_document",
        "awaiting_document",
    ]


@pytest.mark.parametrize("step", [TO_VISIT_TYPE, TO_SLOT, TO_CONFIRMATION, (*TO_CITY, "[En otra ciudad]")])
def test_three_failures_offer_a_person(clinic, step):
    turn = run_dialogue(clinic, *step)
    state = turn.reply.state
    turn = run_dialogue(clinic, *["qwxz qwxz"] * 2, turn=turn)
    assert "Hablar con una persona" not in labels(turn)
    turn = run_dialogue(clinic, "qwxz qwxz", turn=turn)
    assert labels(turn) == ["Hablar con una persona", "Continuar con la solicitud"]
    assert turn.reply.state == state
    on = run_dialogue(clinic, "[Continuar con la solicitud]", turn=turn)
    assert labels(on) == labels(run_dialogue(clinic, *step))
    assert on.draft.failures == 0


def test_question_can_be_answered_while_a_person_is_offered(clinic):
    turn = run_dialogue(clinic, *TO_VISIT_TYPE, *["qwxz"] * 3, "Primera vez")
    assert turn.reply.state == "awaiting_description"
    assert (turn.draft.aside, turn.draft.failures) == ("", 0)


def test_neither_a_greeting_nor_nothing_is_a_failure(clinic):
    turn = run_dialogue(clinic, *TO_VISIT_TYPE, "hola", "", "   ", "\x00")
    assert turn.draft.failures == 0
    assert labels(turn) == ["Primera vez", "Control"]


# Buttons


def test_stale_button_gets_the_current_question(clinic):
    old = run_dialogue(clinic, *TO_CITY).reply.choices[0].id
    before = run_dialogue(clinic, *TO_VISIT_TYPE)
    for answer in (Answer(option=old), Answer(old), Answer(option="nonsense"), Answer("Control", old)):
        turn = advance_dialogue(before.draft, answer, clinic)
        assert turn.reply.state == "awaiting_visit_type"
        assert turn.reply.choices == before.reply.choices
        assert "pregunta anterior" in turn.reply.message
        assert turn.draft == before.draft


def test_older_client_sends_the_text_of_a_button_as_its_id(clinic):
    turn = run_dialogue(clinic, *TO_VISIT_TYPE)
    assert advance_dialogue(turn.draft, Answer(option="Primera vez"), clinic).draft.first_time is True


def test_buttons_keep_their_ids_as_long_as_the_question_is_the_same(clinic):
    turn = run_dialogue(clinic, *TO_VISIT_TYPE)
    assert start_dialogue(clinic, through_storage(turn.draft)).reply.choices == turn.reply.choices
    again = run_dialogue(clinic, "volver", "[Cardiología]", turn=turn)
    assert {choice.id for choice in again.reply.choices}.isdisjoint(choice.id for choice in turn.reply.choices)


# After the booking


@pytest.mark.parametrize("text", ["Sí", "sí, confirmo", "gracias", "volver", "ayuda", "cancelar", "xyz", "52123456"])
def test_confirming_twice_gives_the_ticket_again(clinic, done, text):
    turn = run_dialogue(clinic, text, turn=done)
    assert turn.booking is None
    assert TICKET in turn.reply.message
    assert turn.reply.state == "completed"


def test_button_of_another_tab_gives_the_ticket_again(clinic, done):
    yes = run_dialogue(clinic, *TO_CONFIRMATION).reply.choices[0].id
    turn = advance_dialogue(done.draft, Answer(option=yes), clinic)
    assert (turn.booking, TICKET in turn.reply.message) == (None, True)


@pytest.mark.parametrize("text", ["nueva cita", "Hola", "[Pedir otra cita]", "pedir otra cita", "quiero otra cita"])
def test_new_booking_begins_empty_and_with_new_buttons(clinic, done, text):
    turn = run_dialogue(clinic, text, turn=done)
    assert turn.reply.state == "awaiting_document"
    assert (turn.draft.patient, turn.draft.ticket) == (None, "")
    assert turn.draft.turn > done.draft.turn


def test_booking_with_a_slot_may_have_to_be_confirmed(clinic):
    draft = run_dialogue(clinic, *TO_SLOT, "1", "sí").draft
    assert "registrada exitosamente" in reply_booked(draft, TICKET, is_confirmed=False).reply.message
    assert "confirmada" in reply_booked(draft, TICKET, is_confirmed=True).reply.message


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("slot_taken", "awaiting_slot_selection"),
        ("patient_busy", "awaiting_slot_selection"),
        ("patient_gone", "awaiting_document"),
        ("professional_gone", "awaiting_slot_selection"),
        ("plan_ended", "confirmation"),
    ],
)
def test_refused_booking_goes_on_where_it_makes_sense(clinic, reason, state):
    turn = reply_refused(run_dialogue(clinic, *TO_SLOT, "1", "sí").draft, reason, clinic)
    assert turn.reply.state == state
    assert turn.draft.description == "Control después del cateterismo"
    assert turn.booking is None


def test_last_slot_was_taken(clinic):
    draft = run_dialogue(clinic, *TO_SLOT, "1", "sí").draft
    turn = reply_refused(draft, "slot_taken", FakeChoices(times=0))
    assert turn.reply.state == "confirmation"
    assert turn.reply.message.startswith("Resumen")
    assert "se acaba de ocupar" in turn.reply.message
    assert turn.draft.slot is None


# Plans


def test_without_a_plan_nothing_is_asked():
    clinic = FakeChoices(has_running_plan=False)
    for turn in (
        start_dialogue(clinic),
        run_dialogue(clinic, "52123456"),
        run_dialogue(clinic, "hola"),
        run_dialogue(clinic, "ayuda"),
    ):
        assert turn.reply.redirect_url == "/planes"
        assert "plan" in turn.reply.message
    assert clinic.looked_up == []
    assert run_dialogue(clinic, "agente").wants_person
    assert run_dialogue(clinic, "cancelar").reply.restart


def test_plan_that_ended_keeps_the_draft(clinic):
    turn = run_dialogue(clinic, *TO_VISIT_TYPE)
    stopped = advance_dialogue(turn.draft, Answer("Control"), FakeChoices(has_running_plan=False))
    assert stopped.reply.redirect_url == "/planes"
    assert stopped.draft == turn.draft
    assert run_dialogue(clinic, "Control", turn=stopped).reply.state == "awaiting_description"


# A professional chosen before


def test_new_booking_needs_a_plan_too(clinic, done):
    clinic.has_running_plan = False
    assert TICKET in run_dialogue(clinic, "sí", turn=done).reply.message
    assert run_dialogue(clinic, "nueva cita", turn=done).reply.redirect_url == "/planes"
