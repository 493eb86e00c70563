"""Payment links and the merchant, as the API has them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.merchant import LINK_BODY

WRONG = [
    ("name", None, "No está presente"),
    ("name", "  ", "No está presente"),
    ("description", 7, "Formato inválido"),
    ("single_use", "true", "Debe ser verdadero o falso"),
    ("collect_shipping", None, "No está presente"),
    ("currency", "USD", "No es una moneda válida"),
    ("amount_in_cents", "48000000", "No es un número entero"),
    ("amount_in_cents", True, "No es un número entero"),
    ("amount_in_cents", 480_000.5, "No es un número entero"),
    ("amount_in_cents", 0, "Debe ser mayor a 0"),
    ("amount_in_cents", 48_000_050, "Debe terminar en 00"),
    ("amount_in_cents", 149_900, "Debe ser mayor o igual a 150000"),
    ("amount_in_cents", 1_000_000_000_100, "Debe ser menor o igual a 1000000000000"),
    ("expires_at", "2020-01-01T00:00:00.000Z", "Debe ser una fecha futura"),
    ("expires_at", "2049-01-01T00:00:00-05:00", "Formato inválido"),
    ("expires_at", "2049-13-01T00:00:00Z", "Formato inválido"),
    ("expires_at", "2049-01-01", "Formato inválido"),
    ("redirect_url", "javascript:alert(1)", "Formato inválido"),
    ("redirect_url", "http://[", "Formato inválido"),
    ("redirect_url", "http://:80/", "Formato inválido"),
    ("redirect_url", "http://comercio.test:99999/", "Formato inválido"),
    ("redirect_url", "http://comercio.test/\r\nX: 1", "Formato inválido"),
    ("redirect_url", "http://a; script-src *", "Formato inválido"),
    ("sku", "x" * 37, "Debe tener máximo 36 caracteres"),
    ("sku", 7, "Formato inválido"),
    ("taxes", {}, "Formato inválido"),
    ("customer_data", [], "Formato inválido"),
]


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


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG)
@pytest.mark.gen_test
async def test_a_wrong_field_is_told(merchant, field, value, sentence):
    answer = await merchant.call("/payment_links", {**LINK_BODY, field: value})
    error = {"type": "INPUT_VALIDATION_ERROR", "messages": {field: [sentence]}}
    assert (answer.status, answer.json) == (422, {"error": error})


@pytest.mark.gen_test
async def test_every_missing_field_is_told(merchant):
    answer = await merchant.call("/payment_links", {})
    assert set(answer.json["error"]["messages"]) == {"name", "description", "single_use", "collect_shipping"}


@pytest.mark.parametrize("body", ["", "[]", "{", '{"a": NaN}'])
@pytest.mark.gen_test
async def test_a_body_that_is_no_object(merchant, body):
    answer = await merchant.call("/payment_links", body)
    assert (answer.status, answer.json["error"]["type"]) == (422, "INPUT_VALIDATION_ERROR")


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"])
@pytest.mark.gen_test
async def test_an_expiry_is_in_utc_with_or_without_a_z(merchant, form):
    assert (await merchant.create_link(expires_at=(datetime.now(UTC) + timedelta(minutes=2)).strftime(form)))["active"]


@pytest.mark.gen_test
async def test_fields_that_links_do_not_have_are_ignored(merchant):
    link = await merchant.create_link(reference="MIA-1", amount_in_cents=None)
    assert "reference" not in link
    assert link["amount_in_cents"] is None


@pytest.mark.parametrize("key", ["", "pub_test_beneficiate_local", "prv_prod_otro", "prv_test_otro"])
@pytest.mark.gen_test
async def test_only_the_private_key_makes_and_changes_links(merchant, key):
    link = await merchant.create_link()
    for answer in (
        await merchant.call("/payment_links", LINK_BODY, key=key),
        await merchant.call(f"/payment_links/{link['id']}", {"active": False}, "PATCH", key=key),
    ):
        assert (answer.status, answer.json["error"]["type"]) == (401, "INVALID_ACCESS_TOKEN")
        assert key in answer.json["error"]["reason"]


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


@pytest.mark.parametrize(("path", "method"), [("/nada", "GET"), ("/payment_links", "GET"), ("/transactions", "DELETE")])
@pytest.mark.gen_test
async def test_what_the_gateway_does_not_have(merchant, path, method):
    answer = await merchant.call(path, method=method)
    assert (answer.status, answer.json["error"]["type"]) == (404, "NOT_FOUND_ERROR")
