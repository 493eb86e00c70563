"""The payer's pages, by their forms alone."""

import asyncio
import re
from html import unescape

import pytest

from tests.http_client import fetch
from tests.sandbox.merchant import APPROVED_CARD, DECLINED_CARD

OUTCOMES = [
    ("card", APPROVED_CARD, "CARD", "APPROVED"),
    ("card", DECLINED_CARD, "CARD", "DECLINED"),
    ("card", {**APPROVED_CARD, "number": "5555 5555 5555 4444"}, "CARD", "ERROR"),
    ("nequi", {"phone": "399 111 1111"}, "NEQUI", "APPROVED"),
    ("nequi", {"phone": "3992222222"}, "NEQUI", "DECLINED"),
    ("nequi", {"phone": "3001234567"}, "NEQUI", "ERROR"),
    ("pse", {"bank": "1"}, "PSE", "APPROVED"),
    ("pse", {"bank": "2"}, "PSE", "DECLINED"),
    ("pse", {"bank": "3"}, "PSE", "ERROR"),
]
UNFILLED = [
    ("card", {}, {"number", "expiry", "cvc", "holder"}),
    ("card", {**APPROVED_CARD, "number": "4242"}, {"number"}),
    ("card", {**APPROVED_CARD, "expiry": "01/20"}, {"expiry"}),
    ("card", {**APPROVED_CARD, "expiry": "13/49"}, {"expiry"}),
    ("card", {**APPROVED_CARD, "cvc": "12"}, {"cvc"}),
    ("card", {**APPROVED_CARD, "installments": "٣"}, {"installments"}),
    ("card", {**APPROVED_CARD, "email": "ana"}, {"email"}),
    ("nequi", {"phone": "6011234567"}, {"phone"}),
    ("pse", {"bank": "9"}, {"bank"}),
]


def problems(page):
    return set(re.findall(r'id="\w+-(\w+)-problem"', page.text))


def links(page):
    return {id_: unescape(href) for id_, href in re.findall(r'<a [^>]*id="([\w-]+)" href="([^"]*)"', page.text)}


@pytest.mark.gen_test
async def test_the_page_says_what_is_paid_and_that_it_is_a_test(merchant):
    link = await merchant.create_link(name="Plan <Familiar>")
    page = await merchant.page(f"/l/{link['id']}")
    assert page.status == 200
    for text in ("Wompi local · solo para pruebas", "Plan &lt;Familiar&gt;", "$\u00a0480.000", "Banco que rechaza"):
        assert text in page.text
    assert page.text.count("<h1") == 1
    assert "<script" not in page.text
    labels, fields = (
        re.findall(r'for="([\w-]+)"', page.text),
        re.findall(r'<(?:input|select)[^>]*id="([\w-]+)"', page.text),
    )
    assert labels == fields
    for id_ in ("card", "nequi", "pse", "pay-card", "pay-nequi", "pay-pse"):
        assert f'id="{id_}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://comercio.test;" in policy
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(("method", "form", "kind", "status"), OUTCOMES)
@pytest.mark.gen_test
async def test_the_data_of_the_sandbox(merchant, method, form, kind, status):
    link = await merchant.create_link()
    answer = await merchant.pay(link, method, **form, email="ana@example.com")
    assert answer.status == 303
    made = (await merchant.wait_for_events(1))[0].transaction
    assert (made["status"], made["payment_method_type"], made["payment_method"]["type"]) == (status, kind, kind)
    assert (made["customer_email"], made["amount_in_cents"]) == ("ana@example.com", 48_000_000)
    back = f"http://comercio.test/pagos/7?id={made['id']}&env=test"
    if status == "APPROVED":
        assert (answer.headers["Location"], made["status_message"]) == (back, None)
        return
    page = await merchant.page(answer.headers["Location"])
    assert "Pago rechazado" in page.text
    assert made["status_message"] in page.text
    assert links(page) == {"again": f"/l/{link['id']}?retry={made['id']}", "back": back}


@pytest.mark.gen_test
async def test_a_declined_card_says_so_as_the_sandbox_does(merchant):
    await merchant.pay(await merchant.create_link(), **DECLINED_CARD)
    assert (await merchant.wait_for_events(1))[0].transaction[
        "status_message"
    ] == "La transacción fue rechazada (Sandbox)"


@pytest.mark.parametrize(("method", "form", "wrong"), UNFILLED)
@pytest.mark.gen_test
async def test_a_form_that_is_not_right_is_shown_again(merchant, method, form, wrong):
    page = await merchant.pay(await merchant.create_link(), method, **form)
    assert (page.status, problems(page)) == (422, wrong)
    for value in form.values():
        assert value in page.text
    assert not merchant.sandbox.events


