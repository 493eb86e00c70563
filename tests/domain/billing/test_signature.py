"""Wompi's signatures: by vectors, by what must be refused, then against any changed character."""

import hashlib
import hmac
import json
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beneficiate.domain.billing.signature import SignedEvent, compute_event_checksum, verify_event
from beneficiate.errors import BadFrame, InvalidSignature

EVENTS_PAGE = "https://docs.wompi.co/docs/colombia/eventos/"
RULE_OF_EVENTS = f"{EVENTS_PAGE} (its rule)"

PAGE_EVENTS_SECRET = "prod_events_OcHnIzeBl5socpwByQ4hA52Em3USQ93Z"
INTEGRITY_SECRET = "test_integrity_unit_test_secret"
SECRET = "test_events_unit_test_secret"

ID = "12000001-1767225600-10001"
SECONDS = 1767225660
PROPERTIES = ["transaction.id", "transaction.status", "transaction.amount_in_cents"]
IN_ANOTHER_ORDER = [
    "transaction.amount_in_cents",
    "transaction.id",
    "transaction.currency",
    "transaction.status",
    "transaction.payment_link_id",
]
DEEP = ["transaction.id", "transaction.payment_method.extra.last_four", "transaction.status"]
TRANSACTION = {
    "id": ID,
    "amount_in_cents": 8990000,
    "reference": "test_Ab3xYz_1767225590_q7RtVn2Kp",
    "customer_email": "ana@example.test",
    "currency": "COP",
    "payment_method_type": "CARD",
    "redirect_url": "https://gym.example.test/pagos/retorno/1",
    "status": "APPROVED",
    "shipping_address": None,
    "payment_link_id": "test_Ab3xYz",
    "payment_source_id": None,
}
PAGE_TRANSACTION = {"id": "1234-1610641025-49201", "status": "APPROVED", "amount_in_cents": 4490000}


class OfEvent(NamedTuple):
    """A signed event: what differs in its transaction, and what is signed of it."""

    name: str
    changes: dict
    properties: list
    timestamp: int
    secret: str
    string: str
    sha256: str
    source: str


EVENTS = [
    OfEvent(
        "E1",
        PAGE_TRANSACTION,
        PROPERTIES,
        1530291411,
        PAGE_EVENTS_SECRET,
        "1234-1610641025-49201APPROVED44900001530291411prod_events_OcHnIzeBl5socpwByQ4hA52Em3USQ93Z",
        "5a18ec5e8fdb7df463e9f94774cba8f583ba21bd04a09ceff2ea68a4bc0aefbe",
        f"{EVENTS_PAGE} (its string; the hash that it prints is another one)",
    ),
    OfEvent(
        "E3",
        {},
        PROPERTIES,
        SECONDS,
        SECRET,
        "12000001-1767225600-10001APPROVED89900001767225660test_events_unit_test_secret",
        "2464fc6a220809b17cc6c9d02e10187c70d0f6b6bcf113cda85c86ebb8cff377",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E4",
        {"status": "DECLINED"},
        PROPERTIES,
        SECONDS,
        SECRET,
        "12000001-1767225600-10001DECLINED89900001767225660test_events_unit_test_secret",
        "7ddcec01935cf6835e318cef2d628aa3f97d51db58b5d3da45adec29ab784bbb",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E5",
        {},
        IN_ANOTHER_ORDER,
        SECONDS,
        SECRET,
        "899000012000001-1767225600-10001COPAPPROVEDtest_Ab3xYz1767225660test_events_unit_test_secret",
        "f4c22b36c84c98815f126fcb477829abbed2426c8208bc9f24cc1fd21fd6a0b5",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E6",
        {"status": "VOIDED"},
        PROPERTIES,
        1767229999,
        SECRET,
        "12000001-1767225600-10001VOIDED89900001767229999test_events_unit_test_secret",
        "0a1340797750ec56780525cf1fd6dc96317d63c58d14c3f7eb685eac431564e6",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E7",
        {"amount_in_cents": 100},
        PROPERTIES,
        SECONDS,
        SECRET,
        "12000001-1767225600-10001APPROVED1001767225660test_events_unit_test_secret",
        "75171f7e0a69d3a6ecd9e6975b7f96a5b77d860cebe8e78e2ebdd140363ffa70",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E8",
        {"payment_method": {"type": "CARD", "extra": {"brand": "VISA", "last_four": "4242"}}},
        DEEP,
        SECONDS,
        SECRET,
        "12000001-1767225600-100014242APPROVED1767225660test_events_unit_test_secret",
        "d58f4611a26e5522a523975fb60467c9e4096afd78846a94f59d10d0baa84461",
        RULE_OF_EVENTS,
    ),
    OfEvent(
        "E9",
        {"x": f"{ID}DECLINED8990000"},
        ["transaction.x"],
        SECONDS,
        SECRET,
        "12000001-1767225600-10001DECLINED89900001767225660test_events_unit_test_secret",
        "7ddcec01935cf6835e318cef2d628aa3f97d51db58b5d3da45adec29ab784bbb",
        f"{RULE_OF_EVENTS}: nothing separates the values, so E4's hash fits another body",
    ),
]
E1, E3, E9 = EVENTS[0].sha256, EVENTS[1].sha256, EVENTS[-1]
PRINTED_FOR_E1 = "3476DDA50F64CD7CBD160689640506FEBEA93239BC524FC0469B2C68A3CC8BD0"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def event(changes=None, properties=PROPERTIES, in_body=E3, **rest):
    """Return an event as Wompi sends it: E3 with `changes` of its transaction and other fields at the top level."""
    return {
        "event": "transaction.updated",
        "data": {"transaction": TRANSACTION | (changes or {})},
        "environment": "test",
        "signature": {"properties": properties, "checksum": in_body},
        "timestamp": SECONDS,
        "sent_at": "2026-01-01T00:01:00.000Z",
    } | rest


