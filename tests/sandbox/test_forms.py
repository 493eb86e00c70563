"""The payer's forms: what they become, and the message of each field that is not right."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.formatting import BOGOTA
from beneficiate.sandbox.forms import PAYMENT_METHODS, InvalidPaymentForm, parse_payment_form, sample_forms
from beneficiate.sandbox.objects import APPROVED, CARD, DECLINED, ERROR, NEQUI, PSE
from tests.sandbox.merchant import APPROVED_CARD
from tests.sandbox.parts import create_account, create_link

TYPES = {"card": CARD, "nequi": NEQUI, "pse": PSE}
ACCOUNT = create_account()
LINK, OPEN_LINK = create_link(ACCOUNT), create_link(ACCOUNT, amount_in_cents=None)
VALID = {"card": APPROVED_CARD, "nequi": {"phone": "399 111 1111"}, "pse": {"bank": "1"}}


def wrong_fields(method, values, link=LINK):
    with pytest.raises(InvalidPaymentForm) as caught:
        parse_payment_form(method, values, link)
    assert all(sentence.endswith(".") for sentence in caught.value.sentences.values())
    return set(caught.value.sentences)


def test_card_becomes_a_payment_without_its_number():
    card = {**APPROVED_CARD, "installments": "12", "email": "ana@x.co"}
    payment = parse_payment_form("card", card, LINK)
    assert (payment.type, payment.outcome, payment.email, payment.method["installments"]) == (
        CARD,
        APPROVED,
        "ana@x.co",
        12,
    )
    assert payment.customer_data == {"full_name": "Ana Prueba"}
    assert "4242424242424242" not in str(payment)
    assert "123" not in str(payment.method["extra"].values())


@pytest.mark.parametrize("method", PAYMENT_METHODS)
def test_empty_form_names_all_its_fields(method):
    assert wrong_fields(method, {}) == set(VALID[method])
    assert wrong_fields(method, {}, OPEN_LINK) == {*VALID[method], "amount"}


@pytest.mark.parametrize(
    ("method", "field", "value"),
    [
        *(("card", "number", text) for text in ("", "4242", "4" * 20, "4242 4242 4242 424x", "٤" * 16)),
        *(("card", "expiry", text) for text in ("", "01/20", "13/49", "00/49", "1/49", "12/2049", "١٢/٤٩")),
        *(("card", "cvc", text) for text in ("", "12", "1234", "abc", "١٢٣")),
        ("card", "holder", ""),
        *(("card", "installments", text) for text in ("0", "37", "-1", "1.5", "٣", "100")),
        *(("nequi", "phone", text) for text in ("", "6011234567", "30012345678", "+573001234567", "٣" * 10)),
        *(("pse", "bank", text) for text in ("", "9", "Banco que aprueba")),
        *((method, "email", text) for method in VALID for text in ("ana", "ana@x", "a b@x.co", "@x.co")),
    ],
)
def test_wrong_field_is_named_and_no_other(method, field, value):
    assert wrong_fields(method, {**VALID[method], field: value}) == {field}


def test_card_expires_at_the_end_of_its_month():
    today = datetime.now(BOGOTA)
    this_month = f"{today.month:02}/{today.year % 100:02}"
    assert parse_payment_form("card", {**APPROVED_CARD, "expiry": this_month}, LINK).outcome == APPROVED
    month, year = (today.month - 1, today.year) if today.month > 1 else (12, today.year - 1)
    assert wrong_fields("card", {**APPROVED_CARD, "expiry": f"{month:02}/{year % 100:02}"}) == {"expiry"}


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1.500", 150_000), ("25.000", 2_500_000), (" 25 000 ", 2_500_000), ("10.000.000.000", 1_000_000_000_000)],
)
def test_payer_enters_an_open_amount_in_pesos(text, cents):
    payment = parse_payment_form("pse", {**VALID["pse"], "amount": text}, OPEN_LINK)
    assert payment.amount_in_cents == cents


@pytest.mark.parametrize("text", ["", "1.499", "25000.00", "mil", "²²²²", "-25000", "10.000.000.001", "9" * 5000])
def test_amount_that_no_link_may_have_is_refused(text):
    assert wrong_fields("pse", {**VALID["pse"], "amount": text}, OPEN_LINK) == {"amount"}


def test_amount_of_a_link_that_has_one_is_not_read():
    assert parse_payment_form("pse", {**VALID["pse"], "amount": "mil"}, LINK).amount_in_cents == 0


@given(
    st.sampled_from(PAYMENT_METHODS),
    st.dictionaries(
        st.sampled_from(["number", "expiry", "cvc", "holder", "installments", "phone", "bank", "email", "amount"]),
        st.text(max_size=20),
    ),
    st.booleans(),
)
def test_any_text_is_a_payment_or_is_refused(method, values, has_open_amount):
    link = OPEN_LINK if has_open_amount else LINK
    try:
        payment = parse_payment_form(method, {**VALID[method], **values}, link)
    except InvalidPaymentForm:
        return
    assert payment.type == TYPES[method]
    assert payment.outcome in (APPROVED, DECLINED, ERROR)


def test_samples_end_as_their_names_say():
    for name, (method, values) in sample_forms(datetime.now(BOGOTA).year + 1).items():
        payment = parse_payment_form(method, values, LINK)
        assert f"{method}-{'late' if payment.is_silent else payment.outcome.lower()}" == name
