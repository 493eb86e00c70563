"""Moving an appointment by the bot: from the words for it to the reply, and what becomes of a request under way."""

from datetime import date

import pytest

from beneficiate.domain.bot.dialogue import advance_dialogue, start_dialogue
from beneficiate.domain.bot.drafts import BookingDraft
from beneficiate.domain.bot.moves import reply_move_refused, reply_moved
from beneficiate.domain.bot.turns import Answer, MoveRequest
from tests.domain.bot.fake_choices import (
    DERMATOLOGY,
    TICKET,
    TO_CONFIRMATION,
    TO_DESCRIPTION,
    TO_SLOT,
    FakeChoices,
    labels,
    movable_appointment,
    run_dialogue,
    through_storage,
)

FIRST_SLOT = "[jue 26 de noviembre, 8:00 a. m., con Germán Cifuentes]"


@pytest.fixture
def clinic():
    return FakeChoices(movable=[movable_appointment()], has_colleague=True)


@pytest.fixture
def two(clinic):
    clinic.movable.append(movable_appointment(82, "Ana", DERMATOLOGY))
    return clinic


def test_only_appointment_is_moved_in_three_answers(clinic):
    turn = run_dialogue(clinic, "mover mi cita")
    assert turn.reply.state == "awaiting_new_slot_selection"
    assert "Vamos a mover la cita de Cardiología para Mateo: vie 27 de noviembre" in turn.reply.message
    assert labels(turn)[3:] == ["Más horarios", "Otro día", "Otro profesional", "Dejarla como está"]
    assert all(label.endswith("con Germán Cifuentes") for label in labels(turn)[:3])
    turn = run_dialogue(clinic, FIRST_SLOT, turn=turn)
    assert (turn.reply.state, labels(turn)) == ("move_confirmation", ["Sí", "No"])
    assert f"Mover la cita {TICKET}" in turn.reply.message
    assert "Ahora: vie 27 de noviembre, 8:00 a. m." in turn.reply.message
    assert "Nuevo horario: jue 26 de noviembre, 8:00 a. m." in turn.reply.message
    turn = run_dialogue(clinic, "sí", turn=turn)
    assert turn.move == MoveRequest(81, 2, turn.draft.slot)
    assert turn.booking is None


def test_several_are_a_list_and_one_goes_back_to_it(two):
    turn = run_dialogue(two, "quiero aplazar una cita")
    assert turn.reply.state == "awaiting_appointment_selection"
    assert labels(turn) == [
        "Cardiología para Mateo, vie 27 de noviembre, 8:00 a. m., con Germán Cifuentes",
        "Dermatología para Ana, vie 27 de noviembre, 8:00 a. m., con Germán Cifuentes",
        "Dejarla como está",
    ]
    chosen = run_dialogue(two, "la de cardiología", turn=turn)
    assert chosen.draft.appointment.id == 81
    assert run_dialogue(two, "volver", turn=chosen).reply.state == "awaiting_appointment_selection"
    assert "primer paso" in run_dialogue(two, "volver", turn=turn).reply.message
    assert "no le entendimos" in run_dialogue(two, "la otra cosa", turn=turn).reply.message


def test_slots_have_the_same_ways_as_those_of_a_booking(clinic):
    turn = run_dialogue(clinic, "reprogramar", "[Otro día]")
    assert labels(turn)[0].startswith("sáb 28")
    turn = run_dialogue(clinic, "el 30 de noviembre por la tarde", turn=turn)
    assert labels(turn)[0].startswith("lun 30 de noviembre, 2:40 p. m.")
    turn = run_dialogue(clinic, "[Otro profesional]", "[Rosa Albán]", turn=turn)
    assert turn.reply.state == "awaiting_new_slot_selection"
    assert all(label.endswith("con Rosa Albán") for label in labels(turn)[:3])
    turn = run_dialogue(clinic, "1", "no", turn=turn)
    assert (turn.reply.state, turn.draft.slot) == ("awaiting_new_slot_selection", None)


def test_appointment_without_other_times_stays(clinic):
    clinic.times = 0
    turn = run_dialogue(clinic, "mover mi cita")
    assert "No hay otros horarios libres en línea para Cardiología en Bogotá D.C." in turn.reply.message
    assert labels(turn) == ["Dejarla como está", "Hablar con una persona"]
    assert turn.reply.redirect_url is None
    assert run_dialogue(clinic, "[Hablar con una persona]", turn=turn).wants_person


def test_times_after_the_plan_are_not_offered_and_it_is_said_why(clinic):
    clinic.plan_ends_on = date(2026, 11, 26)
    turn = run_dialogue(clinic, "mover mi cita")
    assert all(label.startswith("jue 26") for label in labels(turn)[:3])
    turn = run_dialogue(clinic, "[Otro día]", turn=turn)
    assert "Su plan termina el 26 de noviembre de 2026: hasta ese día no hay más horarios así" in turn.reply.message
    clinic.plan_ends_on = date(2026, 11, 25)
    turn = run_dialogue(clinic, "mover mi cita")
    assert "son después del 25 de noviembre de 2026, cuando termina su plan" in turn.reply.message
    assert (turn.reply.redirect_url, labels(turn)[0]) == ("/planes", "Dejarla como está")


