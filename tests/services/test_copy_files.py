"""Rows are read again as they were added; chunks are read in pieces of any size."""

from io import BytesIO

import pytest

from beneficiate.queries.copied_data import COPIED_TABLES
from beneficiate.services.copy_files import ChunkReader, RowSpool

FIRST, SECOND = COPIED_TABLES[:2]


def test_rows_of_tables_are_read_again_in_any_order():
    spool = RowSpool(BytesIO())
    spool.add(FIRST, [{"a": 1}])
    spool.add(FIRST, [{"a": "dos\nlíneas"}, {"a": "\ud800"}])
    spool.add(SECOND, [])
    assert list(spool.read_rows(SECOND.code)) == []
    # Half a character, which UTF-8 cannot write.
    assert list(spool.read_rows(FIRST.code)) == [{"a": 1}, {"a": "dos\nlíneas"}, {"a": "?"}]
    assert spool.counts == {FIRST.code: 3, SECOND.code: 0}


@pytest.mark.parametrize("size", [1, 2, 3, 100, -1])
def test_chunks_are_read_in_pieces(size):
    reader = ChunkReader(iter([b"", b"ab", b"", b"cde", b"f"]))
    assert reader.readable()
    assert b"".join(iter(lambda: reader.read(size), b"")) == b"abcdef"
