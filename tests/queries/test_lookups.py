"""A search for people is known again for ten minutes."""

from datetime import timedelta

from beneficiate.actions.contacts import record_lookup
from beneficiate.queries.lookups import SAME_LOOKUP, PersonLookup, is_recent_lookup
from beneficiate.unit_of_work import UnitOfWork
from tests.domain.booking.moments import at
from tests.factories import agent

NOW = at("2026-11-25 10:00")


def test_search_is_known_to_who_made_it_for_ten_minutes(act, db):
    yuliana, german = agent(), agent()
    lookup = PersonLookup("name", " Rojas")
    act(record_lookup, lookup, yuliana.actor, NOW)
    asked = {
        "same": (lookup, yuliana, timedelta(minutes=9)),
        "other case": (PersonLookup("name", "rojas "), yuliana, timedelta(minutes=9)),
        "late": (lookup, yuliana, SAME_LOOKUP),
        "other kind": (PersonLookup("email", "rojas"), yuliana, timedelta(0)),
        "other words": (PersonLookup("name", "roja"), yuliana, timedelta(0)),
        "other person": (lookup, german, timedelta(0)),
    }
    known = {
        name for name, (one, who, after) in asked.items() if is_recent_lookup(UnitOfWork(who.actor, NOW + after), one)
    }
    assert known == {"same", "other case"}