@pytest.mark.parametrize("fill", ["card-approved", "card-declined", "card-error", "nequi-approved", "pse-declined"])
@pytest.mark.gen_test
async def test_a_form_fills_itself_with_the_data_of_the_sandbox(merchant, fill):
    link = await merchant.create_link()
    page = await merchant.page(f"/l/{link['id']}?fill={fill}")
    form = re.search(rf'<form [^>]*id="{fill.split("-")[0]}".*?</form>', page.text, re.DOTALL)[0]
    values = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    values.update((name, code) for name, code in re.findall(r'name="(bank)".*?value="(\d)" selected', form, re.DOTALL))
    assert (await merchant.pay(link, fill.split("-")[0], **values)).status == 303
    assert (await merchant.wait_for_events(1))[0].transaction["status"] == fill.split("-")[1].upper()


@pytest.mark.gen_test
async def test_another_try_is_another_transaction_with_the_same_reference(merchant):
    link = await merchant.create_link()
    page = await merchant.page((await merchant.pay(link, **DECLINED_CARD)).headers["Location"])
    form = await merchant.page(links(page)["again"])
    retry = re.search(r'name="retry" value="([^"]*)"', form.text)[1]
    await merchant.pay(link, "nequi", phone="3991111111", retry=retry)
    await merchant.pay(link, **APPROVED_CARD, retry=retry)
    first, second = (event.transaction for event in await merchant.wait_for_events(2))
    assert (first["status"], second["status"]) == ("DECLINED", "APPROVED")
    assert first["id"] != second["id"]
    assert first["reference"] == second["reference"]


@pytest.mark.gen_test
async def test_a_reference_is_not_kept_for_long_nor_from_elsewhere(merchant, monkeypatch):
    link, other = await merchant.create_link(), await merchant.create_link()
    await merchant.pay(link, **DECLINED_CARD)
    failed = (await merchant.wait_for_events(1))[0].transaction
    await merchant.pay(other, **DECLINED_CARD, retry=failed["id"])
    monkeypatch.setattr("beneficiate.sandbox.account.RETRY_WINDOW_S", 0)
    await merchant.pay(link, **APPROVED_CARD, retry=failed["id"])
    assert len({event.transaction["reference"] for event in await merchant.wait_for_events(3)}) == 3


@pytest.mark.gen_test
async def test_a_link_for_one_payment_takes_failures_and_then_one(merchant):
    link = await merchant.create_link()
    for form in (DECLINED_CARD, APPROVED_CARD):
        assert (await merchant.pay(link, **form)).status == 303
    for closed in (await merchant.page(f"/l/{link['id']}"), await merchant.pay(link, **APPROVED_CARD)):
        assert closed.status == 410
        assert "Este link ya se pagó" in closed.text
        assert links(closed) == {"back": link["redirect_url"]}


@pytest.mark.gen_test
async def test_of_two_payments_at_once_one_is_declined(merchant):
    link = await merchant.create_link()
    await asyncio.gather(merchant.pay(link, **APPROVED_CARD), merchant.pay(link, "pse", bank="1"))
    assert sorted(event.transaction["status"] for event in await merchant.wait_for_events(2)) == [
        "APPROVED",
        "DECLINED",
    ]


@pytest.mark.gen_test
async def test_a_link_for_many_payments(merchant):
    link = await merchant.create_link(single_use=False)
    for _ in range(2):
        assert "comercio.test" in (await merchant.pay(link, **APPROVED_CARD)).headers["Location"]


@pytest.mark.gen_test
async def test_a_link_that_is_off(merchant):
    link = await merchant.create_link()
    await merchant.call(f"/payment_links/{link['id']}", {"active": False}, "PATCH")
    assert "no está activo" in (await merchant.page(f"/l/{link['id']}")).text
    assert (await merchant.pay(link, **APPROVED_CARD)).status == 410


@pytest.mark.gen_test
async def test_a_link_that_expires(merchant):
    link = await merchant.create_link(expires_at="2049-01-15T18:30:00Z")
    assert (await merchant.page(f"/l/{link['id']}")).status == 200
    merchant.sandbox._account.links[link["id"]].expires_at = "2026-01-15T18:30:00Z"
    page = await merchant.page(f"/l/{link['id']}")
    assert (page.status, "venció" in page.text) == (410, True)


@pytest.mark.parametrize("path", ["/l/test_nadie1", "/l/test_nadie1/payments/1-1-1"])
@pytest.mark.gen_test
async def test_a_link_that_nobody_made(merchant, path):
    page = await merchant.page(path)
    assert page.status == 404
    assert "No encontramos este link de pago" in page.text


@pytest.mark.gen_test
async def test_a_payment_of_another_link(merchant):
    made, other = await merchant.create_transaction("DECLINED"), await merchant.create_link()
    assert (await merchant.page(f"/l/{other['id']}/payments/{made['id']}")).status == 404


