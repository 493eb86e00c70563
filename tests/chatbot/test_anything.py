"""Whatever is typed or pressed, at whatever step: one reply within the table of steps, and the draft survives."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.chatbot.dialogue import advance, begin, booked, refused
from beneficiate.chatbot.drafts import Aside, Choice, Draft, Named, State
from beneficiate.chatbot.hearing import command_in
from beneficiate.chatbot.sentences import HELP, PLACES
from beneficiate.chatbot.steps import STEPS
from beneficiate.chatbot.turns import Answer, Refusal, Turn
from tests.chatbot.clinic import BOGOTA, CARDIOLOGY, EVERY_STEP, TO_CONFIRMATION, Clinic, stored, talk

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
clinics = st.builds(Clinic, plan=st.sampled_from([True, True, True, False]), times=st.integers(0, 3))

ana, mateo = Clinic().people.values()
drafts = st.builds(
    Draft,
    state=st.sampled_from(get_args(State)),
    turn=st.integers(0, 9),
    patient=st.sampled_from([None, ana, mateo]),
    city=st.sampled_from([None, BOGOTA, Named(0, "")]),
    specialty=st.sampled_from([None, Named(*CARDIOLOGY), Named(0, "")]),
    first_time=st.sampled_from([None, True, False]),
    description=st.sampled_from(["", "Revisión anual"]),
    professional=st.sampled_from([None, Named(12, "Germán Cifuentes"), Named(13, "Laura"), Named(99, "Nadie")]),
    wants_contact=st.booleans(),
    search=st.sampled_from([None, "", "albania", "medicina", "xyzzy"]),
    aside=st.sampled_from(get_args(Aside)),
    failures=st.integers(0, 9),
    choices=st.sampled_from(
        [(), (Choice("3:yes", "Sí"), Choice("3:new", "Pedir otra cita")), (Choice("3:city:7", "7"),)]
    ),
    ticket=st.sampled_from(["", "", "APT-AAAAA-0001"]),
)


def is_kept(text: str) -> bool:
    return command_in(text) not in ("volver", "cancelar")


def move(turn: Turn, how: str | int | None, clinic: Clinic) -> Turn:
    if how is None:
        return begin(clinic, stored(turn.draft))
    if isinstance(how, int):
        choices = turn.reply.choices
        return advance(
            stored(turn.draft), Answer(option=choices[how % len(choices)].id if choices else "1:own"), clinic
        )
    return advance(stored(turn.draft), Answer(how), clinic)


def check(turn: Turn) -> None:
    assert turn.reply.state in get_args(State)
    assert turn.reply.state == turn.draft.state
    assert turn.reply.message.strip()
    assert len({choice.id for choice in turn.reply.choices}) == len(turn.reply.choices) <= 10
    assert set(turn.reply.choices) <= set(turn.draft.choices)
    assert stored(turn.draft) == turn.draft
    assert not (turn.booking and turn.draft.ticket)


def test_every_state_has_a_row_in_each_table():
    assert set(STEPS) == set(PLACES) == set(HELP) == set(get_args(State))


@given(clinic=clinics, start=st.sampled_from(EVERY_STEP), moves=moves)
def test_whatever_is_said_there_is_one_reply_within_the_table(clinic, start, moves):
    turn = talk(Clinic(), *start)
    for how in moves:
        turn = move(turn, how, clinic)
        check(turn)
        if turn.booking:
            turn = booked(stored(turn.draft), "APT-AAAAA-0001", is_confirmed=True)
            check(turn)


@given(start=st.sampled_from(EVERY_STEP[:-2]), moves=st.lists(texts.filter(is_kept), max_size=6))
def test_only_going_back_or_cancelling_forgets_an_answer(start, moves):
    clinic = Clinic()
    turn = talk(clinic, *start)
    for text in moves:
        before, turn = turn, advance(stored(turn.draft), Answer(text), clinic)
        for name in ("patient", "city", "specialty", "first_time", "description"):
            assert getattr(before.draft, name) in (None, "", getattr(turn.draft, name))
        if turn.draft.state == "confirmation":
            return


@given(draft=drafts, text=texts, clinic=clinics)
def test_a_draft_that_nobody_would_write_is_answered_too(draft, text, clinic):
    for turn in (
        begin(clinic, draft),
        advance(draft, Answer(text), clinic),
        advance(draft, Answer(option=text), clinic),
        begin(clinic, draft, professional=13),
        booked(draft, "APT-AAAAA-0001", is_confirmed=False),
    ):
        check(turn)


@given(reason=st.sampled_from(get_args(Refusal)), clinic=clinics, moves=moves)
def test_after_a_refusal_the_conversation_goes_on(reason, clinic, moves):
    turn = refused(stored(talk(Clinic(), *TO_CONFIRMATION, "sí").draft), reason, clinic)
    check(turn)
    for how in moves:
        turn = move(turn, how, clinic)
        check(turn)