def verify(body, header="", environment="test", secret=SECRET):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return verify_event(raw, header, environment, secret)


def is_refused(body, header="", **rest):
    with pytest.raises(InvalidSignature):
        verify(body, header, **rest)
    return True


@pytest.mark.parametrize("vector", EVENTS, ids=lambda vector: vector.name)
def test_event_is_signed_over_what_the_page_says(vector):
    data = {"transaction": TRANSACTION | vector.changes}
    assert sha256(vector.string) == vector.sha256
    assert compute_event_checksum(data, vector.properties, vector.timestamp, vector.secret) == vector.sha256


def test_hash_that_the_page_prints_for_e1_is_not_that_of_its_own_string():
    assert sha256(EVENTS[0].string) == E1 != PRINTED_FOR_E1.lower()
    body = event(PAGE_TRANSACTION, in_body=None, timestamp=1530291411)
    assert verify(body, E1, secret=PAGE_EVENTS_SECRET).transaction_id == "1234-1610641025-49201"
    assert is_refused(body, PRINTED_FOR_E1, secret=PAGE_EVENTS_SECRET)


@pytest.mark.parametrize("vector", EVENTS[:-1], ids=lambda vector: vector.name)
def test_event_that_wompi_signed_says_its_transaction_and_state(vector):
    body = event(vector.changes, vector.properties, vector.sha256, timestamp=vector.timestamp)
    transaction = TRANSACTION | vector.changes
    assert verify(body, vector.sha256, secret=vector.secret) == SignedEvent(
        "transaction.updated", vector.sha256, transaction["id"], transaction["status"]
    )


@pytest.mark.parametrize("header", ["", E3, E3.upper()], ids=["no-header", "small-header", "capital-header"])
@pytest.mark.parametrize("in_body", [None, "", E3, E3.upper()], ids=["null", "empty", "small", "capital"])
def test_checksum_is_in_the_header_or_the_body_in_any_case(header, in_body):
    if header or in_body:
        assert verify(event(in_body=in_body), header).checksum == E3
    else:
        assert is_refused(event(in_body=in_body), header)


def test_checksum_may_be_in_the_header_alone():
    assert verify(event(signature={"properties": PROPERTIES}), E3).checksum == E3
    assert is_refused(event(signature={"properties": PROPERTIES}))


@pytest.mark.parametrize("other", [EVENTS[2].sha256, E3[:-1], E3 + "0", "0", "ñ", 1, True, [E3], {"checksum": E3}])
def test_two_checksums_must_both_be_right(other):
    assert is_refused(event(in_body=other), E3)
    assert is_refused(event(in_body=other))
    assert not isinstance(other, str) or is_refused(event(), other)


def test_order_of_the_properties_is_that_of_the_event():
    assert is_refused(event(properties=sorted(IN_ANOTHER_ORDER), in_body=EVENTS[3].sha256))
    assert is_refused(event(properties=PROPERTIES[::-1]))


def test_checksum_without_id_and_status_is_refused():
    assert is_refused(event(E9.changes, E9.properties, E9.sha256), E9.sha256)


