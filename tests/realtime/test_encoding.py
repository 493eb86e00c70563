"""A frame is a text frame of RFC 6455 with the length of its text."""

import pytest

from beneficiate.realtime.encoding import build_text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frame_states_its_length_as_rfc_6455_defines(size):
    frame = build_text_frame(b"a" * size)

    head, short = frame[0], frame[1]
    length, start = (
        (short, 2)
        if short < 126
        else (int.from_bytes(frame[2:4], "big"), 4)
        if short == 126
        else (int.from_bytes(frame[2:10], "big"), 10)
    )
    assert head == 0x81
    assert length == size
    assert len(frame) == start + size
    assert short < 126 if size < 126 else short == 126 if size < 65_536 else short == 127
