"""Why a chat waits."""

import pytest

from beneficiate.domain.assignment.waiting_reason import AgentRoom, explain_wait

PAYMENTS = 3
CLOSED = "Volvemos el martes a las 8:00 a. m."


def room(topics=(), *, is_full=False, must_reply_first=False):
    return AgentRoom(frozenset(topics), is_full, must_reply_first)


@pytest.mark.parametrize(
    ("agents", "closed", "expected"),
    [
        ([], "", "Nadie disponible en Pagos"),
        ([room()], "", "Nadie disponible en Pagos"),
        ([], CLOSED, f"Nadie disponible en Pagos. {CLOSED}"),
        ([room([PAYMENTS], is_full=True), room()], "", "Sin cupo en Pagos"),
        (
            [room([PAYMENTS], must_reply_first=True), room([PAYMENTS], is_full=True)],
            "",
            "Falta contestar los chats ya asignados en Pagos",
        ),
        ([room([PAYMENTS])], "", "Se asigna en un momento"),
    ],
)
def test_reason_is_what_keeps_those_who_know_the_topic(agents, closed, expected):
    assert explain_wait(PAYMENTS, "Pagos", agents, closed) == expected


def test_without_a_topic_anybody_would_do():
    assert explain_wait(None, "", [room(is_full=True)], "") == "Sin cupo"
