"""Replies are found by what an agent types, and worded for the member."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.errors import NotFound
from beneficiate.models.appointments import Appointment
from beneficiate.models.call_centre import CannedReply
from beneficiate.queries import canned_replies
from beneficiate.queries.canned_replies import CannedReplyQuery, ReplyForChat, find_canned_replies, render_canned_reply
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.administration import ListFilters
from tests.factories import agent, direct_chat, member, member_with_plan, specialty, supervisor, support_chat, township

NOW = datetime(2026, 8, 24, 15, 0, tzinfo=UTC)


def reply(shortcut, title="Título", text="Texto", **columns):
    return CannedReply.create(shortcut=shortcut, title=title, text=text, updated_at=NOW, **columns)


def work(who):
    return UnitOfWork(who.actor, NOW)


@pytest.fixture
def replies(db):
    reply("saludo", "Saludo", "Hola, {{member.first_name}}.", uses=5)
    reply("autorizacion", "Autorización médica", "Envíeme la orden, por favor.", uses=9)
    reply("orden", "Orden de compra", "Su pedido", uses=1)
    reply("vieja", "Ya no se usa", "Orden", is_active=False, uses=99)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["autorizacion", "saludo", "orden"]),
        ("/", ["autorizacion", "saludo", "orden"]),
        ("/sal", ["saludo"]),
        ("SALUDO", ["saludo"]),
        ("autorizacion medica", ["autorizacion"]),
        ("AUTORIZACIÓN", ["autorizacion"]),
        ("autorisacion", ["autorizacion"]),
        ("envieme", ["autorizacion"]),
        # The shortcut that begins so, before what is used more.
        ("orden", ["orden", "autorizacion"]),
        ("favor hola", []),
        ("xyz", []),
        ("…", ["autorizacion", "saludo", "orden"]),
    ],
)
def test_find(replies, typed, found):
    assert [one.shortcut for one in find_canned_replies(work(agent()), CannedReplyQuery(typed))] == found


def test_inactive_replies_are_for_supervisors(replies):
    marta = supervisor()
    assert "vieja" not in {one.shortcut for one in find_canned_replies(work(marta), CannedReplyQuery(""))}
    assert "vieja" in {
        one.shortcut for one in find_canned_replies(work(marta), CannedReplyQuery("", with_inactive=True))
    }
    assert "vieja" not in {
        one.shortcut for one in find_canned_replies(work(agent()), CannedReplyQuery("", with_inactive=True))
    }


def appointment(who, starts_at, status="CONFIRMED"):
    Appointment.create(
        ticket_number=f"APT-{Appointment.select().count():05}-0001",
        user=who.id,
        specialty=specialty(),
        township=township(),
        status=status,
        first_time=True,
        notes="",
        starts_at=starts_at,
        created_at=NOW,
        updated_at=NOW,
    )


def test_every_variable_has_its_value(db):
    ana, yuliana = member_with_plan("Ana"), agent("Yuliana")
    plan = ana.user.subscription_set.get()
    plan.ends_at = datetime(2026, 12, 31, 5, 0, tzinfo=UTC)
    plan.save()
    appointment(ana, NOW - timedelta(days=1))
    appointment(ana, NOW + timedelta(hours=1), "CANCELLED")
    appointment(ana, datetime(2026, 8, 27, 15, 0, tzinfo=UTC))
    appointment(ana, datetime(2026, 8, 25, 20, 0, tzinfo=UTC))
    text = (
        "{{member.first_name}}|{{member.last_name}}|{{agent.first_name}}|{{plan.name}}|{{plan.ends_on}}|"
        "{{appointment.next}}|{{member.password_hash}}"
    )
    worded = render_canned_reply(
        work(yuliana), ReplyForChat(reply("todo", text=text).id, support_chat(ana, agent()).id)
    )
    assert worded.text.split("|") == [
        "Ana",
        ana.user.last_name,
        "Yuliana",
        "Familiar",
        "30 de diciembre de 2026",
        "martes 25 de agosto a las 3:00\u00a0p.\u00a0m.",
        "{{member.password_hash}}",
    ]
    assert worded.unknown == ["member.password_hash"]


def test_variable_without_a_value_stays_visible(db):
    one = reply("todo", text="{{plan.name}} {{plan.ends_on}} {{appointment.next}}")
    worded = render_canned_reply(work(agent()), ReplyForChat(one.id, support_chat(member(), None).id))
    assert worded.text == one.text
    assert worded.unknown == ["plan.name", "plan.ends_on", "appointment.next"]


def test_reply_is_filled_in_for_support_chats_and_staff(db):
    one, old = reply("uno"), reply("vieja", is_active=False)
    ana, yuliana, marta = member(), agent(), supervisor()
    own, desk = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    asked = [(ana, one, own), (yuliana, one, desk), (yuliana, old, own)]
    for who, wanted, chat in asked:
        with pytest.raises(NotFound):
            render_canned_reply(work(who), ReplyForChat(wanted.id, chat.id))
    for wanted in (ReplyForChat(999_999, own.id), ReplyForChat(one.id, 999_999)):
        with pytest.raises(NotFound):
            render_canned_reply(work(yuliana), wanted)


def test_supervisors_list_all_replies_and_open_one(db):
    uow = UnitOfWork(supervisor().actor, NOW)
    active = CannedReply.create(shortcut="hola", title="Saludo", text="Hola", uses=3, updated_at=NOW)
    CannedReply.create(shortcut="adios", title="Despedida", text="Adiós", is_active=False, updated_at=NOW)
    found = canned_replies.load_reply_list(uow, ListFilters())
    assert [(row.name, row.state, row.shortcut, row.uses) for row in found.rows] == [
        ("Despedida", "inactivas", "adios", 0),
        ("Saludo", "activas", "hola", 3),
    ]
    row, saved = canned_replies.load_reply(uow, active.id)
    assert (row.name, saved.values["text"], saved.version) == ("Saludo", "Hola", 1)
    assert canned_replies.load_reply(uow, 0)[0] is None
    for who, reply_id in ((supervisor(), 999), (agent(), active.id)):
        with pytest.raises(NotFound):
            canned_replies.load_reply(UnitOfWork(who.actor, NOW), reply_id)
