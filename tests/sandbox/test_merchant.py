"""The merchant as the gateway describes it, and as the client of the application reads it."""

import pytest

from beneficiate.sandbox.merchant import MERCHANT_NAME, merchant_payload
from beneficiate.sandbox.objects import CARD, NEQUI, PSE


def test_merchant_is_active_takes_pesos_and_every_method_of_the_checkout():
    payload = merchant_payload("pub_test_x", "http://127.0.0.1:8889")
    assert (payload["active"], payload["accepted_currencies"]) == (True, ["COP"])
    assert payload["accepted_payment_methods"] == [CARD, NEQUI, PSE]
    assert (payload["public_key"], payload["name"]) == ("pub_test_x", MERCHANT_NAME)


def test_each_contract_has_its_own_token_and_a_page():
    payload = merchant_payload("pub_test_x", "http://127.0.0.1:8889")
    contracts = [payload["presigned_acceptance"], payload["presigned_personal_data_auth"]]
    assert [one["type"] for one in contracts] == ["END_USER_POLICY", "PERSONAL_DATA_AUTH"]
    assert len({one["acceptance_token"] for one in contracts}) == 2
    assert {one["permalink"] for one in contracts} == {"http://127.0.0.1:8889/"}


@pytest.mark.gen_test
async def test_client_reads_what_it_needs(wompi_client, sandbox):
    keys = sandbox.keys
    client = wompi_client(
        sandbox,
        wompi_public_key=keys.public_key,
        wompi_private_key=keys.private_key,
        wompi_events_secret=keys.events_secret,
        wompi_integrity_secret=keys.integrity_secret,
    )
    found = await client.get_merchant()
    assert (found.name, found.is_active, found.currencies) == (MERCHANT_NAME, True, ("COP",))
