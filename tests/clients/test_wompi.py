"""The client of Wompi: what it asks, what it makes of good answers, and what it never makes of malformed ones."""

import asyncio
import contextlib
import socket
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from structlog.testing import capture_logs

from beneficiate.clients import wompi
from beneficiate.clients.wompi import LinkRefused, LinkStatusUnknown, MerchantInfo
from beneficiate.domain.billing.wompi import PaymentLinkRequest
from beneficiate.errors import NotConfigured, NotFound, Unavailable
from beneficiate.sandbox.behaviour import Behaviour
from tests.clients.wompi_samples import GOOD
from tests.flows.payment_steps import CREATE_LINK, GET_TRANSACTION, SEARCH_TRANSACTIONS, SHOP_KEYS, create_transaction
from tests.servers import free_port

SKU = "6f1c0c5e-7d0e-4f57-9a4b-0c3f2f6f9a11"
BOGOTA = timezone(timedelta(hours=-5))
TODAY = datetime.now(UTC).date()
GOOD_LINK = {
    "id": "test_Ab3xYz",
    "amount_in_cents": 8_990_000,
    "currency": "COP",
    "sku": SKU,
    "active": True,
    "merchant_public_key": SHOP_KEYS.public_key,
}
UNREADABLE = ["", "hola", "[]", "null", "7", '"data"', "{}", '{"data":null}', '{"data":7}', "{" * 5000, b"\xff\xfe"]
STATUSES = [301, 302, 307, 400, 401, 403, 409, 422, 429, 500, 502, 503]


def order(**changes):
    given = {
        "payment_id": SKU,
        "name": "Plan Familiar",
        "description": "Membresía, 365 días",
        "amount": 89_900,
        "expires_at": datetime.now(BOGOTA) + timedelta(hours=1),
        "redirect_url": f"http://beneficiate.test/pagos/{SKU}",
        **changes,
    }
    return PaymentLinkRequest(**given)


# ---- Over the local Wompi -------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_link_is_made_as_it_was_ordered(wompi_client, sandbox):
    asked = order()
    link_id = await wompi_client(sandbox).create_link(asked)
    link = sandbox._account.links[link_id]
    assert (link.name, link.description) == ("Plan Familiar", "Membresía, 365 días")
    assert (link.single_use, link.collect_shipping, link.active) == (True, False, True)
    assert (link.amount_in_cents, link.currency, link.sku) == (8_990_000, "COP", SKU)
    assert link.redirect_url == f"http://beneficiate.test/pagos/{SKU}"
    assert link.expires_at == asked.expires_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.gen_test
async def test_a_link_is_found_by_its_id_with_the_payment_that_it_was_made_for(wompi_client, sandbox):
    one = wompi_client(sandbox)
    link_id = await one.create_link(order())
    assert await one.find_sku(link_id) == SKU
    assert await one.find_sku("test_nada") is None
    by_hand = sandbox._account.make_link(
        {"name": "x", "description": "x", "single_use": True, "collect_shipping": False}
    )
    assert await one.find_sku(by_hand.id) is None
    known = [await one.link_exists(id_) for id_ in (link_id, by_hand.id, "test_nada")]
    assert known == [True, True, False]


@pytest.mark.gen_test
async def test_a_link_is_closed(wompi_client, sandbox):
    one = wompi_client(sandbox)
    link_id = await one.create_link(order())
    await one.close_link(link_id)
    assert sandbox._account.links[link_id].active is False
    with pytest.raises(Unavailable):
        await one.close_link("test_nada")


@pytest.mark.gen_test
async def test_a_transaction_is_read_as_it_is(wompi_client, sandbox):
    one = wompi_client(sandbox)
    made = await create_transaction(sandbox, await one.create_link(order()))
    found = await one.get_transaction(made["id"])
    assert (found.id, found.status, found.paid) == (made["id"], "APPROVED", (8_990_000, "COP"))
    assert (found.link_id, found.reference) == (made["payment_link_id"], made["reference"])
    assert (found.method, found.method_detail) == ("CARD", "VISA 4242")
    assert found.created_at == datetime.fromisoformat(made["created_at"])


