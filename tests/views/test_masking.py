"""What staff see of a document, a telephone and an e-mail, and which searches name a person."""

import pytest

from beneficiate.views.masking import lookup_kind, mask_email, mask_json, mask_number


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
        ("ana@x.co", "email"),
        ("ana@", "email"),
        ("Ana María 2", ""),
        ("", ""),
        ("APT-58231-0007", ""),
        ("bnf-0a1b2c3d4e5f", ""),
    ],
)
def test_search_for_a_document_or_an_email_names_a_person(text, kind):
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
