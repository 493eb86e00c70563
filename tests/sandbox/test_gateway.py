"""Transactions as the API has them: read, searched, voided."""

import re
from datetime import UTC, datetime

import pytest

TODAY = datetime.now(UTC).date().isoformat()
ALL = f"from_date=2020-01-01&until_date={TODAY[:3]}9-12-31"


@pytest.mark.gen_test
async def test_a_transaction_says_what_was_paid(merchant):
    link = await merchant.create_link()
    made = (await merchant.call_tool("transactions", {"link_id": link["id"], "status": "APPROVED"})).data
    assert re.fullmatch(r"\d+-\d{10}-\d+", made["id"])
    assert re.fullmatch(rf"{link['id']}_\d{{10}}_[A-Za-z0-9]+", made["reference"])
    told = {name: made[name] for name in ("status", "amount_in_cents", "currency", "payment_link_id", "redirect_url")}
    assert told == {
        "status": "APPROVED",
        "amount_in_cents": 48_000_000,
        "currency": "COP",
        "payment_link_id": link["id"],
        "redirect_url": link["redirect_url"],
    }
    assert made["payment_method"]["extra"]["last_four"] == "4242"
    assert made["finalized_at"]
    assert await merchant.transaction(made["id"]) == made


@pytest.mark.parametrize(
    ("key", "status", "kind"),
    [
        ("", 404, "NOT_FOUND_ERROR"),
        ("pub_test_beneficiate_local", 404, "NOT_FOUND_ERROR"),
        ("prv_test_otro", 403, "INVALID_ACCESS_TOKEN"),
        ("prv_prod_otro", 401, "INVALID_ACCESS_TOKEN"),
        ("nada", 401, "INVALID_ACCESS_TOKEN"),
    ],
)
@pytest.mark.gen_test
async def test_only_the_private_key_reads_a_transaction(merchant, key, status, kind):
    answer = await merchant.call(f"/transactions/{(await merchant.create_transaction())['id']}", key=key)
    assert (answer.status, answer.json["error"]["type"]) == (status, kind)


@pytest.mark.gen_test
async def test_an_unknown_transaction(merchant):
    assert (await merchant.call("/transactions/1-1-1")).status == 404
    assert (await merchant.call("/transactions/1-1-1/void", {})).status == 404


@pytest.mark.gen_test
async def test_a_search_by_reference(merchant):
    one, _ = await merchant.create_transaction(), await merchant.create_transaction()
    assert (await merchant.call(f"/transactions?reference={one['reference']}")).data == [one]
    assert (await merchant.call("/transactions?reference=nada")).data == []
    assert (await merchant.call(f"/transactions?reference={one['reference']}&status=VOIDED")).data == []


@pytest.mark.gen_test
async def test_a_search_by_pages(merchant):
    made = [await merchant.create_transaction() for _ in range(5)]
    pages = [(await merchant.call(f"/transactions?{ALL}&page={n}&page_size=2&order=ASC")).data for n in (1, 2, 3, 4)]
    assert pages == [made[:2], made[2:4], made[4:], []]
    newest = (await merchant.call(f"/transactions?{ALL}&page=1&page_size=2&order_by=created_at&order=DESC")).data
    assert newest == [made[4], made[3]]
    past = "from_date=2020-01-01&until_date=2020-12-31&page=1&page_size=50"
    assert (await merchant.call(f"/transactions?{past}")).data == []