@pytest.mark.gen_test
async def test_result_page_refreshes_until_transaction_is_settled(merchant):
    made = await merchant.create_transaction("PENDING")
    path = f"/l/{made['payment_link_id']}/payments/{made['id']}"
    assert 'http-equiv="refresh"' in (await merchant.page(path)).text
    await merchant.call_tool(f"transactions/{made['id']}", {"status": "APPROVED"}, "PATCH")
    page = await merchant.page(path)
    assert (page.status, page.headers["Location"].startswith("http://comercio.test/")) == (303, True)


@pytest.mark.gen_test
async def test_without_a_page_to_return_to(merchant):
    answer = await merchant.pay(await merchant.create_link(redirect_url=None), **APPROVED_CARD)
    assert "Pago aprobado" in (await merchant.page(answer.headers["Location"])).text


@pytest.mark.gen_test
async def test_a_page_to_return_to_keeps_its_query(merchant):
    link = await merchant.create_link(redirect_url="https://comercio.test/r?a=1#fin")
    location = (await merchant.pay(link, **APPROVED_CARD)).headers["Location"]
    assert re.fullmatch(r"https://comercio\.test/r\?a=1&id=[\d-]+&env=test#fin", location)


@pytest.mark.gen_test
async def test_an_open_amount_is_said_by_the_payer(merchant):
    link = await merchant.create_link(amount_in_cents=None)
    assert 'name="amount"' in (await merchant.page(f"/l/{link['id']}")).text
    for amount in ("", "1.499", "mil", "²²²²"):
        assert problems(await merchant.pay(link, **APPROVED_CARD, amount=amount)) == {"amount"}
    await merchant.pay(link, **APPROVED_CARD, amount="25.000")
    assert (await merchant.wait_for_events(1))[0].transaction["amount_in_cents"] == 2_500_000


@pytest.mark.gen_test
async def test_the_styles_are_served(merchant):
    page = await merchant.page(f"/l/{(await merchant.create_link())['id']}")
    sheets = re.findall(r'href="(/static/css/[^"]*)"', page.text)
    assert [(await merchant.page(sheet)).status for sheet in sheets] == [200, 200, 200]


async def press(merchant, page, step):
    """Press a button of the page of a payment; return the page that follows, and its path."""
    action = re.search(rf'<form action="([^"]*/{step})" method="post">', page.text)[1]
    answer = await fetch(merchant.sandbox.port, action, "POST", "")
    path = answer.headers.get("Location", "")
    return answer.status, await merchant.page(path) if path else answer


@pytest.mark.parametrize(("step", "status"), [("approve", "APPROVED"), ("decline", "DECLINED")])
@pytest.mark.gen_test
async def test_a_bank_that_does_not_answer_answers_when_a_button_is_pressed(merchant, step, status):
    link = await merchant.create_link()
    path = (await merchant.pay(link, "pse", bank="4")).headers["Location"]
    page = await merchant.page(path)
    assert "Estamos procesando su pago" in page.text
    assert links(page)["back"].startswith("http://comercio.test/pagos/7?id=")
    assert not merchant.received
    code, page = await press(merchant, page, step)
    assert code == 303
    assert (await merchant.wait_for_events(1))[0].transaction["status"] == status
    assert "step-approve" not in page.text
    again = await fetch(merchant.sandbox.port, f"{path}/{step}", "POST", "")
    assert again.status == 422


@pytest.mark.gen_test
async def test_the_event_of_a_bank_that_tells_late_is_sent_by_a_button_of_the_paid_link(merchant):
    link = await merchant.create_link()
    paid = await merchant.pay(link, "pse", bank="5")
    assert paid.headers["Location"].startswith("http://comercio.test/")
    await merchant.wait_for_events(0)
    closed = await merchant.page(f"/l/{link['id']}")
    (path,) = re.findall(r'href="(/l/\w+/payments/[^"]+)"', closed.text)
    await press(merchant, await merchant.page(path), "notify")
    assert (await merchant.wait_for_events(1))[0].transaction["status"] == "APPROVED"


@pytest.mark.gen_test
async def test_a_card_payment_is_voided_from_its_page(merchant):
    link = await merchant.create_link()
    await merchant.pay(link, **APPROVED_CARD)
    await merchant.wait_for_events(1)
    (path,) = re.findall(r'href="(/l/\w+/payments/[^"]+)"', (await merchant.page(f"/l/{link['id']}")).text)
    assert (await press(merchant, await merchant.page(path), "void"))[0] == 303
    assert [one.transaction["status"] for one in await merchant.wait_for_events(2)] == ["APPROVED", "VOIDED"]
    page = await merchant.page(path)
    assert "Pago anulado" in page.text
    assert "step-void" not in page.text
    read = await fetch(merchant.sandbox.port, f"{path.partition('?')[0]}/void")
    assert (read.status, read.headers["Allow"]) == (405, "POST")
