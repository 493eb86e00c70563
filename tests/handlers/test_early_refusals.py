"""Requests that are refused before their body has come."""

import pytest

from beneficiate.handlers.early_refusals import parse_content_length


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("10485760", 10_485_760), ("9" * 18, int("9" * 18))])
def test_announced_length_is_read(text, size):
    assert parse_content_length(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "٣", "9" * 19])
def test_length_that_is_none_counts_as_unannounced(text):
    assert parse_content_length(text) == 0
