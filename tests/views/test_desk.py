"""The parts of the desk that its script fetches again, rendered."""

from datetime import UTC, datetime

import pytest

from beneficiate.views.desk import (
    AvailabilityPart,
    ColleagueView,
    OwnAgent,
    SearchPart,
    Team,
    TeamPart,
    TopicView,
    WaitingPart,
    WaitingSummary,
)
from beneficiate.views.search import SearchResults
from tests.views.rendering import render

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
EMPTY = SearchResults(members=[], lines=[], has_more=False)


def own_agent(**changes):
    given = {
        "user_id": 1,
        "role": "agent",
        "first_name": "Yuliana",
        "name": "Yuliana Peña",
        "initials": "YP",
        "avatar_color": 2,
    }
    own = {"agent_id": 4, "agent_code": "AG-1", "availability": "available", "reason": "", "is_automatic": False}
    own |= {"capacity": 5, "load": 2}
    return OwnAgent(**given, **{**own, **changes})


def colleague(**changes):
    given = {"user_id": 7, "agent_id": 8, "name": "Omar Díaz", "initials": "OD", "avatar_color": 1, "is_online": True}
    given |= {"availability": "away", "load": 1, "capacity": 5, "is_supervisor": False}
    return ColleagueView(**{**given, **changes})


def test_nobody_waits():
    html = render(WaitingPart(WaitingSummary(0)))
    assert 'data-count="0" hidden' in html
    assert "<button" not in html


def test_agent_takes_the_chat_of_the_first_who_waits():
    html = render(WaitingPart(WaitingSummary(3, 31, NOW)))
    assert "3 en espera" in html
    assert 'data-chat-id="31"' in html
    assert 'datetime="2026-11-23T13:00:00.000Z"' in html
    assert "hidden" not in html


@pytest.mark.parametrize(
    ("changes", "label", "load", "is_full"),
    [
        ({}, "Disponible", "2/5", False),
        ({"availability": "away", "reason": "Almuerzo"}, "Ausente", "2/5", False),
        ({"availability": "offline", "load": 0}, "Desconectado", "0/5", False),
        ({"load": 5}, "Disponible", "5/5", True),
        ({"load": 6}, "Disponible", "6/5", True),
        ({"capacity": 0, "load": 0}, "Disponible", "0/0", True),
    ],
)
def test_agent_sees_their_state_and_how_many_chats_they_have(changes, label, load, is_full):
    html = render(AvailabilityPart(own_agent(**changes)))
    assert f"</span>{label}<" in html
    assert f">{load}</span>" in html
    assert ("is-full" in html) is is_full
    assert ("Almuerzo" in html) is ("reason" in changes)


@pytest.mark.parametrize(("load", "used"), [(0, 0), (1, 1), (9, 2), (20, 5), (39, 9), (40, 10)])
def test_many_places_are_drawn_as_ten_in_proportion(load, used):
    html = render(AvailabilityPart(own_agent(capacity=40, load=load)))
    assert (html.count("<i"), html.count('class="is-used"')) == (10, used)


def test_colleagues_are_named_with_what_they_do():
    team = Team([colleague(), colleague(agent_id=9, is_online=False, is_supervisor=True, load=0)], [])
    html = render(TeamPart(team))
    assert "Ausente · 1/5" in html
    assert "Supervisión · No está; irá a la fila" in html
    assert 'value="agent:8"' in html
    assert "A quien sepa de un tema" not in html


def test_team_without_colleagues_says_so_and_has_its_topics():
    html = render(TeamPart(Team([], [TopicView("pagos", "Pagos <y> más")])))
    assert "No hay otros agentes." in html
    assert 'value="topic:pagos"><span>Pagos &lt;y&gt; más' in html


@pytest.mark.parametrize(
    ("is_too_short", "title"), [(True, "Escriba al menos dos letras"), (False, "No encontramos nada")]
)
def test_empty_search_says_why(is_too_short, title):
    assert title in render(SearchPart(EMPTY, 1, is_too_short))


@pytest.mark.parametrize(
    ("capacity", "load", "used"),
    [(4, 0, 0), (4, 1, 1), (8, 3, 3), (4, 9, 4), (40, 1, 1), (40, 20, 5), (40, 39, 9), (40, 40, 10), (0, 2, 0)],
)
def test_meter_is_full_only_when_the_agent_is(capacity, load, used):
    boxes = own_agent(capacity=capacity, load=load).load_boxes
    assert len(boxes) == min(capacity, 10)
    assert boxes == [True] * used + [False] * (len(boxes) - used)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({}, "Disponible · 2/4"),
        ({"availability": "away"}, "Ausente · 2/4"),
        ({"is_supervisor": True}, "Supervisión · Disponible · 2/4"),
        ({"is_online": False}, "No está; irá a la fila"),
    ],
)
def test_colleague_is_shown_with_availability_and_load(columns, text):
    assert colleague(**{"availability": "available", "load": 2, "capacity": 4, **columns}).status_text == text
