"""The city that was typed, and the registration of a browser."""

import pytest

from beneficiate.models.account_emails import Registration
from beneficiate.models.professionals import Township
from beneficiate.queries.accounts import digest_secret
from beneficiate.queries.registrations import find_city, find_own_registration, list_city_names
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.actions.queue_steps import OPEN_HOURS_NOW as NOW
from tests.models.test_account_emails import registration


@pytest.fixture
def uow(db):
    return UnitOfWork(SYSTEM, NOW)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Montería, Córdoba", "23001"),
        ("  monteria CORDOBA ", "23001"),
        ("Montería", "23001"),
        ("Armenia, Antioquia", "05059"),
        ("Armenia", None),
        ("Nadie", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_city_is_found_unless_its_name_is_that_of_several(uow, typed, code):
    expected = None if code is None else Township.get(Township.code == code).id
    assert find_city(uow, typed) == expected


def test_every_city_has_a_name_of_its_own(uow):
    names = list_city_names(uow)
    assert len(names) == len(set(names)) == Township.select().count()


def test_registration_of_a_browser_is_found_until_it_is_confirmed(uow):
    row = registration(secret_hash=digest_secret("secreto"))
    assert find_own_registration(uow, "secreto").id == row.id
    assert (find_own_registration(uow, ""), find_own_registration(uow, "otro")) == (None, None)
    Registration.update(confirmed_at=NOW).execute()
    assert find_own_registration(uow, "secreto") is None
