"""Rows of some days ago that jobs delete."""

from datetime import timedelta

from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.accounts import SignIn
from beneficiate.models.chats import CLOSED, Attachment, Chat, ChatEvent, ChatTag, Message, Note, Rating, Tag
from beneficiate.models.data_copies import READY_COPY, DataCopy
from beneficiate.models.imports import DONE_IMPORT, MemberImport
from beneficiate.models.notices import AwayNotice
from beneficiate.models.payments import EVENT_DONE, WompiEvent
from beneficiate.models.retention import Retention
from tests.actions.payment_steps import NOW
from tests.factories import agent, member, supervisor, support_chat


def keep_for(**days):
    """Let these periods count, as a supervisor's form does."""
    Retention.delete().execute()
    Retention.create(id=1, **days)


def ended_sign_in(days):
    at = NOW - timedelta(days=days)
    row = {"kind": "page", "secret_hash": "x", "created_at": at, "expires_at": NOW + timedelta(days=9), "ended_at": at}
    return SignIn.create(family=f"f{days}", user=member().id, **row)


def wompi_event(days, state=EVENT_DONE):
    at = NOW - timedelta(days=days)
    row = {"name": "transaction.updated", "body": "{}", "state": state, "received_at": at, "processed_at": at}
    return WompiEvent.create(dedupe_key=f"{days} {state}", **row)


def old_notice(days):
    at = NOW - timedelta(days=days)
    return AwayNotice.create(user=member().id, kind="chat", key=f"{days}", created_at=at, due_at=at, expires_at=at)


def account_email(days):
    at = NOW - timedelta(days=days)
    return AccountEmail.create(kind="recovery", email=f"{days}@x.co", created_at=at, expires_at=at)


def data_copy(days, **columns):
    row = {"status": READY_COPY, "requested_at": NOW - timedelta(days=days), **columns}
    return DataCopy.create(user=member().id, **row)


def member_import(days, state=DONE_IMPORT):
    at = NOW - timedelta(days=days)
    row = {"file_name": "a", "digest": "d", "found_columns": "tipo", "created_at": at, "finished_at": at}
    return MemberImport.create(created_by=supervisor().id, state=state, **row)


def closed_chat(days, member_=None, messages=1):
    """A chat that was closed so many days ago, with something in everything that people write."""
    ana, desk, at = member_ or member(), agent(), NOW - timedelta(days=days)
    chat = support_chat(ana, desk)
    for seq in range(1, messages + 1):
        line = {"chat": chat.id, "seq": seq, "sender_type": "USER", "sender_id": ana.id, "sent_at": at}
        Message.create(**line, message="me duele", client_id=f"c{seq}", sender_name="Ana")
    Attachment.insert(
        id=f"{chat.id:036d}", chat=chat.id, line=Message.get(Message.chat == chat.id), uploader=ana.id,
        name="orden.pdf", kind="application/pdf", size=3, created_at=at,
    ).execute()  # fmt: skip
    Note.create(chat=chat.id, author=desk.id, text="fiebre", client_id="n", after_seq=1, created_at=at)
    ChatEvent.create(chat=chat.id, kind="transferred", at=at, note="fiebre")
    Rating.create(chat=chat.id, score=5, comment="bien", created_at=at)
    tag = Tag.create(name=f"fiebre {chat.id}", folded=f"fiebre {chat.id}")
    ChatTag.create(chat=chat.id, tag=tag)
    last = {"last_seq": messages, "last_line": "me duele"}
    Chat.update(status=CLOSED, closed_at=at, **last).where(Chat.id == chat.id).execute()
    return chat.id
