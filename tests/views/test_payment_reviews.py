"""Reviews of payments in words."""

from beneficiate.domain.billing.outcome import ReviewKind
from beneficiate.views.payment_reviews import REVIEW_TEXTS, review_name


def test_each_kind_of_review_has_a_text():
    assert set(REVIEW_TEXTS) == set(ReviewKind)


def test_unknown_kind_is_shown_by_its_code():
    assert (review_name(ReviewKind.VOIDED), review_name("NEW")) == ("Anulado por Wompi", "NEW")
