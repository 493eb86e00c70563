"""Who chooses a password: the words about them, and how long theirs is."""

from datetime import UTC, date, datetime

from beneficiate.domain.passwords import MIN_MEMBER_CHARS, MIN_STAFF_CHARS
from beneficiate.models.accounts import User
from beneficiate.queries.password_owners import load_password_owner
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.factories import agent, member

NOW = datetime(2026, 8, 24, 15, 0, tzinfo=UTC)


def test_password_of_the_staff_is_longer(db):
    assert load_password_owner(UnitOfWork(SYSTEM, NOW), member().id).min_chars == MIN_MEMBER_CHARS
    assert load_password_owner(UnitOfWork(SYSTEM, NOW), agent().id).min_chars == MIN_STAFF_CHARS


def test_what_others_know_about_a_person_is_in_the_words(db):
    ana = member("Ana")
    User.update(birth_date=date(1984, 3, 14), phone="+573104428016").where(User.id == ana.id).execute()
    user = User.get_by_id(ana.id)
    words = load_password_owner(UnitOfWork(SYSTEM, NOW), ana.id).words
    assert {user.first_name, user.last_name, user.document_number, user.email} <= set(words)
    assert {"19840314", "+573104428016"} <= set(words)
