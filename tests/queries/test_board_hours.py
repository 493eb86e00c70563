"""Today by hour, on the board."""

from urllib.parse import parse_qs, urlsplit

import pytest

from beneficiate.models.facts import Fact
from beneficiate.queries.board_hours import load_board_hours
from tests.domain.booking.moments import at


@pytest.mark.parametrize(
    ("facts", "now", "hours"),
    [
        ([], "2026-11-25 10:20", [8, 9, 10]),
        (["2026-11-25 05:00", "2026-11-25 09:59"], "2026-11-25 10:20", [5, 6, 7, 8, 9, 10]),
        (["2026-11-24 05:00"], "2026-11-25 03:20", [3]),
    ],
)
def test_hours_begin_with_the_day_or_the_first_fact_and_end_with_this_one(db, facts, now, hours):
    for moment in facts:
        Fact.create(at=at(moment), kind="opened", actor_role="member", chat_id=1)
    shown = load_board_hours(at(now)).hours
    assert [hour.hour for hour in shown] == hours
    assert [hour.hour for hour in shown if hour.is_unfinished] == hours[-1:]


def test_number_of_an_hour_opens_the_facts_of_that_hour_as_of_the_same_instant(db):
    Fact.create(at=at("2026-11-25 09:30"), kind="opened", actor_role="member", chat_id=1)
    *_, nine, _ = load_board_hours(at("2026-11-25 10:20")).hours
    shown = nine.figures["opened"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(shown.address).query).items()}
    wednesday_at_nine = 2 * 24 + 9
    assert (shown.text, query["figura"], query["hora"]) == ("1", "opened", str(wednesday_at_nine))
    assert (query["desde"], query["hasta"], query["corte"]) == (
        "2026-11-25",
        "2026-11-25",
        "2026-11-25T15:20:00.000000Z",
    )
    assert nine.figures["first_response_median"].text == "—"
