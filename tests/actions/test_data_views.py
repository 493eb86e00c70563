"""Who of the staff opens the data of a member is recorded, once in an hour for each two of them."""

import json
from datetime import timedelta

import pytest

from beneficiate.actions.data_views import OpenedChats, OpenedData, begin_of_hour, record_chat_views, record_data_view
from beneficiate.domain.audit_kinds import VIEWED_APPOINTMENT, VIEWED_COMMENT, VIEWED_FILE, VIEWED_PANEL, VIEWED_SEARCH
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import Attachment
from tests.factories import agent, direct_chat, member, supervisor, support_chat
from tests.queries.appointment_rows import NOW, create_appointment

FILE_ID = "6f1c0c5e-0000-4000-8000-000000000000"


@pytest.fixture
def open_data(act):
    return lambda who, subject, now=NOW, part=VIEWED_PANEL: act(
        record_data_view, OpenedData(part, subject), who.actor, now
    )


def recorded():
    rows = AuditEntry.select().where(AuditEntry.what == "people.view").order_by(AuditEntry.id)
    return [(row.actor_id, row.person_id, json.loads(row.after)["part"], row.subject) for row in rows]


def test_each_of_the_staff_is_recorded_once_in_an_hour_with_what_came_first(open_data):
    ana, yuliana, marta = member("Ana"), agent("Yuliana"), supervisor("Marta")
    chat, appointment = support_chat(ana, yuliana), create_appointment(ana)
    hour = begin_of_hour(NOW)
    open_data(yuliana, f"chat:{chat.id}", hour)
    open_data(yuliana, f"appointment:{appointment.id}", hour + timedelta(minutes=59), VIEWED_APPOINTMENT)
    open_data(marta, f"appointment:{appointment.id}", hour + timedelta(minutes=59), VIEWED_APPOINTMENT)
    open_data(yuliana, f"user:{ana.id}", hour + timedelta(minutes=60))
    assert recorded() == [
        (yuliana.id, ana.id, VIEWED_PANEL, f"chat:{chat.id}"),
        (marta.id, ana.id, VIEWED_APPOINTMENT, f"appointment:{appointment.id}"),
        (yuliana.id, ana.id, VIEWED_PANEL, f"user:{ana.id}"),
    ]


def test_file_and_entry_of_the_audit_belong_to_their_member(open_data):
    ana, beto, yuliana = member("Ana"), member("Beto"), agent("Yuliana")
    chat = support_chat(ana, yuliana)
    row = {"uploader": ana.id, "name": "a.png", "kind": "image/png", "size": 1, "created_at": NOW}
    Attachment.create(id=FILE_ID, chat=chat, force_insert=True, **row)
    open_data(yuliana, f"file:{FILE_ID}", part=VIEWED_FILE)
    row = {"at": NOW, "actor_role": "agent", "address": "", "what": "people.reveal", "subject": "user:1"}
    entry = AuditEntry.create(person_id=beto.id, **row)
    open_data(yuliana, f"audit:{entry.id}", part="audit")
    assert [row[1:3] for row in recorded()] == [(ana.id, VIEWED_FILE), (beto.id, "audit")]


def test_own_data_and_what_belongs_to_no_member_are_not_recorded(open_data):
    yuliana, marta = agent("Yuliana"), supervisor("Marta")
    entry = AuditEntry.create(at=NOW, actor_role="agent", address="", what="hours.set_week", subject="hours")
    for subject in (f"chat:{direct_chat(yuliana, marta).id}", f"user:{yuliana.id}", f"audit:{entry.id}", "chat:99999"):
        open_data(yuliana, subject)
    assert AuditEntry.select().where(AuditEntry.what == "people.view").count() == 0


def test_comments_of_ratings_are_recorded_once_for_each_member_in_an_hour(act, open_data):
    ana, beto, marta = member("Ana"), member("Beto"), supervisor("Marta")
    first, again = support_chat(ana, None), support_chat(ana, None, status="CLOSED")
    other = support_chat(beto, None)
    chats = OpenedChats(VIEWED_COMMENT, frozenset({first.id, again.id, other.id, 99_999}))
    open_data(marta, f"user:{beto.id}", NOW)
    act(record_chat_views, chats, marta.actor, NOW)
    act(record_chat_views, chats, marta.actor, NOW)
    assert recorded() == [
        (marta.id, beto.id, VIEWED_PANEL, f"user:{beto.id}"),
        (marta.id, ana.id, VIEWED_COMMENT, f"chat:{first.id}"),
    ]
    act(record_chat_views, chats, marta.actor, NOW + timedelta(hours=1))
    assert [row[1] for row in recorded()[2:]] == [ana.id, beto.id]


def test_own_chat_and_that_of_two_colleagues_are_not_recorded(act):
    yuliana, marta = agent("Yuliana"), supervisor("Marta")
    chats = {support_chat(yuliana, None).id, direct_chat(yuliana, marta).id}
    act(record_chat_views, OpenedChats(VIEWED_SEARCH, frozenset(chats)), yuliana.actor, NOW)
    assert recorded() == []
