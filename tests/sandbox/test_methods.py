"""Payment methods: their data in Wompi's form, and the outcome that the test data have."""

import re

import pytest

from beneficiate.sandbox.methods import BANKS, card_payment, nequi_payment, pse_payment, sample_payment
from beneficiate.sandbox.objects import APPROVED, CARD, DECLINED, ERROR, NEQUI, PSE


def card(number):
    return card_payment(number, "12/49", "ANA PRUEBA", 3, "ana@x.co", 100)


@pytest.mark.parametrize(
    ("payment", "outcome"),
    [
        (card("4242424242424242"), APPROVED),
        (card("4111111111111111"), DECLINED),
        (card("5555555555554444"), ERROR),
        (nequi_payment("3991111111"), APPROVED),
        (nequi_payment("3992222222"), DECLINED),
        (nequi_payment("3001234567"), ERROR),
        (pse_payment("1"), APPROVED),
        (pse_payment("2"), DECLINED),
        (pse_payment("3"), ERROR),
    ],
)
def test_test_data_of_wompi_have_their_outcome_and_all_others_are_an_error(payment, outcome):
    assert payment.outcome == outcome
    assert payment.method["type"] == payment.type


@pytest.mark.parametrize(
    ("number", "brand"),
    [("4242424242424242", "VISA"), ("5555555555554444", "MASTERCARD"), ("378282246310005", "AMEX"), ("6" * 16, "VISA")],
)
def test_card_is_described_by_brand_and_last_digits_and_its_number_is_not_kept(number, brand):
    payment = card(number)
    extra = payment.method["extra"]
    assert (extra["brand"], extra["last_four"], extra["name"]) == (brand, number[-4:], f"{brand}-{number[-4:]}")
    assert (extra["bin"], extra["exp_month"], extra["exp_year"]) == (number[:6], "12", "49")
    assert (payment.method["installments"], payment.email, payment.amount_in_cents) == (3, "ana@x.co", 100)
    assert number not in str(payment)


def test_nequi_knows_the_phone_and_pse_the_bank():
    nequi, pse = nequi_payment("3991111111"), pse_payment("2")
    assert (nequi.method["phone_number"], nequi.customer_data) == ("3991111111", {"phone_number": "573991111111"})
    assert (pse.method["financial_institution_code"], pse.method["payment_description"]) == ("2", BANKS["2"])


def test_numbers_of_the_other_side_have_their_length_and_differ():
    made = [pse_payment("1").method["extra"] for _ in range(20)]
    assert all(re.fullmatch(r"[1-9][0-9]{11}", extra["ticket_id"]) for extra in made)
    assert all(re.fullmatch(r"[1-9][0-9]{6}", extra["traceability_code"]) for extra in made)
    assert len({extra["ticket_id"] for extra in made}) == len(made)


def test_bank_that_is_not_of_the_sandbox_is_a_fault_of_the_caller():
    with pytest.raises(KeyError):
        pse_payment("9")


@pytest.mark.parametrize("type_", [CARD, NEQUI, PSE])
def test_sample_is_approved(type_):
    assert (sample_payment(type_).type, sample_payment(type_).outcome) == (type_, APPROVED)