@pytest.mark.parametrize("words", ["cancelar", "dejarla así", "[Dejarla como está]"])
def test_what_is_left_stays_as_it_was(clinic, words):
    turn = run_dialogue(clinic, "mover mi cita", words)
    assert "queda como estaba" in turn.reply.message
    assert (turn.reply.restart, turn.move, turn.draft.is_move) == (True, None, False)


def test_request_under_way_waits_and_goes_on(clinic):
    before = run_dialogue(clinic, *TO_SLOT)
    turn = run_dialogue(clinic, "cambiar la cita", "cancelar", turn=before)
    assert "Retomemos su solicitud donde la dejó: el horario" in turn.reply.message
    for name in ("patient", "city", "specialty", "first_time", "description", "slots"):
        assert getattr(turn.draft, name) == getattr(before.draft, name)
    assert turn.draft.paused is None
    stale = advance_dialogue(turn.draft, Answer(option=before.reply.choices[0].id), clinic)
    assert "botón era de una pregunta anterior" in stale.reply.message
    moved = reply_moved(
        run_dialogue(clinic, "mover mi cita", FIRST_SLOT, turn=before).draft, clinic, is_confirmed=True, place="Calle 1"
    )
    assert "Su número sigue siendo" in moved.reply.message
    assert (moved.reply.state, moved.draft.description) == ("awaiting_slot_selection", before.draft.description)


def test_move_that_begins_again_keeps_the_request_that_waits(two):
    turn = run_dialogue(two, *TO_SLOT, "mover mi cita", "1", "mover mi cita", "cancelar")
    assert turn.reply.state == "awaiting_slot_selection"


def test_moved_appointment_keeps_its_number_and_says_whether_it_is_confirmed(clinic):
    draft = through_storage(run_dialogue(clinic, "mover mi cita", FIRST_SLOT).draft)
    done = reply_moved(draft, clinic, is_confirmed=True, place="Calle 116, Bogotá")
    assert done.reply.message == (
        "Listo: la cita de Mateo quedó para el jue 26 de noviembre, 8:00 a. m., con Germán Cifuentes. Su número sigue "
        f"siendo {TICKET}. Lugar: Calle 116, Bogotá."
    )
    assert (done.reply.state, labels(done)) == ("completed", ["Pedir otra cita"])
    resumed = start_dialogue(clinic, through_storage(done.draft))
    assert "Hola" not in resumed.reply.message
    assert TICKET in resumed.reply.message
    assert "Le avisaremos cuando" in reply_moved(draft, clinic, is_confirmed=False).reply.message


def test_refused_move_shows_the_times_again_or_ends(clinic):
    draft = run_dialogue(clinic, "mover mi cita", FIRST_SLOT).draft
    again = reply_move_refused(draft, "Ese horario ya no está disponible.", clinic, is_over=False)
    assert (again.reply.state, again.draft.slot) == ("awaiting_new_slot_selection", None)
    assert again.reply.message.startswith("Ese horario ya no está disponible.")
    over = reply_move_refused(draft, "La cita cambió mientras tanto.", clinic, is_over=True)
    assert (over.reply.message, over.reply.restart) == ("La cita cambió mientras tanto.", True)
    assert over.draft == BookingDraft(turn=over.draft.turn)


def test_nothing_to_move_is_said_before_the_question(clinic):
    clinic.movable = []
    turn = run_dialogue(clinic, *TO_CONFIRMATION)
    turn = run_dialogue(clinic, "reprogramar", turn=turn)
    assert turn.reply.state == "confirmation"
    assert "No tiene citas con horario que pueda mover por aquí: se puede hasta 4 horas antes" in turn.reply.message


def test_first_question_offers_a_move_only_to_whom_has_something_to_move(clinic):
    first = start_dialogue(clinic)
    assert labels(first)[-1] == "Mover una cita que ya tengo"
    assert run_dialogue(clinic, "[Mover una cita que ya tengo]", turn=first).draft.is_move
    clinic.movable = []
    assert "Mover una cita que ya tengo" not in labels(start_dialogue(clinic))


def test_without_a_plan_nothing_is_moved(clinic):
    turn = run_dialogue(clinic, "mover mi cita")
    clinic.has_running_plan = False
    for answered in (run_dialogue(clinic, FIRST_SLOT, turn=turn), run_dialogue(clinic, "mover mi cita")):
        assert answered.reply.redirect_url == "/planes"
        assert answered.move is None


def test_description_that_names_a_move_is_a_description(clinic):
    turn = run_dialogue(clinic, *TO_DESCRIPTION, "Quiero cambiar la cita porque me duele la rodilla")
    assert turn.draft.description.startswith("Quiero cambiar")


def test_resumed_move_names_its_step_and_a_professional_ends_it(clinic):
    turn = run_dialogue(clinic, "mover mi cita")
    resumed = start_dialogue(clinic, through_storage(turn.draft))
    assert "Retomemos su solicitud donde la dejó: el nuevo horario" in resumed.reply.message
    chosen = start_dialogue(clinic, through_storage(turn.draft), professional=12)
    assert (chosen.draft.is_move, chosen.draft.professional.id) == (False, 12)