@pytest.mark.gen_test
async def test_the_filters_of_a_search(merchant):
    approved, declined = (
        await merchant.create_transaction(method="NEQUI"),
        await merchant.create_transaction("DECLINED"),
    )

    async def found(query):
        return [one["id"] for one in (await merchant.call(f"/transactions?{ALL}&page=1&page_size=9&{query}")).data]

    assert await found("status=APPROVED") == [approved["id"]]
    assert await found("payment_method_type=CARD") == [declined["id"]]
    assert await found(f"id={declined['id']}") == [declined["id"]]
    assert await found("customer_email=nadie@example.com") == []
    assert len(await found(f"payment_link_id={approved['payment_link_id']}")) == 2


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"from_date", "until_date", "page", "page_size"}),
        ("payment_link_id=test_abc123", {"from_date", "until_date", "page", "page_size"}),
        (f"from_date={TODAY}&page=1", {"until_date", "page_size"}),
        (f"{ALL}&page=0&page_size=51", {"page", "page_size"}),
        (f"{ALL}&page=x&page_size=%C3", {"page", "page_size"}),
        ("from_date=ayer&until_date=20300101&page=1&page_size=1", {"from_date", "until_date"}),
        ("reference=x&order=UP&order_by=id", {"order", "order_by"}),
    ],
)
@pytest.mark.gen_test
async def test_a_search_that_lacks_something(merchant, query, fields):
    answer = await merchant.call(f"/transactions?{query}")
    assert (answer.status, set(answer.json["error"]["messages"])) == (422, fields)


@pytest.mark.parametrize("key", ["", "pub_test_beneficiate_local", "prv_test_otro"])
@pytest.mark.gen_test
async def test_only_the_private_key_searches_and_voids(merchant, key):
    made = await merchant.create_transaction()
    assert (await merchant.call("/transactions?reference=x", key=key)).status == 401
    assert (await merchant.call(f"/transactions/{made['id']}/void", {}, key=key)).status == 401


@pytest.mark.gen_test
async def test_a_card_payment_is_voided_a_moment_later(merchant):
    made = await merchant.create_transaction()
    answer = await merchant.call(f"/transactions/{made['id']}/void", "")
    assert (answer.status, answer.data) == (201, {"status": "APPROVED", "transaction": made})
    assert (await merchant.call(f"/transactions/{made['id']}/void", {})).status == 422
    events = await merchant.wait_for_events(2)
    assert [event.transaction["status"] for event in events] == ["APPROVED", "VOIDED"]
    assert merchant.verify_event(events[1]).status == "VOIDED"
    assert (await merchant.transaction(made["id"]))["status"] == "VOIDED"


@pytest.mark.parametrize(("status", "method"), [("DECLINED", "CARD"), ("VOIDED", "CARD"), ("APPROVED", "PSE")])
@pytest.mark.gen_test
async def test_nothing_else_is_voided(merchant, status, method):
    answer = await merchant.call(
        f"/transactions/{(await merchant.create_transaction(status, method=method))['id']}/void", {}
    )
    assert (answer.status, answer.json["error"]["type"]) == (422, "UNPROCESSABLE")


@pytest.mark.gen_test
async def test_a_void_is_about_the_whole_amount(merchant):
    path = f"/transactions/{(await merchant.create_transaction())['id']}/void"
    assert (await merchant.call(path, {"amount_in_cents": 100})).status == 422
    assert (await merchant.call(path, {"amount_in_cents": 48_000_000})).status == 201


@pytest.mark.gen_test
async def test_the_developer_makes_pending_ones_and_settles_them(merchant):
    made = await merchant.create_transaction("PENDING")
    assert (made["status"], made["finalized_at"], merchant.received) == ("PENDING", None, [])
    answer = await merchant.call_tool(f"transactions/{made['id']}", {"status": "APPROVED"}, "PATCH")
    assert (answer.status, answer.data["status"]) == (200, "APPROVED")
    assert (await merchant.wait_for_events(1))[0].transaction == answer.data


@pytest.mark.gen_test
async def test_the_developer_is_told_what_is_wrong(merchant):
    link, made = await merchant.create_link(), await merchant.create_transaction()
    assert (await merchant.call_tool("transactions", {"link_id": "test_nadie1", "status": "APPROVED"})).status == 404
    assert (await merchant.call_tool("transactions", {"link_id": link["id"], "status": "OK"})).status == 422
    body = {"link_id": link["id"], "status": "APPROVED", "method": "CASH"}
    assert (await merchant.call_tool("transactions", body)).status == 422
    assert (await merchant.call_tool(f"transactions/{made['id']}", {"status": "PENDING"}, "PATCH")).status == 422
    assert (await merchant.call_tool("events", {"transaction_id": "1-1-1"})).status == 404
