"""Rows of the lists of the desk."""

import re
from datetime import UTC, datetime

import pytest

from beneficiate.protocol.desk_tools import PersonName
from beneficiate.unit_of_work import Actor
from beneficiate.views.chat_lists import ChatList, ChatListPart, DeskChat, build_chat_row
from tests.views.rendering import render

NOW = datetime(2026, 8, 25, 15, 0, tzinfo=UTC)
YULIANA = Actor(2, "agent", 20, "Yuliana Castaño")


def chat(kind="SUPPORT", status="ACTIVE", agent_id=20):
    ana = PersonName(id=1, first_name="Ana", last_name="Rojas")
    omar = PersonName(id=5, first_name="Omar", last_name="Díaz")
    return DeskChat(
        id=7,
        kind=kind,
        status=status,
        user=ana,
        is_online=True,
        agent=omar if agent_id else None,
        agent_id=agent_id,
        topic=None,
        last_line="",
        last_seq=0,
        updated_at=NOW,
        unread=0,
        awaiting_since=None,
        tags=[],
    )


def row(**columns):
    return build_chat_row(
        chat(**columns), YULIANA, last_mine=False, last_line_at=None, topic_name="", is_selected=False
    )


@pytest.mark.parametrize(
    ("columns", "mode"),
    [
        ({}, "own"),
        ({"agent_id": 30}, "other"),
        ({"agent_id": None, "status": "WAITING"}, "waiting"),
        ({"status": "CLOSED"}, "closed"),
        ({"kind": "DIRECT", "agent_id": None}, "own"),
    ],
)
def test_mode_follows_from_who_has_the_chat(columns, mode):
    assert row(**columns).mode == mode


def test_row_names_the_member_and_the_agent():
    assert (row().name, row().initials, row().agent) == ("Ana Rojas", "AR", "Omar Díaz")
    assert row(agent_id=None, status="WAITING").agent == ""


@pytest.mark.parametrize(("count", "shown"), [(999, ">999<"), (1000, ">999+<")])
def test_long_list_is_shown_as_long_without_its_number(count, shown):
    assert shown in rendered_list(counts={"all": count})


def rendered_list(tab="mine", tag="", counts=None):
    chat_list = ChatList(tab=tab, tag=tag, rows=[], counts=counts or {}, before=None, tags=[])
    return render(ChatListPart(chat_list=chat_list))


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({}, "No tiene chats abiertos"),
        ({"tab": "waiting"}, "Nadie está esperando"),
        ({"tab": "closed", "tag": "Fórmula"}, "Ningún chat con esa etiqueta"),
    ],
)
def test_empty_list_says_why(asked, title):
    assert f'<p class="state-title">{title}</p>' in rendered_list(**asked)


def test_tabs_show_the_numbers_of_lists_that_have_chats():
    html = rendered_list("waiting", counts={"mine": 0, "waiting": 2, "all": 3})
    assert re.findall(
        r'data-tab="(\w+)" href="([^"]+)"( aria-current="true")?>([^<]+)(?:<span [^>]+>([^<]+))?', html
    ) == [
        ("mine", "/agente?lista=mine", "", "Míos", ""),
        ("waiting", "/agente?lista=waiting", ' aria-current="true"', "En espera", "2"),
        ("all", "/agente?lista=all", "", "Todos", "3"),
        ("closed", "/agente?lista=closed", "", "Cerrados", ""),
    ]
