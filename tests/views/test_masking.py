"""What staff see of a document, a telephone and an e-mail, and which searches name a person."""

import pytest

from beneficiate.views.masking import lookup_kind, mask_email, mask_number


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
