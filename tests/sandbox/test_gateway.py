"""The API of the gateway: payment links, transactions and the merchant."""

import re
from datetime import UTC, datetime

import pytest

from tests.sandbox.merchant import LINK_BODY

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


# ---- Links and the merchant ------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_link_has_every_field(merchant):
    answer = await merchant.call("/payment_links", {**LINK_BODY, "expires_at": "2049-01-15T18:30:00.000Z"})
    assert answer.status == 201
    data = answer.data
    assert re.fullmatch(r"test_[A-Za-z0-9]{6}", data["id"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", data["created_at"])
    assert data == {
        **LINK_BODY,
        "id": data["id"],
        "collect_customer_legal_id": False,
        "expires_at": "2049-01-15T18:30:00.000Z",
        "image_url": None,
        "active": True,
        "customer_data": None,
        "taxes": [],
        "default_language": "es",
        "created_at": data["created_at"],
        "updated_at": data["created_at"],
        "merchant_public_key": "pub_test_beneficiate_local",
    }
    assert answer.json["meta"] == {}


@pytest.mark.gen_test
async def test_fields_that_links_do_not_have_are_ignored(merchant):
    link = await merchant.create_link(reference="MIA-1", amount_in_cents=None)
    assert "reference" not in link
    assert link["amount_in_cents"] is None


@pytest.mark.gen_test
async def test_anybody_reads_a_link(merchant):
    link = await merchant.create_link()
    assert (await merchant.call(f"/payment_links/{link['id']}", key="")).data == link
    missing = await merchant.call("/payment_links/test_nadie1", key="")
    error = {"type": "NOT_FOUND_ERROR", "reason": "La entidad solicitada no existe"}
    assert (missing.status, missing.json) == (404, {"error": error})


@pytest.mark.gen_test
async def test_a_link_is_turned_off_and_on(merchant):
    path = f"/payment_links/{(await merchant.create_link())['id']}"
    for active in (False, True):
        answer = await merchant.call(path, {"active": active}, "PATCH")
        assert (answer.status, answer.data["active"]) == (200, active)
        assert (await merchant.call(path)).data["active"] is active
    assert (await merchant.call(path, {"active": "no"}, "PATCH")).status == 422
    assert (await merchant.call(path, {}, "PATCH")).json["error"]["messages"] == {"active": ["No está presente"]}
    assert (await merchant.call("/payment_links/test_nadie1", {"active": False}, "PATCH")).status == 404


@pytest.mark.gen_test
async def test_the_merchant_is_known_by_its_public_key(merchant):
    data = (await merchant.call("/merchants/info", key="", X_Merchant_Public_Key="pub_test_beneficiate_local")).data
    assert (data["active"], data["accepted_currencies"]) == (True, ["COP"])
    assert data["presigned_acceptance"]["type"] == "END_USER_POLICY"
    assert data["presigned_personal_data_auth"]["type"] == "PERSONAL_DATA_AUTH"
    wrong = await merchant.call("/merchants/info", key="", X_Merchant_Public_Key="pub_test_otra")
    assert (wrong.status, wrong.json["error"]["type"]) == (401, "INVALID_ACCESS_TOKEN")
    assert (await merchant.call("/merchants/pub_test_beneficiate_local")).status == 404


@pytest.mark.gen_test
async def test_wrong_link_and_search_are_answered_with_every_message(merchant):
    link = await merchant.call("/payment_links", {**LINK_BODY, "currency": "USD", "sku": 7})
    search = await merchant.call("/transactions?payment_link_id=test_abc123")
    assert (link.status, search.status) == (422, 422)
    assert link.json["error"] == {
        "type": "INPUT_VALIDATION_ERROR",
        "messages": {"currency": ["No es una moneda válida"], "sku": ["Formato inválido"]},
    }
    assert set(search.json["error"]["messages"]) == {"from_date", "until_date", "page", "page_size"}
