"""The parts of the board that say things in words."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.domain.metrics.definitions import METRICS
from beneficiate.domain.metrics.metric import Figure
from beneficiate.models.accounts import AVAILABLE, AWAY
from beneficiate.views.board import AgentRow, BoardFigure, TopicQueue, build_list_address

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


def active(count):
    return BoardFigure(METRICS["active"], Figure(count, count), build_list_address("active", NOW))


def row(**changes):
    given = {
        "agent_id": 7,
        "user_id": 70,
        "name": "Yuliana Gil",
        "code": "AG-1",
        "initials": "YG",
        "avatar_color": 1,
        "topics": [],
        "topic_ids": frozenset(),
        "is_online": True,
        "availability": AVAILABLE,
        "is_automatic": False,
        "since": NOW,
        "reason": "",
        "capacity": 2,
        "active": active(0),
        "chats": [],
        "figures": {},
        "last_activity": None,
    }
    return AgentRow(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "label"),
    [({}, "Disponible"), ({"availability": AWAY}, "Ausente"), ({"is_online": False}, "Sin conexión")],
)
def test_who_is_not_online_takes_no_chats(changes, label):
    assert row(**changes).shown.label == label


def test_load_is_counted_in_boxes():
    one = row(active=active(1))
    assert one.load_boxes == [True, False]


def test_topic_of_those_who_wait_is_said_after_their_number():
    assert [TopicQueue(name, active(2)).about for name in ("Pagos", "")] == ["de Pagos", "sin tema"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, False), ({"is_automatic": True}, False), ({"is_automatic": True, "availability": AWAY}, True)],
)
def test_set_away_by_the_system(changes, expected):
    assert row(**changes).is_set_away_since(NOW) is expected
    assert not row(**changes).is_set_away_since(NOW + timedelta(seconds=1))


def test_address_of_a_list_has_the_instant_and_what_it_is_narrowed_to():
    address = build_list_address("missed", NOW, 7, 12, topic="pagos")
    assert address == (
        "/supervisor/tablero/lista?figura=missed&hasta=2026-11-25T15%3A00%3A00.000000Z&agente=7,12&tema=pagos"
    )