@pytest.mark.gen_test
async def test_what_wompi_does_not_know_is_not_found_and_what_can_be_no_id_is_not_asked_for(wompi_client, sandbox):
    one = wompi_client(sandbox)
    with pytest.raises(NotFound):
        await one.get_transaction("1-1-1")
    assert sandbox.requests[GET_TRANSACTION] == 1
    for id_ in ("", "../payment_links/x", "a b", "a?b=c", "a/b", "á", "x" * 65, "1\n", "%2e%2e"):
        with pytest.raises(NotFound):
            await one.get_transaction(id_)
    assert sandbox.requests[GET_TRANSACTION] == 1


@pytest.mark.gen_test
async def test_every_page_of_a_search_is_read_in_order(wompi_client, sandbox):
    one = wompi_client(sandbox)
    link_id = await one.create_link(order())
    made = [await create_transaction(sandbox, link_id, "DECLINED") for _ in range(101)]
    found = await one.search_transactions(TODAY - timedelta(days=1), TODAY + timedelta(days=1))
    assert [row.id for row in found] == [row["id"] for row in made]
    assert sandbox.requests[SEARCH_TRANSACTIONS] == 3
    assert await one.search_transactions(date(2020, 1, 1), date(2020, 1, 2)) == []
    assert sandbox.requests[SEARCH_TRANSACTIONS] == 4


@pytest.mark.gen_test
async def test_who_we_are_is_asked_with_the_public_key(wompi_client, sandbox):
    assert await wompi_client(sandbox).get_merchant() == MerchantInfo(
        "Beneficiate (comercio de prueba)", True, ("COP",)
    )
    with pytest.raises(Unavailable):
        await wompi_client(sandbox, wompi_public_key="pub_test_de_otro").get_merchant()


@pytest.mark.gen_test
async def test_a_key_that_wompi_says_back_is_not_logged(wompi_client, sandbox):
    stranger = wompi_client(sandbox, wompi_private_key="llave-de-otro", wompi_public_key="publica-de-otro")
    with capture_logs() as logged:
        with pytest.raises(LinkRefused, match="401 INVALID_ACCESS_TOKEN") as refused:
            await stranger.create_link(order())
        for call in (
            stranger.get_transaction("1-1-1"),
            stranger.search_transactions(TODAY, TODAY),
            stranger.close_link("test_a"),
            stranger.get_merchant(),
        ):
            with pytest.raises(Unavailable):
                await call
    assert [entry["complaint"] for entry in logged if entry["event"] == "wompi_refused"]
    assert "de-otro" not in repr(logged) + repr(refused.value)


@pytest.mark.gen_test
async def test_without_keys_nothing_is_asked(wompi_client, sandbox):
    one = wompi_client(sandbox, wompi_private_key="")
    for call in (one.create_link(order()), one.get_transaction("1-1-1"), one.find_sku("a"), one.close_link("a")):
        with pytest.raises(NotConfigured):
            await call
    assert not sandbox.requests


@pytest.mark.gen_test
async def test_wompi_that_hangs_is_waited_for_as_long_as_it_may_take_and_no_longer(wompi_client, sandbox, monkeypatch):
    monkeypatch.setattr(wompi, "REQUEST_TIMEOUT_S", 0.2)
    one = wompi_client(sandbox)
    sandbox.behaviour = Behaviour(hang=True)
    with pytest.raises(LinkStatusUnknown, match="timeout"):
        await one.create_link(order())
    for call in (
        one.get_transaction("1-1-1"),
        one.search_transactions(TODAY, TODAY),
        one.close_link("a"),
        one.get_merchant(),
    ):
        with pytest.raises(Unavailable):
            await call
    assert sandbox.requests[CREATE_LINK] == 1


# ---- Nobody there ---------------------------------------------------------------------------------


class Nobody:
    def __init__(self, host):
        self.api_url = f"http://{host}/v1"


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "no-existe.invalid"])
@pytest.mark.gen_test
async def test_where_nobody_listens_the_link_was_certainly_not_made(wompi_client, host):
    one = wompi_client(Nobody(host.format(port=free_port())))
    with pytest.raises(LinkRefused):
        await one.create_link(order())
    with pytest.raises(Unavailable):
        await one.get_transaction("1-1-1")


