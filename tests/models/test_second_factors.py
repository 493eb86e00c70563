"""A person has one second factor with its codes, and they go with each other."""

import pytest

from beneficiate.models.account_emails import AccountEmail
from beneficiate.models.second_factors import RecoveryCode, SecondFactor, SignInChallenge
from tests.actions.conftest import db  # noqa: F401
from tests.factories import agent
from tests.models.constraints import delete_row, insert_copy, is_there, refuse_insert
from tests.queries.appointment_rows import NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def factor():
    return SecondFactor.create(user=agent().id, secret="x.y", created_at=NOW)


@pytest.fixture
def challenge():
    return SignInChallenge.create(
        user=agent().id, token_hash="a" * 64, kind="page", password_digest="b" * 64, expires_at=NOW
    )


def test_person_has_one_factor(factor):
    refuse_insert(factor)
    assert insert_copy(factor, user=agent().id).last_step == 0


def test_factor_has_each_recovery_code_once(factor):
    code = RecoveryCode.create(factor=factor, code_hash="a" * 64)
    refuse_insert(code)
    assert insert_copy(code, code_hash="b" * 64).used_at is None


def test_token_of_a_challenge_is_of_one_sign_in(challenge):
    refuse_insert(challenge, user=agent().id)
    assert not insert_copy(challenge, token_hash="c" * 64).is_remembered


def test_codes_challenges_and_letters_go_with_their_person(factor, challenge):
    code = RecoveryCode.create(factor=factor, code_hash="a" * 64)
    about = {"user": factor.user_id, "email": factor.user.email, "kind": "enrolled", "expires_at": NOW}
    letter = AccountEmail.create(created_at=NOW, **about)
    delete_row(factor.user)
    delete_row(challenge.user)
    assert not any(is_there(row) for row in (factor, code, letter, challenge))
