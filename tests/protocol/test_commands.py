"""Commands about chats and connections accept what they document and nothing else."""

import pytest

from beneficiate.protocol.commands import Authenticate, MarkRead, OpenChat, Resume, SendMessage, SendSupportMessage
from tests.protocol.fields import is_valid


@pytest.mark.parametrize("struct", [SendMessage, SendSupportMessage])
def test_message_has_1_to_4000_characters(struct):
    assert [is_valid(struct, message="a" * size) for size in (0, 1, 4000, 4001)] == [False, True, True, False]
    assert [is_valid(struct, client_id="c" * size) for size in (0, 1, 64, 65)] == [False, True, True, False]


@pytest.mark.parametrize("struct", [SendMessage, OpenChat, MarkRead])
def test_fields_of_old_clients_are_accepted_in_any_shape(struct):
    assert is_valid(struct, sender_type={"any": ["shape"]}, status=None, sent_at=1756135860000)
    assert not is_valid(struct, surprise=1)


def test_resume_is_limited_to_1000_chats():
    assert is_valid(Resume, chats={str(number): 0 for number in range(1, 1001)})
    assert not is_valid(Resume, chats={str(number): 0 for number in range(1, 1002)})


def test_token_may_be_long_but_not_endless():
    assert [is_valid(Authenticate, token="t" * size) for size in (1, 4096, 4097)] == [True, True, False]