@pytest.mark.parametrize(
    ("properties", "signed"),
    [
        (["transaction.id"], ID),
        (["transaction.status", "transaction.amount_in_cents"], "APPROVED8990000"),
        (["transaction.id", "transaction.amount_in_cents"], f"{ID}8990000"),
    ],
)
def test_id_and_the_status_are_always_signed(properties, signed):
    assert is_refused(event(properties=properties, in_body=sha256(f"{signed}{SECONDS}{SECRET}")))


def test_wrong_amount_that_wompi_signed_is_an_event_all_the_same():
    body = event({"amount_in_cents": 100}, in_body=EVENTS[5].sha256)
    assert verify(body) == SignedEvent("transaction.updated", EVENTS[5].sha256, ID, "APPROVED")


def test_timestamp_may_be_in_the_signature():
    body = event(signature={"properties": PROPERTIES, "checksum": E3, "timestamp": SECONDS})
    assert verify(body | {"signature": body["signature"] | {"timestamp": 1}}).checksum == E3
    del body["timestamp"]
    assert verify(body).checksum == E3
    del body["signature"]["timestamp"]
    assert is_refused(body)


@pytest.mark.parametrize("timestamp", [True, False, None, "", "1767225660", 1767225660.0, 1767225660.5, [], {}])
def test_timestamp_is_an_integer(timestamp):
    for text in (str(timestamp), json.dumps(timestamp), ""):
        right = sha256(f"{ID}APPROVED8990000{text}{SECRET}")
        assert is_refused(event(in_body=right, timestamp=timestamp), right)


@pytest.mark.parametrize("timestamp", [0, -1, 10**30])
def test_timestamp_is_any_integer(timestamp):
    right = sha256(f"{ID}APPROVED8990000{timestamp}{SECRET}")
    assert verify(event(in_body=right, timestamp=timestamp)).checksum == right


@pytest.mark.parametrize("secret", ["", SECRET.upper(), SECRET + " ", PAGE_EVENTS_SECRET, INTEGRITY_SECRET])
def test_another_secret_is_not_ours(secret):
    assert is_refused(event(), E3, secret=secret)


@pytest.mark.parametrize("environment", ["prod", "TEST", "", None, True, ["test"], {"test": 1}])
def test_event_of_another_environment_is_not_for_us(environment):
    assert is_refused(event(environment=environment), E3)


def test_event_names_its_environment():
    body = event()
    del body["environment"]
    assert is_refused(body, E3)
    assert is_refused(event(), E3, environment="prod")
    assert verify(event(environment="prod"), E3, environment="prod").status == "APPROVED"


@pytest.mark.parametrize(
    "path",
    ["transaction.nothing", "transaction.id.0", "nothing", "", ".", "transaction.", "data.transaction.id", "event"],
)
def test_path_that_leads_nowhere_is_refused_and_not_read_as_empty(path):
    assert is_refused(event(properties=[*PROPERTIES, path]), E3)
    with pytest.raises(InvalidSignature):
        compute_event_checksum({"transaction": TRANSACTION}, [path], SECONDS, SECRET)


@pytest.mark.parametrize("value", [{}, {"a": 1}, [], ["APPROVED"]], ids=json.dumps)
def test_object_or_a_list_cannot_be_signed(value):
    for text in (str(value), json.dumps(value), ""):
        right = sha256(f"{ID}APPROVED{text}{SECONDS}{SECRET}")
        assert is_refused(event({"amount_in_cents": value}, in_body=right), right)
    assert is_refused(event(properties=[*PROPERTIES[:2], "transaction"]), E3)


@pytest.mark.parametrize(
    ("written", "signed"),
    [
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ("1.50", "1.50"),
        ("1e3", "1e3"),
        ("-0.0", "-0.0"),
        ("8990000", "8990000"),
        ('""', ""),
        ('"8990000"', "8990000"),
        ('"a\\u00f1o \\ud83d\\ude00"', "año 😀"),
        ("9" * 4000, "9" * 4000),
        ("1." + "9" * 9000, "1." + "9" * 9000),
    ],
    ids=lambda text: text[:12],
)
def test_value_is_signed_as_it_is_written(written, signed):
    right = sha256(f"{ID}APPROVED{signed}{SECONDS}{SECRET}")
    body = json.dumps(event({"amount_in_cents": "HERE"}, in_body=right)).replace('"HERE"', written)
    assert verify(body.encode()).checksum == right


