"""What people see of their own access, and the address that a link confirms."""

import pytest

from beneficiate.domain.passwords import MIN_MEMBER_CHARS, MIN_STAFF_CHARS
from beneficiate.errors import NotFound
from beneficiate.models.account_emails import NEW_ADDRESS
from beneficiate.queries.own_access import load_new_address, load_own_access
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.factories import agent, member
from tests.queries.test_account_links import TOKEN, link_of


def test_own_address_number_and_length_of_a_password_are_shown(db):
    ana, yuliana = member("Ana", phone="+573104428016"), agent()
    own = load_own_access(UnitOfWork(ana.actor, NOW))
    assert (own.email, own.phone, own.min_chars) == (ana.user.email, "+573104428016", MIN_MEMBER_CHARS)
    assert load_own_access(UnitOfWork(yuliana.actor, NOW)).min_chars == MIN_STAFF_CHARS


def test_link_names_the_address_that_it_confirms(db):
    link_of(member("Ana").user, NEW_ADDRESS, email="nueva@x.co")
    uow = UnitOfWork(SYSTEM, NOW)
    assert load_new_address(uow, TOKEN) == "nueva@x.co"
    with pytest.raises(NotFound):
        load_new_address(uow, "x" * 43)
