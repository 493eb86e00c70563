"""Problems of a second step: each with a code of its own, and none says more than a person may know."""

from beneficiate.errors import Unauthorized
from beneficiate.sign_in_errors import ChallengeExpired, EnrolmentRequired, SecondFactorRequired, WrongCode


def test_each_has_a_code_of_its_own_and_means_that_nobody_is_signed_in():
    problems = (SecondFactorRequired("token", 600), EnrolmentRequired(), WrongCode(), ChallengeExpired())
    assert {problem.status for problem in problems} == {401}
    assert len({problem.code for problem in problems} | {Unauthorized.code}) == 5


def test_challenge_is_not_in_the_sentence():
    problem = SecondFactorRequired("token", 600)
    assert (problem.challenge, problem.expires_in_s) == ("token", 600)
    assert "token" not in str(problem)