@pytest.mark.parametrize("properties", [None, [], {}, "", "transaction.id", 0, True, [1], [None], [["transaction.id"]]])
def test_properties_are_a_list_of_paths(properties):
    for signed in ("", ID, f"{ID}APPROVED8990000"):
        right = sha256(f"{signed}{SECONDS}{SECRET}")
        for name in ("transaction.updated", "nequi_token.updated"):
            assert is_refused(event(properties=properties, in_body=right, event=name), right)
            assert is_refused(event(signature={"checksum": right}, event=name), right)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": None}, {"event": 1}, {"event": ["transaction.updated"]},
        {"data": None}, {"data": []}, {"data": "transaction"}, {"data": {}}, {"data": {"transaction": None}},
        {"data": {"transaction": [TRANSACTION]}},
        {"signature": None}, {"signature": E3}, {"signature": [E3]}, {"signature": {}},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_event_has_its_form(changes):
    assert is_refused(event() | changes, E3)
    assert is_refused({name: value for name, value in event().items() if name not in changes}, E3)


@pytest.mark.parametrize(
    "unusual",
    [
        "",
        "a/b",
        "../1",
        "1 2",
        "1?x=1",
        "1\n",
        "\n1",
        "1#",
        "1%2F",
        "ñ",
        "１２",
        "1\x00",
        "1_2",
        "9" * 65,
        None,
        12,
        True,
    ],
)
def test_id_with_unusual_characters_is_refused_though_it_is_signed(unusual):
    signed = {None: "", True: "true"}.get(unusual, unusual)
    right = sha256(f"{signed}APPROVED8990000{SECONDS}{SECRET}")
    assert is_refused(event({"id": unusual}, in_body=right), right)


@pytest.mark.parametrize("unusual", ["", "approved", "APPROVED ", "APPROVED\n", "A-B", "Ñ", "A" * 33, None, 12, True])
def test_status_with_unusual_characters_is_refused_though_it_is_signed(unusual):
    signed = {None: "", True: "true"}.get(unusual, unusual)
    right = sha256(f"{ID}{signed}8990000{SECONDS}{SECRET}")
    assert is_refused(event({"status": unusual}, in_body=right), right)


@pytest.mark.parametrize(("id_", "status"), [("9" * 64, "A" * 32), ("a", "_"), ("-", "SOME_FUTURE_STATE")])
def test_id_and_a_status_of_any_length_that_is_stored_are_taken(id_, status):
    right = sha256(f"{id_}{status}8990000{SECONDS}{SECRET}")
    found = verify(event({"id": id_, "status": status}, in_body=right))
    assert (found.transaction_id, found.status) == (id_, status)


@pytest.mark.parametrize("name", ["nequi_token.updated", "bancolombia_transfer_token.updated", "n" * 64])
def test_event_that_is_not_about_a_transaction_is_taken_without_one(name):
    assert verify(event(event=name)) == SignedEvent(name, E3, "", "")
    right = sha256(f"tok-1{SECONDS}{SECRET}")
    token = event(event=name, data={"token": "tok-1"}, properties=["token"], in_body=right)
    assert verify(token) == SignedEvent(name, right, "", "")
    assert is_refused(token | {"timestamp": 1}, right)


def test_checksum_is_no_hmac():
    string = f"{ID}APPROVED8990000{SECONDS}"
    for message in (string, string + SECRET):
        keyed = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
        assert is_refused(event(in_body=keyed), keyed)


def test_checksum_is_not_over_the_raw_body():
    body = json.dumps(event(in_body=None))
    for wrong in (sha256(body), sha256(body + SECRET), hmac.new(SECRET.encode(), body.encode(), "sha256").hexdigest()):
        assert is_refused(body.encode(), wrong)
    spaced = json.dumps(event(in_body=None), indent=4, sort_keys=True)
    assert verify(spaced.encode(), E3).checksum == E3


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"hola", b"{", b"{}{}", b"{'event': 1}", b"null", b"true", b"1", b'"event"', b"[]", b"[{}]",
        b"\xff", b'{"event": "\xe9"}', b"\xef\xbb\xbf{}", "{}".encode("utf-16"),
        b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1' + b"0" * 5000 + b"}",
        b"[" * 100_000, b'{"a":' * 100_000, b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda body: repr(body[:16]),
)  # fmt: skip
def test_anything_but_a_json_object_is_a_bad_frame(body):
    with pytest.raises(BadFrame):
        verify_event(body, E3, "test", SECRET)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_amount_that_is_no_number_is_a_bad_frame_though_it_is_signed(constant):
    right = sha256(f"{ID}APPROVED{constant}{SECONDS}{SECRET}")
    body = json.dumps(event({"amount_in_cents": "HERE"}, in_body=right)).replace('"HERE"', constant)
    with pytest.raises(BadFrame):
        verify_event(body.encode(), right, "test", SECRET)


QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
characters = st.sampled_from("0123456789abcdefABCDEF-_") | st.characters(codec="utf-8")


