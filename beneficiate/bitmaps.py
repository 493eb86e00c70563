"""Bitmaps of words: which of some thousand consecutive messages have a word, a bit for each.

Pure: built once for messages that do not change any more, and combined in memory.
"""

import zlib
from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import groupby
from operator import or_

MAX_FORMS = 8
"""Where more words than these begin so, they have a bitmap together: no prefix needs to read more than these."""
MERGED = "*"
"""The end of such a beginning among the words; folded words have none."""
MAX_MERGED_CHARS = 24
"""Of longer beginnings no bitmap is kept: words that have so many letters in common are few."""
_WINDOW_BITS = 10


def build_bitmaps(messages: Iterable[tuple[int, str]], first_id: int) -> dict[str, bytes]:
    """Return the bitmap of each word, and of each beginning of many words, in messages of (id, folded text)."""
    bits: dict[str, int] = {}
    for id_, text in messages:
        bit = 1 << (id_ - first_id)
        for word in text.split():
            bits[word] = bits.get(word, 0) | bit
    bitmaps = {word: _encode_bitmap(found) for word, found in bits.items()}
    for prefix, words in _group_by_prefix(sorted(bits), 1):
        bitmaps[prefix + MERGED] = _encode_bitmap(reduce(or_, (bits[word] for word in words)))
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


def _encode_bitmap(bits: int) -> bytes:
    # A window of 1 KB, which is all that a segment needs: the usual one of 32 KB takes longer to set up than to fill.
    compressor = zlib.compressobj(1, zlib.DEFLATED, _WINDOW_BITS, 1)
    return compressor.compress(bits.to_bytes((bits.bit_length() + 7) // 8, "little")) + compressor.flush()
