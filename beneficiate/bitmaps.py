"""Bitmaps of words: which of some thousand consecutive messages have a word, a bit for each.

Pure: built once for messages that do not change any more, and combined in memory.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby

MAX_FORMS = 8
"""Where more words than these begin so, they have a bitmap together: no prefix needs to read more than these."""
MERGED = "*"
"""The end of such a beginning among the words; folded words have none."""
MAX_MERGED_CHARS = 24
"""Of longer beginnings no bitmap is kept: words that have so many letters in common are few."""


def build_bitmaps(messages: Iterable[tuple[int, str]], first_id: int) -> dict[str, bytes]:
    """Return the bitmap of each word, and of each beginning of many words, in messages of (id, folded text)."""
    positions: dict[str, list[int]] = {}
    for id_, text in messages:
        for word in set(text.split()):
            positions.setdefault(word, []).append(id_ - first_id)
    bitmaps = {word: _pack(found) for word, found in positions.items()}
    for prefix, words in _group_by_prefix(sorted(positions), 1):
        bitmaps[prefix + MERGED] = _pack({one for word in words for one in positions[word]})
    return bitmaps


def decode_bitmap(packed: bytes) -> int:
    """Return a bitmap as a number, bit 0 the first message."""
    return int.from_bytes(zlib.decompress(packed), "little")


def iterate_bits(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, the highest first."""
    while bits:
        highest = bits.bit_length() - 1
        yield highest
        bits ^= 1 << highest


def _group_by_prefix(words: list[str], chars: int) -> Iterator[tuple[str, list[str]]]:
    """Yield each beginning, from this length on, that more than `MAX_FORMS` of the sorted words have, with these."""
    for prefix, group in groupby(words, key=lambda word: word[:chars]):
        same = list(group)
        if len(prefix) == chars and len(same) > MAX_FORMS:
            yield prefix, same
            if chars < MAX_MERGED_CHARS:
                yield from _group_by_prefix(same, chars + 1)


def _pack(positions: Iterable[int]) -> bytes:
    bits = bytearray()
    for position in positions:
        byte = position >> 3
        if byte >= len(bits):
            bits.extend(bytes(byte + 1 - len(bits)))
        bits[byte] |= 1 << (position & 7)
    return zlib.compress(bits, 1)