@st.composite
def altered(draw, text, alphabet=characters):
    """The text with one character replaced, left out or added."""
    place = draw(st.integers(0, len(text) - 1))
    change = draw(st.sampled_from(["replaced", "left out", "added"]))
    middle = "" if change == "left out" else draw(alphabet)
    return text[:place] + middle + text[place + (change != "added") :]


def altered_number(number):
    digits = altered(str(number), st.sampled_from("0123456789")).filter(bool)
    return digits.map(int).filter(lambda other: other != number)


@QUICK
@given(altered(ID).filter(lambda text: text != ID), altered("APPROVED").filter(lambda text: text != "APPROVED"))
def test_no_character_of_the_id_or_the_status_can_be_changed(id_, status):
    assert is_refused(event({"id": id_}), E3)
    assert is_refused(event({"status": status}), E3)


@QUICK
@given(altered_number(8990000), altered_number(SECONDS))
def test_no_digit_of_the_amount_or_the_timestamp_can_be_changed(amount, timestamp):
    assert is_refused(event({"amount_in_cents": amount}), E3)
    assert is_refused(event(timestamp=timestamp), E3)


@QUICK
@given(altered(SECRET).filter(lambda text: text != SECRET), altered(E3).filter(lambda text: text.lower() != E3))
def test_no_character_of_the_secret_or_the_checksum_can_be_changed(secret, other):
    assert is_refused(event(), E3, secret=secret)
    assert is_refused(event(), other)
    assert is_refused(event(in_body=other), E3)
    assert is_refused(event(in_body=None), other)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from([E3, "test", ID]),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=8), values, max_size=4),
    max_leaves=12,
)
paths = st.sampled_from([*IN_ANOTHER_ORDER, "transaction", "transaction.x.y", ""]) | st.text(max_size=8)


@st.composite
def nearly_events(draw):
    """Events with some parts replaced by anything, some of them signed all the same."""
    body = event(draw(st.dictionaries(st.sampled_from(sorted(TRANSACTION)), json_values, max_size=3)))
    body["signature"]["properties"] = draw(st.just(PROPERTIES) | st.lists(paths, max_size=5))
    body |= draw(st.dictionaries(st.sampled_from(sorted(body)), json_values, max_size=2))
    for name in draw(st.sets(st.sampled_from(sorted(body)), max_size=1)):
        del body[name]
    return body


def is_verified_or_refused(raw, header):
    try:
        found = verify_event(raw, header, "test", SECRET)
    except (BadFrame, InvalidSignature):
        return True
    return isinstance(found, SignedEvent)


@QUICK
@given(st.binary(max_size=200), st.text(max_size=70))
def test_any_bytes_are_verified_or_refused(raw, header):
    assert is_verified_or_refused(raw, header)


@QUICK
@given(json_values | nearly_events(), st.just(E3) | st.text(max_size=70))
def test_any_json_is_verified_or_refused(body, header):
    assert is_verified_or_refused(json.dumps(body).encode(), header)


@QUICK
@given(nearly_events())
def test_any_signed_json_is_verified_or_refused(body):
    try:
        right = compute_event_checksum(body["data"], body["signature"]["properties"], body["timestamp"], SECRET)
    except (InvalidSignature, KeyError, TypeError, AttributeError):
        right = E3
    assert is_verified_or_refused(json.dumps(body).encode(), right)


def test_half_a_character_as_checksum_is_no_crash():
    body = {"event": "x", "data": {"a": 1}, "environment": "test", "timestamp": 1}
    signature = {"properties": ["a"], "checksum": "\ud800"}
    with pytest.raises(InvalidSignature):
        verify_event(json.dumps({**body, "signature": signature}).encode(), "", "test", "x")


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "a" * 65, 7, None, ["transaction.updated"]])
def test_name_that_no_event_of_wompi_has_is_refused_although_it_is_not_signed(name):
    data, properties = {"a": 1}, ["a"]
    signature = {"properties": properties, "checksum": compute_event_checksum(data, properties, 1, "x")}
    event = {"event": name, "data": data, "environment": "test", "signature": signature, "timestamp": 1}
    with pytest.raises(InvalidSignature):
        verify_event(json.dumps(event).encode(), "", "test", "x")


def test_thousands_of_properties_are_refused_before_they_cost_anything():
    signature = {"properties": ["a"] * 8000, "checksum": "x"}
    event = {"event": "x", "data": {"a": "x" * 32_000}, "environment": "test", "signature": signature, "timestamp": 1}
    with pytest.raises(InvalidSignature):
        verify_event(json.dumps(event).encode(), "", "test", "x")
