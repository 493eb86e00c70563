"""Commands of the staff accept what they document and nothing else."""

from beneficiate.protocol.desk_tools import MAX_MENTIONS, MAX_TAG_CHARS, AddNote, TagChat
from tests.protocol.fields import is_valid


def test_note_mentions_are_optional_and_limited():
    assert is_valid(AddNote, mentions=...)
    assert is_valid(AddNote, mentions=list(range(1, MAX_MENTIONS + 1)))
    assert not is_valid(AddNote, mentions=list(range(1, MAX_MENTIONS + 2)))


def test_tag_is_short_and_not_empty():
    assert [is_valid(TagChat, tag="a" * size) for size in (0, 1, MAX_TAG_CHARS, MAX_TAG_CHARS + 1)] == [
        False,
        True,
        True,
        False,
    ]
