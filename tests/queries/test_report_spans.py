"""Rows of the download: each part of a chat once, as of the cut, in parts."""

from datetime import date, timedelta

import pytest

from beneficiate.domain.reports.periods import Period
from beneficiate.models.call_centre import Topic
from beneficiate.models.facts import Fact
from beneficiate.queries.report_spans import SpanSlice, load_span_rows
from beneficiate.queries.reports import select_facts
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.report_figures import ReportFilters
from tests.factories import agent, supervisor
from tests.queries.report_rows import CUT, add_chat

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 25))


def load(cut_at=CUT, **filters):
    selection, position, rows = select_facts(ReportFilters(PERIOD, cut_at, **filters)), None, []
    while True:
        part = load_span_rows(UnitOfWork(supervisor().actor, CUT), SpanSlice(selection, position))
        rows += part.rows
        if (position := part.last) is None:
            return rows


def test_row_has_what_happened_in_its_span(db):
    Topic.create(code="pagos", name="Pagos", is_active=True)
    yuliana = agent("Yuliana")
    chat = add_chat(1, agent=yuliana, topic="pagos", score=5, wait=31)
    Fact.create(at=CUT, kind="reopened", chat_id=chat, span=2, topic="pagos", actor_role="member")
    first, second = load()
    assert (first.chat_id, first.span, first.topic, first.agent_name) == (chat, 1, "Pagos", yuliana.user.name)
    assert (first.first_reply_s, first.length_s, first.end, first.score) == (31, 540, "answered", 5)
    assert (second.span, second.agent_id, second.first_reply_s, second.end, second.score) == (2, None, None, None, None)
    assert len(load(CUT - timedelta(seconds=1))) == 1
    assert [row.span for row in load(agent_id=yuliana.agent_id)] == [1]
    assert (len(load(topic="pagos")), load(topic="otro"), load(topic="-")) == (2, [], [])


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_parts_have_every_span_once(db, monkeypatch, size):
    monkeypatch.setattr("beneficiate.queries.report_spans.SPANS_PER_SLICE", size)
    chats = [add_chat(number % 2) for number in range(5)]
    assert sorted(row.chat_id for row in load()) == sorted(chats)
