"""The steps of a made-up past have every kind of fact, about what it is about."""

from beneficiate.demo.history_steps import PAST_STEPS, About
from beneficiate.domain.facts import APPOINTMENT, BOOKING, FACT_KINDS, PAYMENT


def test_there_is_every_kind_of_fact_about_what_it_is_about():
    others = {BOOKING: About.DIALOGUE, APPOINTMENT: About.APPOINTMENT, PAYMENT: About.PAYMENT}
    assert {step.kind for step in PAST_STEPS} == set(FACT_KINDS)
    assert {(step.kind, step.about) for step in PAST_STEPS} == {
        (kind, others.get(kind, About.CHAT)) for kind in FACT_KINDS
    }
