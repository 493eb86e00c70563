"""Notices from a message to the browser that decrypts it: once, however many processes run the jobs."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from peewee import fn

from beneficiate.actions.messages import send_messages
from beneficiate.clients.mail import FolderMailClient
from beneficiate.clients.push import PushClient
from beneficiate.jobs.emails import send_due_notice_emails
from beneficiate.jobs.notices import dispatch_notices, send_due_pushes
from beneficiate.models.accounts import SignIn
from beneficiate.models.chats import Chat, Message
from beneficiate.models.notices import AwayNotice, PushMessage, PushSubscription
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.notices import UNREAD_BY_AGENT
from tests.actions.queue_steps import available_agent
from tests.factories import agent, connect_socket, member, support_chat
from tests.push_service import KEY, PUBLIC_KEY
from tests.ws_client import wait_until


@pytest.fixture
def servers(io_loop, start, push_service, tmp_path):
    """Two processes on one database, whose jobs run only when the test calls them."""
    keys = {"push_key": KEY, "push_public_key": PUBLIC_KEY, "push_local_origin": push_service.origin}
    servers = [io_loop.run_sync(lambda: start(**keys)) for _ in range(2)]
    for server in servers:
        for job in server._jobs:
            job.stop()
        server.context.mail = FolderMailClient(tmp_path / "outbox")
    return servers


@pytest.fixture
def contexts(servers):
    return [server.context for server in servers]


def subscribe(who, browser):
    now = datetime.now(UTC)
    row = SignIn.create(
        family=f"f{who.id}",
        user=who.id,
        kind="page",
        secret_hash="",
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    PushSubscription.create(
        user=who.id,
        sign_in=row,
        endpoint=browser.endpoint,
        endpoint_hash=digest_secret(browser.endpoint),
        p256dh=browser.p256dh,
        auth=browser.json["keys"]["auth"],
        created_at=now,
    )


async def run_everywhere(contexts, *jobs):
    for job in jobs:
        await asyncio.gather(*(job(context) for context in contexts for _ in range(2)))


def outbox(tmp_path):
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in (tmp_path / "outbox").glob("*.eml")]


@pytest.mark.gen_test
async def test_answer_reaches_who_is_away_once_and_says_nothing_of_it(contexts, push_service, tmp_path):
    ana, yuliana = member("Ana"), agent()
    chat = support_chat(ana, yuliana)
    subscribe(ana, push_service.subscribe())
    for text in ("Le confirmo cardiología", "Mañana a las ocho"):
        command = SendMessage(chat_id=chat.id, message=text)
        await contexts[0].store.run(send_messages, command, actor=yuliana.actor)
    await run_everywhere(contexts, dispatch_notices, send_due_pushes, send_due_notice_emails)
    assert (push_service.deliveries, outbox(tmp_path)) == ([], [])
    AwayNotice.update(due_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    await run_everywhere(contexts, dispatch_notices, send_due_pushes, send_due_notice_emails)
    assert [one.data for one in push_service.deliveries] == [{"kind": "chat"}]
    (email,) = outbox(tmp_path)
    assert email["Subject"] == "Tiene un mensaje de Beneficiate"
    link = email["List-Unsubscribe"].strip("<> ")
    assert f"/baja/{ana.id}-chat-" in link
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in ("plain", "html"):
        text = email.get_body((part,)).get_content()
        assert "Tiene 2 mensajes sin leer" in text
        assert link in text
        assert "cardiología" not in text


@pytest.mark.gen_test
async def test_browser_that_is_gone_is_forgotten_and_a_busy_service_asked_later(contexts, push_service):
    ana, luis = member("Ana"), member("Luis")
    subscribe(ana, push_service.subscribe("ana", status=410))
    subscribe(luis, push_service.subscribe("luis", status=429, headers={"Retry-After": "120"}))
    now = datetime.now(UTC)
    times = {"created_at": now, "due_at": now, "expires_at": now + timedelta(hours=1)}
    for who in (ana, luis):
        AwayNotice.create(user=who.id, kind="payment", key=f"payment {who.id}", **times)
    await run_everywhere(contexts, dispatch_notices, send_due_pushes)
    (left,) = PushMessage.select()
    assert left.subscription.user_id == luis.id
    assert timedelta(seconds=100) < left.due_at - datetime.now(UTC) <= timedelta(seconds=120)
    assert push_service.refused == []


@pytest.mark.gen_test
async def test_without_keys_pushes_wait_and_nothing_is_claimed(contexts, push_service):
    ana = member("Ana")
    subscribe(ana, push_service.subscribe())
    now = datetime.now(UTC)
    AwayNotice.create(
        user=ana.id, kind="payment", key="payment 1", created_at=now, due_at=now, expires_at=now + timedelta(hours=1)
    )
    context = contexts[0]
    off = PushClient(type(context.settings)(secret=context.settings.secret))
    context.push, on = off, context.push
    await dispatch_notices(context)
    await send_due_pushes(context)
    assert (PushMessage.get().tries, push_service.deliveries) == (0, [])
    context.push = on
    off.close()


@pytest.mark.parametrize("is_read", [False, True], ids=["tab sleeps", "chat is opened"])
@pytest.mark.gen_test
async def test_chat_given_to_an_agent_whose_tab_sleeps_is_pushed_to_their_browser(
    servers, contexts, push_service, is_read
):
    """Over real sockets: a browser answers pings while its tab sleeps, so that the agent is there for the server."""
    port = servers[0].port
    yuliana = available_agent("Yuliana", is_online=False)
    subscribe(yuliana, push_service.subscribe("yuliana"))
    desk, at_home = await connect_socket(port, yuliana), await connect_socket(port, member("Ana"))
    chat_id = (await at_home.request("request_agent"))["chat"]["id"]
    await wait_until(lambda: Chat.get_by_id(chat_id).agent_id is not None)
    await desk.receive_until_pong()
    notice = AwayNotice.get()
    assert (notice.kind, notice.due_at - notice.created_at) == ("desk", UNREAD_BY_AGENT)
    if is_read:
        last_id = Message.select(fn.MAX(Message.id)).where(Message.chat == chat_id).scalar()
        await desk.request("message_read", chat_id=chat_id, message_id=last_id)
    AwayNotice.update(due_at=datetime.now(UTC) - timedelta(seconds=5)).execute()
    await run_everywhere(contexts, dispatch_notices, send_due_pushes)
    assert [(one.data, one.headers["Urgency"]) for one in push_service.deliveries] == (
        [] if is_read else [({"kind": "desk"}, "high")]
    )
    assert push_service.refused == []
