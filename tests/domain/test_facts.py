"""The kinds of facts."""

from beneficiate.domain import facts
from beneficiate.domain.billing import outcome
from beneficiate.models.facts import Fact


def test_each_kind_is_listed_once_and_fits_its_column():
    constants = {value for name, value in vars(facts).items() if name.isupper() and isinstance(value, str)}
    assert len(set(facts.FACT_KINDS)) == len(facts.FACT_KINDS)
    assert set(facts.FACT_KINDS) <= constants
    assert set(facts.ENTERED_QUEUE) <= set(facts.FACT_KINDS)
    assert max(map(len, constants)) <= Fact.kind.max_length


def test_what_a_payment_becomes_when_it_is_revoked_is_none_of_its_statuses():
    assert facts.REVOKED not in {value for name, value in vars(outcome).items() if name.isupper()}
