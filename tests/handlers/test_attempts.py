"""Attempts that ended for another reason than a wrong code count neither as wrong nor as right."""

import pytest

from beneficiate.errors import Conflict
from beneficiate.handlers.attempts import AttemptOrigin, check_code, is_new_device
from beneficiate.models.accounts import SignInThrottle
from beneficiate.sign_in_errors import WrongCode
from tests.factories import agent


class Request:
    """What a check needs of a handler."""

    def __init__(self, context):
        self.context = context
        self.remote_address = "10.0.0.1"


@pytest.mark.gen_test
async def test_only_wrong_codes_count_and_a_right_one_forgives(server):
    handler, yuliana = Request(server.context), agent()
    origin = AttemptOrigin(yuliana.user.email, "")

    async def attempt(problem=None):
        async with check_code(handler, origin, yuliana.id):
            if problem:
                raise problem

    def failures():
        return sorted((row.failures, row.pending) for row in SignInThrottle.select())

    for left in ("Quedan 4 intentos.", "Quedan 3 intentos."):
        with pytest.raises(WrongCode, match=left):
            await attempt(WrongCode())
    with pytest.raises(Conflict):
        await attempt(Conflict())
    assert failures() == [(2, 0), (2, 0)]
    await attempt()
    # Those of the network stay.
    assert failures() == [(0, 0), (2, 0)]


@pytest.mark.gen_test
async def test_last_free_attempt_says_no_number(server):
    handler, yuliana = Request(server.context), agent()
    said = []
    for _ in range(5):
        with pytest.raises(WrongCode) as caught:
            async with check_code(handler, AttemptOrigin(yuliana.user.email, ""), yuliana.id):
                raise WrongCode
        said.append(caught.value.sentence.removeprefix(WrongCode.sentence).strip())
    assert said == ["Quedan 4 intentos.", "Quedan 3 intentos.", "Quedan 2 intentos.", "Queda 1 intento.", ""]


@pytest.mark.gen_test
async def test_device_is_new_until_somebody_has_signed_in_there(server):
    handler = Request(server.context)
    known = server.context.device_tokens.add("", "ana@x.co")
    assert is_new_device(handler, AttemptOrigin("ana@x.co", ""))
    assert not is_new_device(handler, AttemptOrigin("ana@x.co", known))
    assert is_new_device(handler, AttemptOrigin("luis@x.co", known))
