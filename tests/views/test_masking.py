"""What staff see of a document, a telephone and an e-mail, and which searches name a person."""

import pytest

from beneficiate.views.masking import (
    is_reference,
    lookup_kind,
    mask_email,
    mask_json,
    mask_lookup,
    mask_number,
)


@pytest.mark.parametrize(
    ("number", "masked"), [("52803456", "•••• 3456"), ("12345", "•••• 2345"), ("1234", "••••"), ("", "")]
)
def test_only_the_end_of_a_number_is_shown(number, masked):
    assert mask_number(number) == masked


@pytest.mark.parametrize(("email", "masked"), [("anamaria@x.co", "an••••@x.co"), ("a@x.co", "a••••@x.co")])
def test_only_the_begin_and_the_domain_of_an_email_are_shown(email, masked):
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("52.803.456", "document"),
        ("CC 5280", "document"),
        ("+57 300 111", "document"),
        ("⁵²⁸⁰", "document"),
        ("ana@x.co", "email"),
        ("ana@", "email"),
        ("Ana María 2", "name"),
        ("an", "name"),
        ("APT-3001117821", "document"),
        (" a ", ""),
        ("", ""),
    ],
)
def test_search_finds_people_by_what_it_may_name(text, kind):
    assert lookup_kind(text) == kind


def test_personal_data_of_an_event_are_masked_wherever_they_are():
    transaction = {
        "id": "1234-1610641025-49201",
        "amount_in_cents": 4490000,
        "customer_email": "anamaria@x.co",
        "customer_data": {"full_name": "Ana", "phone_number": 573001112233, "legal_id": "52803456", "device": None},
        "payment_method": {"user_legal_id_type": "CC", "user_legal_id": "52803456", "extra": {"mail": ["ana@x.co"]}},
        "shipping_address": {"address_line_1": "Calle 1 # 2-3", "phone_numbers": ["3001112233", None, True]},
    }
    assert mask_json({"data": {"transaction": transaction}})["data"]["transaction"] == {
        "id": "1234-1610641025-49201",
        "amount_in_cents": 4490000,
        "customer_email": "an••••@x.co",
        "customer_data": {"full_name": "Ana", "phone_number": "•••• 2233", "legal_id": "•••• 3456", "device": None},
        "payment_method": {
            "user_legal_id_type": "CC",
            "user_legal_id": "•••• 3456",
            "extra": {"mail": ["an••••@x.co"]},
        },
        "shipping_address": {"address_line_1": "••••", "phone_numbers": ["•••• 2233", None, True]},
    }


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("APT-58231-0007", True),
        (" bnf-0a1b2c3d4e5f ", True),
        ("APT-", True),
        ("APT-Rojas", False),
        ("BNF-1@x.co", False),
    ],
)
def test_number_of_an_appointment_or_a_payment_is_no_person(text, is_known):
    assert is_reference(text) == is_known


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [("document", "52803456", "•••• 3456"), ("email", "ana@x.co", "an••••@x.co"), ("name", "rojas", "••••")],
)
def test_audit_shows_no_word_of_a_search(kind, text, shown):
    assert mask_lookup(kind, text) == shown
