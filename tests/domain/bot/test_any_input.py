"""Any input at any step gets one reply within the table of steps, and the draft survives."""

from datetime import date
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.bot.dialogue import advance_dialogue, reply_booked, reply_refused, start_dialogue
from beneficiate.domain.bot.drafts import BookingDraft, Choice, DialogueState, NamedRef, SideQuestion
from beneficiate.domain.bot.moves import reply_moved
from beneficiate.domain.bot.parsing import is_move_request, parse_command
from beneficiate.domain.bot.sentences import HELP, STATE_NAMES
from beneficiate.domain.bot.steps import STEPS
from beneficiate.domain.bot.turns import Answer, BookingRefusal, DialogueTurn
from tests.domain.bot.fake_choices import (
    BOGOTA,
    CARDIOLOGY,
    EVERY_STEP,
    TO_CONFIRMATION,
    FakeChoices,
    movable_appointment,
    run_dialogue,
    through_storage,
)

WORDS = [
    "volver",
    "cancelar",
    "ayuda",
    "agente",
    "hola",
    "sí",
    "no",
    "1",
    "2",
    "9",
    "control",
    "bogota",
    "cali",
    "albania",
    "cardiolgia",
    "medicina",
    "52123456",
    "1020304050",
    "continuar",
    "mover mi cita",
    "dejarla como está",
    "xyz",
    "[]",
    "3:city:1",
    "1:own",
    "4:yes",
]
texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "No puedo respirar",
            "Me duele la rodilla hace una semana",
            "primera vez",
            "que me contacten",
            "\x00",
            "[" * 500,
        ]
    ),
    st.text(max_size=60),
    st.text(st.characters(), max_size=5),  # surrogates too
)
presses = st.integers(0, 11)
moves = st.lists(st.one_of(texts, presses, st.just(None)), max_size=12)
clinics = st.builds(
    FakeChoices,
    has_running_plan=st.sampled_from([True, True, True, False]),
    times=st.integers(0, 3),
    movable=st.sampled_from([[], [movable_appointment()], [movable_appointment(), movable_appointment(82)]]),
    plan_ends_on=st.sampled_from([date.max, date(2026, 11, 26), date(2026, 11, 25)]),
)

ana, mateo = FakeChoices().people.values()
drafts = st.builds(
    BookingDraft,
    state=st.sampled_from(get_args(DialogueState)),
    turn=st.integers(0, 9),
    patient=st.sampled_from([None, ana, mateo]),
    city=st.sampled_from([None, BOGOTA, NamedRef(0, "")]),
    specialty=st.sampled_from([None, NamedRef(*CARDIOLOGY), NamedRef(0, "")]),
    first_time=st.sampled_from([None, True, False]),
    description=st.sampled_from(["", "Revisión anual"]),
    professional=st.sampled_from(
        [None, NamedRef(12, "Germán Cifuentes"), NamedRef(13, "Laura"), NamedRef(99, "Nadie")]
    ),
    wants_contact=st.booleans(),
    search=st.sampled_from([None, "", "albania", "medicina", "xyzzy"]),
    aside=st.sampled_from(get_args(SideQuestion)),
    failures=st.integers(0, 9),
    choices=st.sampled_from(
        [(), (Choice("3:yes", "Sí"), Choice("3:new", "Pedir otra cita")), (Choice("3:city:7", "7"),)]
    ),
    ticket=st.sampled_from(["", "", "APT-AAAAA-0001"]),
    is_move=st.booleans(),
    appointment=st.sampled_from([None, movable_appointment()]),
)


def is_kept(text: str) -> bool:
    return parse_command(text) not in ("volver", "cancelar", "reprogramar") and not is_move_request(text)


def move(turn: DialogueTurn, how: str | int | None, clinic: FakeChoices) -> DialogueTurn:
    if how is None:
        return start_dialogue(clinic, through_storage(turn.draft))
    if isinstance(how, int):
        choices = turn.reply.choices
        return advance_dialogue(
            through_storage(turn.draft), Answer(option=choices[how % len(choices)].id if choices else "1:own"), clinic
        )
    return advance_dialogue(through_storage(turn.draft), Answer(how), clinic)


def check(turn: DialogueTurn) -> None:
    assert turn.reply.state in get_args(DialogueState)
    assert turn.reply.state == turn.draft.state
    assert turn.reply.message.strip()
    assert len({choice.id for choice in turn.reply.choices}) == len(turn.reply.choices) <= 10
    assert set(turn.reply.choices) <= set(turn.draft.choices)
    assert through_storage(turn.draft) == turn.draft
    assert not (turn.booking and turn.draft.ticket)
    assert not (turn.booking and turn.move)
    assert bool(turn.move) <= turn.draft.is_move
    assert turn.draft.paused is None or not turn.draft.paused.is_move


def test_every_state_has_a_row_in_each_table():
    assert set(STEPS) == set(STATE_NAMES) == set(HELP) == set(get_args(DialogueState))


@given(clinic=clinics, start=st.sampled_from(EVERY_STEP), moves=moves)
def test_any_answer_gets_one_reply_within_the_table(clinic, start, moves):
    turn = run_dialogue(FakeChoices(), *start)
    for how in moves:
        turn = move(turn, how, clinic)
        check(turn)
        if turn.booking:
            turn = reply_booked(through_storage(turn.draft), "APT-AAAAA-0001", is_confirmed=True)
            check(turn)
        if turn.move:
            turn = reply_moved(through_storage(turn.draft), clinic, is_confirmed=True)
            check(turn)


@given(start=st.sampled_from(EVERY_STEP[:-2]), moves=st.lists(texts.filter(is_kept), max_size=6))
def test_only_going_back_or_cancelling_forgets_an_answer(start, moves):
    clinic = FakeChoices()
    turn = run_dialogue(clinic, *start)
    for text in moves:
        before, turn = turn, advance_dialogue(through_storage(turn.draft), Answer(text), clinic)
        for name in ("patient", "city", "specialty", "first_time", "description"):
            assert getattr(before.draft, name) in (None, "", getattr(turn.draft, name))
        if turn.draft.state == "confirmation":
            return


@given(draft=drafts, text=texts, clinic=clinics)
def test_draft_that_nobody_would_write_is_answered_too(draft, text, clinic):
    for turn in (
        start_dialogue(clinic, draft),
        advance_dialogue(draft, Answer(text), clinic),
        advance_dialogue(draft, Answer(option=text), clinic),
        start_dialogue(clinic, draft, professional=13),
        reply_booked(draft, "APT-AAAAA-0001", is_confirmed=False),
    ):
        check(turn)


@given(reason=st.sampled_from(get_args(BookingRefusal)), clinic=clinics, moves=moves)
def test_after_a_refusal_the_conversation_goes_on(reason, clinic, moves):
    turn = reply_refused(through_storage(run_dialogue(FakeChoices(), *TO_CONFIRMATION, "sí").draft), reason, clinic)
    check(turn)
    for how in moves:
        turn = move(turn, how, clinic)
        check(turn)