@pytest.mark.gen_test
async def test_a_connection_that_ends_before_the_answer_leaves_it_unknown(wompi_client, io_loop):
    async def hang_up(reader, writer):
        await reader.read(10)
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    one = wompi_client(Nobody(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    with pytest.raises(LinkStatusUnknown):
        await one.create_link(order())
    with pytest.raises(Unavailable):
        await one.get_transaction("1-1-1")
    server.close()


@pytest.mark.gen_test
async def test_an_answer_that_is_no_http_leaves_it_unknown(wompi_client):
    async def mumble(reader, writer):
        await reader.read(10)
        writer.write(b"EHLO\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    one = wompi_client(Nobody(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    with pytest.raises(LinkStatusUnknown):
        await one.create_link(order())
    with pytest.raises(Unavailable):
        await one.get_transaction("1-1-1")
    server.close()


# ---- Malformed answers ------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_good_answer_is_taken_with_200_and_201_and_without_what_may_be_missing(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    for status in (200, 201):
        misbehaving_wompi.answer_with(status, {"data": {**GOOD_LINK, "unknown": [1.5, None]}, "meta": {}})
        assert await one.create_link(order()) == "test_Ab3xYz"
    misbehaving_wompi.answer_with(201, {"data": {"id": "3Z0Cfi"}})
    assert await one.create_link(order()) == "3Z0Cfi"


@pytest.mark.gen_test
async def test_another_link_than_was_asked_for_is_in_doubt_and_never_given_out(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    for changes in (
        {"sku": "otro"},
        {"sku": None},
        {"amount_in_cents": 100},
        {"amount_in_cents": 89_900},
        {"amount_in_cents": None},
        {"amount_in_cents": "8990000"},
        {"amount_in_cents": 8_990_000.5},
        {"currency": "USD"},
        {"merchant_public_key": "pub_test_de_otro"},
    ):
        misbehaving_wompi.answer_with(201, {"data": {**GOOD_LINK, **changes}})
        with pytest.raises(LinkStatusUnknown) as raised:
            await one.create_link(order())
        assert raised.value.link_id == "test_Ab3xYz", changes


@pytest.mark.gen_test
async def test_a_link_without_an_id_that_can_be_one_is_in_doubt(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    for id_ in (None, "", 7, [], "../x", "a b", "a?b", "<a>", "x" * 65, "javascript:x"):
        misbehaving_wompi.answer_with(201, {"data": {**GOOD_LINK, "id": id_}})
        with pytest.raises(LinkStatusUnknown) as raised:
            await one.create_link(order())
        assert raised.value.link_id is None, id_


@pytest.mark.gen_test
async def test_what_cannot_be_read_is_unknown_for_a_link_and_unavailable_for_all_else(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    for body in UNREADABLE:
        misbehaving_wompi.answer_with(200, body)
        with pytest.raises(LinkStatusUnknown):
            await one.create_link(order())
        for call in (
            one.get_transaction(GOOD["id"]),
            one.search_transactions(TODAY, TODAY),
            one.find_sku("a"),
            one.get_merchant(),
        ):
            with pytest.raises(Unavailable):
                await call


@pytest.mark.gen_test
async def test_a_list_where_one_thing_was_asked_for_and_one_thing_for_a_list_is_unavailable(
    wompi_client, misbehaving_wompi
):
    one = wompi_client(misbehaving_wompi)
    misbehaving_wompi.answer_with(200, {"data": [GOOD]})
    with pytest.raises(Unavailable):
        await one.get_transaction(GOOD["id"])
    with pytest.raises(LinkStatusUnknown):
        await one.create_link(order())
    misbehaving_wompi.answer_with(200, {"data": GOOD})
    with pytest.raises(Unavailable):
        await one.search_transactions(TODAY, TODAY)


@pytest.mark.gen_test
async def test_a_status_says_whether_a_link_was_certainly_not_made(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    for status in STATUSES:
        misbehaving_wompi.answer_with(
            status, {"error": {"type": "X", "reason": "y"}}, Location=f"{misbehaving_wompi.api_url}/elsewhere"
        )
        is_certain = status < 500 and status >= 400 and status not in (408, 429)
        with pytest.raises(LinkRefused if is_certain else LinkStatusUnknown):
            await one.create_link(order())
        for call in (
            one.get_transaction("1-1-1"),
            one.search_transactions(TODAY, TODAY),
            one.find_sku("a"),
            one.close_link("a"),
        ):
            with pytest.raises(Unavailable):
                await call
    assert not [path for _, path in misbehaving_wompi.requests if "elsewhere" in path]
    assert misbehaving_wompi.count_requests("POST") == len(STATUSES)


@pytest.mark.gen_test
async def test_another_transaction_than_was_asked_for_is_unavailable(wompi_client, misbehaving_wompi):
    misbehaving_wompi.answer_with(200, {"data": {**GOOD, "id": "12000001-1767225600-10002"}})
    with pytest.raises(Unavailable):
        await wompi_client(misbehaving_wompi).get_transaction(GOOD["id"])


@pytest.mark.gen_test
async def test_a_transaction_without_what_makes_one_is_unavailable(wompi_client, misbehaving_wompi):
    misbehaving_wompi.answer_with(200, {"data": {**GOOD, "amount_in_cents": None}})
    with pytest.raises(Unavailable):
        await wompi_client(misbehaving_wompi).get_transaction(GOOD["id"])


@pytest.mark.gen_test
async def test_an_answer_without_end_is_not_read(wompi_client, misbehaving_wompi):
    one = wompi_client(misbehaving_wompi)
    misbehaving_wompi.answer_with(200, "a" * (wompi.MAX_RESPONSE_BYTES + 1))
    with pytest.raises(Unavailable):
        await one.get_transaction(GOOD["id"])
    with pytest.raises(LinkStatusUnknown):
        await one.create_link(order())


@pytest.mark.gen_test
async def test_a_search_that_answers_the_same_page_for_ever_comes_to_an_end(wompi_client, misbehaving_wompi):
    misbehaving_wompi.answer_with(200, {"data": [GOOD] * wompi.PAGE_SIZE})
    with contextlib.suppress(Unavailable):
        async with asyncio.timeout(1):
            await wompi_client(misbehaving_wompi).search_transactions(TODAY, TODAY)
    assert misbehaving_wompi.count_requests("GET") < 10


@pytest.mark.gen_test
async def test_one_transaction_that_cannot_be_read_does_not_hide_the_others(wompi_client, misbehaving_wompi):
    odd = {**GOOD, "id": "12000001-1767225600-10002", "amount_in_cents": None}
    misbehaving_wompi.answer_with(200, {"data": [odd, GOOD]})
    found = await wompi_client(misbehaving_wompi).search_transactions(TODAY, TODAY)
    assert [row.id for row in found] == [GOOD["id"]]


@pytest.mark.gen_test
async def test_the_keys_go_out_in_headers_and_nowhere_else(wompi_client):
    heads = []

    async def listen(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head.decode())
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    one = wompi_client(Nobody(f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    with pytest.raises(NotFound):
        await one.get_transaction("1-1-1")
    with pytest.raises(Unavailable):
        await one.search_transactions(TODAY, TODAY)
    with pytest.raises(Unavailable):
        await one.get_merchant()
    server.close()
    look, search, info = heads
    assert look.startswith("GET /v1/transactions/1-1-1 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {SHOP_KEYS.private_key}\r\n" in look
    assert SHOP_KEYS.private_key not in look.replace(f"Authorization: Bearer {SHOP_KEYS.private_key}", "")
    for name in ("from_date", "until_date", "page=1", f"page_size={wompi.PAGE_SIZE}", "order_by=created_at"):
        assert name in search.split("\r\n")[0]
    assert "Authorization" not in info
    assert SHOP_KEYS.private_key not in info
    assert f"X-Merchant-Public-Key: {SHOP_KEYS.public_key}\r\n" in info


def test_the_time_limits_are_those_that_a_member_bears():
    assert wompi.CONNECT_TIMEOUT_S <= 5
    assert 10 <= wompi.REQUEST_TIMEOUT_S <= 15
    assert socket.getdefaulttimeout() is None
