"""Which links and searches are valid, and the message of each field that is not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.sandbox.errors import InvalidInput
from beneficiate.sandbox.fields import (
    MAX_LINK_CENTS,
    MAX_PAGE_SIZE,
    MIN_LINK_CENTS,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
    TransactionSearch,
    check_amount,
    parse_search,
    validate_active,
    validate_link,
)
from tests.sandbox.merchant import LINK_BODY

RANGE = {"from_date": "2026-01-01", "until_date": "2026-01-31", "page": "1", "page_size": "50"}
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
JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.lists(st.none())
    | st.just({})
)


def messages_of(function, *arguments):
    with pytest.raises(InvalidInput) as caught:
        function(*arguments)
    return caught.value.error["messages"]


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG)
def test_wrong_field_is_named_with_its_message(field, value, sentence):
    assert messages_of(validate_link, {**LINK_BODY, field: value}) == {field: [sentence]}


def test_every_wrong_field_is_named_at_once():
    assert set(messages_of(validate_link, {})) == set(REQUIRED_FIELDS)
    assert set(messages_of(validate_link, {"name": 7, "sku": 7})) == {*REQUIRED_FIELDS, "sku"}


def test_valid_link_keeps_its_fields_and_no_others():
    assert validate_link({**LINK_BODY, "reference": "MIA-1", "image_url": None}) == LINK_BODY


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"]
)
def test_expiry_is_in_utc_with_or_without_a_z(form):
    text = (datetime.now(UTC) + timedelta(minutes=2)).strftime(form)
    assert validate_link({**LINK_BODY, "expires_at": text})["expires_at"] == text


@given(st.integers(MIN_LINK_CENTS // 100, MAX_LINK_CENTS // 100))
def test_whole_pesos_from_the_least_to_the_most_are_an_amount(pesos):
    assert check_amount(pesos * 100) == ""
    assert check_amount(pesos * 100 + 1) == "Debe terminar en 00"


@given(st.dictionaries(st.sampled_from([*REQUIRED_FIELDS, *OPTIONAL_FIELDS]), JSON))
def test_any_json_is_a_link_or_is_refused_field_by_field(changes):
    found, refused = changes, {}
    try:
        found = validate_link({**LINK_BODY, **changes})
    except InvalidInput as problem:
        refused = problem.error["messages"]
    assert refused.keys() <= changes.keys()
    assert all(found[name] == value for name, value in changes.items() if value is not None)


@pytest.mark.parametrize("active", [True, False])
def test_link_is_active_or_not(active):
    assert validate_active({"active": active}) is active


@pytest.mark.parametrize(
    ("body", "sentence"),
    [({}, "No está presente"), ({"active": None}, "No está presente"), ({"active": 1}, "Debe ser verdadero o falso")],
)
def test_activity_is_a_boolean(body, sentence):
    assert messages_of(validate_active, body) == {"active": [sentence]}


def test_search_is_by_reference_or_by_days():
    assert parse_search({"reference": "x", "order": "ASC"}) == TransactionSearch(
        {"reference": "x"}, "", "9999", 1, MAX_PAGE_SIZE, is_ascending=True
    )
    assert parse_search({"reference": "x", **dict.fromkeys(RANGE, "")}) == parse_search({"reference": "x"})
    found = parse_search({**RANGE, "page": "3", "page_size": "2", "status": "APPROVED", "payment_link_id": "ignored"})
    assert found == TransactionSearch({"status": "APPROVED"}, "2026-01-01", "2026-01-31", 3, 2, is_ascending=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (dict.fromkeys(RANGE, ""), dict.fromkeys(RANGE, "No está presente")),
        ({"page": "0", "page_size": "51"}, {"page": "Debe ser mayor a 0", "page_size": "Debe ser menor o igual a 50"}),
        ({"page": "x", "page_size": "٣"}, {"page": "No es un número entero", "page_size": "No es un número entero"}),
        ({"page": "9" * 5000}, {"page": "No es un número entero"}),
        ({"from_date": "ayer"}, {"from_date": "Formato inválido"}),
        ({"until_date": "20300101"}, {"until_date": "Formato inválido"}),
        ({"until_date": "2026-02-30"}, {"until_date": "Formato inválido"}),
        ({"order": "UP", "order_by": "id"}, {"order": "Formato inválido", "order_by": "Formato inválido"}),
    ],
)
def test_wrong_part_of_a_search_is_named(changes, expected):
    assert messages_of(parse_search, {**RANGE, **changes}) == {name: [text] for name, text in expected.items()}


@given(st.dictionaries(st.sampled_from([*RANGE, "reference", "order", "status"]), st.text(max_size=12)))
def test_any_text_is_a_search_with_limits_or_is_refused(query):
    try:
        found = parse_search(query)
    except InvalidInput:
        return
    assert found.page >= 1
    assert 1 <= found.page_size <= MAX_PAGE_SIZE
