"""Tags that read alike are one, and a chat has at most ten."""

import pytest

from beneficiate.actions import tags
from beneficiate.errors import Conflict, Invalid, NotFound
from beneficiate.models.chats import CLOSED, ChatTag, Tag
from beneficiate.protocol import channels
from beneficiate.protocol.desk_tools import ChatTagged, TagChat, UntagChat
from beneficiate.queries.tags import list_tags
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.chat_lists import TagCount
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def put(act, who, chat, tag):
    return act(tags.tag_chat, TagChat(chat_id=chat.id, tag=tag), who.actor)[1]


def take_off(act, who, chat, tag):
    return act(tags.untag_chat, UntagChat(chat_id=chat.id, tag=tag), who.actor)[1]


def test_tag_is_emitted_to_the_staff_who_follow_the_chat(act, db):
    yuliana, omar, marta = agent(), agent(), supervisor()
    chat = support_chat(member(), yuliana)
    own, staff = (
        channels.agent_channel(yuliana.agent_id),
        {channels.SUPERVISORS_CHANNEL, channels.chat_viewers_channel(chat.id)},
    )
    (one,) = put(act, yuliana, chat, "Urgente")
    assert (one.event, set(one.channels)) == (ChatTagged(chat_id=chat.id, tags=["Urgente"]), {own, *staff})
    (one,) = put(act, omar, chat, "Fórmula")
    assert one.event.tags == ["Fórmula", "Urgente"]
    assert set(one.channels) == {own, channels.agent_channel(omar.agent_id), *staff}
    (one,) = take_off(act, marta, chat, "urgente")
    assert (one.event.tags, set(one.channels)) == (["Fórmula"], {own, channels.agent_channel(marta.agent_id), *staff})


def test_what_reads_alike_is_one_tag(act, db):
    yuliana = agent()
    one, other = support_chat(member(), yuliana), support_chat(member(), None)
    put(act, yuliana, one, "  Ürgente   hoy ")
    assert put(act, yuliana, one, "urgente HOY") == []
    assert put(act, yuliana, other, "urgente, hoy")[0].event.tags == ["Ürgente hoy"]
    assert [(row.name, row.folded) for row in Tag] == [("Ürgente hoy", "urgente hoy")]


def test_tag_that_is_not_there_is_taken_off_in_silence(act, db):
    chat = support_chat(member(), None)
    assert take_off(act, agent(), chat, "urgente") == []


@pytest.mark.parametrize("tag", [" ", "!!!", "\u200b", "🔥", "_"])
def test_tag_has_a_letter_or_a_digit(act, db, tag):
    chat = support_chat(member(), None)
    for change in (put, take_off):
        with pytest.raises(Invalid):
            change(act, agent(), chat, tag)


def test_chat_has_at_most_ten(act, db):
    yuliana = agent()
    chat = support_chat(member(), yuliana)
    for number in range(10):
        put(act, yuliana, chat, f"tema {number}")
    with pytest.raises(Conflict):
        put(act, yuliana, chat, "uno más")
    assert put(act, yuliana, chat, "Tema 3") == []
    take_off(act, yuliana, chat, "tema 3")
    assert len(put(act, yuliana, chat, "uno más")[0].event.tags) == 10


def test_tags_are_for_support_chats_and_by_staff(act, db):
    ana, yuliana, marta = member(), agent(), supervisor()
    own, desk = support_chat(ana, yuliana), direct_chat(yuliana, marta)
    for who, chat in ((ana, own), (yuliana, desk), (marta, desk)):
        for change in (put, take_off):
            with pytest.raises(NotFound):
                change(act, who, chat, "urgente")
    assert not ChatTag.select().exists()


def test_list_has_the_most_used_first(act, db):
    yuliana, chats = agent(), [support_chat(member(), None, status=status) for status in ("WAITING", CLOSED, CLOSED)]
    for chat in chats:
        put(act, yuliana, chat, "Pagos")
    put(act, yuliana, chats[0], "Citas")
    take_off(act, yuliana, chats[0], "Citas")
    put(act, yuliana, chats[1], "Plan")
    listed = list_tags(UnitOfWork(yuliana.actor, None))
    assert listed == [TagCount(name=name, chats=n) for name, n in (("Pagos", 3), ("Plan", 1), ("Citas", 0))]


def test_name_that_grows_when_it_is_folded_fits(act, db):
    chat = support_chat(member(), None)
    assert put(act, agent(), chat, "ﷺ" * 32)[0].event.tags == ["ﷺ" * 32]
