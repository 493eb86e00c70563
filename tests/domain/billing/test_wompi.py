"""Which link a transaction may belong to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.billing.outcome import Money
from beneficiate.domain.billing.wompi import WompiTransaction


def transaction(reference="", link_id=None):
    return WompiTransaction(
        id="12000001-1767225600-10001",
        status="APPROVED",
        amount_in_cents=8990000,
        currency="COP",
        reference=reference,
        link_id=link_id,
        method="CARD",
        method_detail="VISA 4242",
        reason="",
        created_at=None,
    )


def test_transaction_that_names_its_link_belongs_to_no_other():
    assert transaction("test_Other1_1767225590_q7RtVn2Kp", "test_Ab3xYz").possible_link_ids == ["test_Ab3xYz"]


@pytest.mark.parametrize(
    ("reference", "links"),
    [
        ("3Z0Cfi_1767225590_q7RtVn2Kp", ["3Z0Cfi", "3Z0Cfi_1767225590"]),
        ("test_g3HGYQ_1777065941_GMZX8yX1Q", ["test", "test_g3HGYQ", "test_g3HGYQ_1777065941"]),
        ("test_g3HGYQ", ["test"]),
        ("3Z0Cfi", []),
        ("MEMB-000123-A1", []),
        ("", []),
    ],
    ids=["production", "sandbox", "two-parts", "a-link-alone", "of-another-shop", "none"],
)
def test_without_a_link_the_beginnings_of_its_reference_are_asked(reference, links):
    assert transaction(reference).possible_link_ids == links


@given(st.from_regex(r"(test_)?[0-9A-Za-z]{6}", fullmatch=True), st.integers(10**9, 2 * 10**12), st.text(max_size=12))
def test_link_is_always_among_the_beginnings_of_a_reference_that_wompi_made(link, seconds, chance):
    assert link in transaction(f"{link}_{seconds}_{chance}").possible_link_ids


@given(st.text(alphabet="ab_", max_size=20))
def test_every_possible_link_begins_the_reference_and_ends_before_an_underscore(reference):
    links = transaction(reference).possible_link_ids
    assert len(links) == len(set(links)) == reference.count("_")
    assert all(reference.startswith(f"{link}_") for link in links)


def test_what_was_paid_is_an_amount_in_a_currency():
    assert transaction().paid == Money(8990000, "COP") != Money(8990000, "USD")
