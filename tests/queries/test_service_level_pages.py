"""What the page of the service levels shows."""

import pytest

from beneficiate.domain.service_levels.promises import PromisedTimes
from beneficiate.errors import NotFound
from beneficiate.models.chats import CLOSED, Chat
from beneficiate.models.facts import Fact
from beneficiate.queries import service_level_pages as pages
from beneficiate.queries.service_levels import load_levels_in_force
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.actions.queue_steps import OPEN_HOURS_NOW, QueueActions, create_topic, promise, seconds_after_now
from tests.factories import agent, member, supervisor

pytestmark = pytest.mark.usefixtures("db")
TIGHT = PromisedTimes(30, 60, 3600, 600)


@pytest.fixture
def uow():
    return UnitOfWork(supervisor().actor, OPEN_HOURS_NOW)


def test_row_of_a_topic_without_its_own_is_what_all_others_have(uow):
    create_topic("pagos")
    assert pages.load_level_row(uow, "").version == 0
    promise(saved_by=uow.actor.user_id)
    general, own = pages.load_level_row(uow, ""), pages.load_level_row(uow, "pagos")
    assert (general.version, own.version) == (1, 0)
    assert general.values == own.values
    assert general.last_change.at == OPEN_HOURS_NOW
    with pytest.raises(NotFound):
        pages.load_level_row(uow, "nada")


def test_sections_have_each_topic_and_how_many_promises_were_kept_this_month(uow):
    payments = create_topic("pagos")
    create_topic("viejo", is_active=False)
    promise(payments)
    for topic, detail in (("pagos", "first.met"), ("pagos", "first.late"), ("", "first.met"), ("pagos", "resolve.met")):
        Fact.create(at=OPEN_HOURS_NOW, kind="service_level", detail=detail, topic=topic, actor_role="agent", chat_id=1)
    found = pages.load_level_sections(uow, ("pagos", ListFilters()))
    assert (found.general.code, found.general.has_own) == ("", False)
    assert [(topic.code, topic.has_own) for topic in found.topics.rows] == [("pagos", True)]
    assert (found.shown.code, found.month) == ("pagos", "noviembre")
    assert [figure.count for figure in found.figures] == [2, 0, 1]
    assert [figure.count for figure in pages.load_level_sections(uow, ("", ListFilters())).figures] == [3, 0, 1]
    assert pages.load_level_sections(uow, ("viejo", ListFilters())).shown.code == "viejo"


def test_topics_are_found_by_name_and_have_pages(uow, monkeypatch):
    monkeypatch.setattr("beneficiate.queries.administration.ROWS_PER_PAGE", 2)
    ids = {code: create_topic(code).id for code in ("pagos", "citas", "cobros")}
    first = pages.load_level_sections(uow, ("pagos", ListFilters())).topics
    rest = pages.load_level_sections(uow, ("pagos", ListFilters(after=first.next_id))).topics
    assert [one.code for one in (*first.rows, *rest.rows)] == ["citas", "cobros", "pagos"]
    assert (first.next_id, rest.next_id, first.total) == (ids["cobros"], 0, 3)
    found = pages.load_level_sections(uow, ("pagos", ListFilters(text="cob")))
    assert ([one.code for one in found.topics.rows], found.shown.code) == (["cobros"], "pagos")


def test_the_longest_promise_is_counted_from_an_arrival(uow):
    assert pages.load_counted_deadline(uow, pages.TryServiceLevel("", None)) is None
    promise()
    found = pages.load_counted_deadline(uow, pages.TryServiceLevel("", None))
    assert (found.start, found.due) == (OPEN_HOURS_NOW, seconds_after_now(4 * 3600))
    other = pages.load_counted_deadline(uow, pages.TryServiceLevel("", PromisedTimes(60), seconds_after_now(60)))
    assert other.due == seconds_after_now(120)


def test_chats_that_would_move_are_listed_before_they_do(uow, act):
    desk = QueueActions(act)
    payments = create_topic("pagos")
    promise()
    promise(payments)
    yuliana = agent(online_status=True)
    waiting, taken, quiet, other = desk.join(), desk.join(), desk.join(), desk.join(topic_code="pagos")
    for chat in (taken, quiet):
        desk.take(chat, yuliana)
    desk.send(quiet, yuliana, 10)
    found = pages.load_moves_by_level(uow, pages.TryServiceLevel("", TIGHT))
    assert (found.open_count, found.moved_count, found.earlier, found.late, found.soon) == (3, 2, 2, 0, 2)
    assert [(row.chat_id, row.agent) for row in found.moved] == [(waiting.id, ""), (taken.id, yuliana.user.name)]
    assert (found.moved[0].was_due_at, found.moved[0].due_at) == (seconds_after_now(60), seconds_after_now(30))
    assert pages.load_moves_by_level(uow, pages.TryServiceLevel("", None)).moved == []
    of_topic = pages.load_moves_by_level(uow, pages.TryServiceLevel("pagos", TIGHT))
    assert [row.chat_id for row in of_topic.moved] == [other.id]


def chats_of(condition):
    query = Chat.select(Chat.id).where(condition, Chat.status != CLOSED).order_by(Chat.id)
    return [chat_id for (chat_id,) in query.tuples()]


def test_general_promises_are_for_chats_whose_topic_has_no_own(uow, act):
    desk = QueueActions(act)
    payments, orders = create_topic("pagos"), create_topic("ordenes")
    promise(payments)
    own, others = desk.join(topic_code="pagos"), [desk.join(), desk.join(topic_code="ordenes")]
    desk.close(desk.join(ana := member()), ana)
    levels = load_levels_in_force()
    assert chats_of(pages.is_promised_by(None, {})) == [own.id, *(chat.id for chat in others)]
    assert chats_of(pages.is_promised_by(None, levels)) == [chat.id for chat in others]
    assert chats_of(pages.is_promised_by(payments.id, levels)) == [own.id]
    assert chats_of(pages.is_promised_by(orders.id, levels)) == [others[1].id]


def test_inheriting_moves_the_open_chats_of_the_topic_to_what_all_others_have(act, uow):
    desk, payments = QueueActions(act), create_topic("pagos")
    promise(payments, first_response_s=300, resolution_s=None)
    chat = desk.join(topic_code="pagos")
    desk.join()
    (moved,) = pages.load_inherited_moves(uow, "pagos").moved
    assert (moved.chat_id, moved.was_due_at, moved.due_at) == (chat.id, seconds_after_now(300), None)
    promise(first_response_s=60, resolution_s=None)
    (moved,) = pages.load_inherited_moves(uow, "pagos").moved
    assert (moved.was_due_at, moved.due_at) == (seconds_after_now(300), seconds_after_now(60))
