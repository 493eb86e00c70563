"""Bitmaps of words."""

from hypothesis import given
from hypothesis import strategies as st

from beneficiate.bitmaps import MAX_FORMS, MAX_MERGED_CHARS, MERGED, build_bitmaps, decode_bitmap, iterate_bits

WORDS = st.text("abñ", min_size=1, max_size=5)


def ids_of(bitmaps, word, first_id=100):
    return [first_id + position for position in iterate_bits(decode_bitmap(bitmaps[word]))]


@given(st.dictionaries(st.integers(100, 400), st.lists(WORDS, max_size=8)))
def test_every_word_has_the_messages_that_contain_it_the_newest_first(words_by_id):
    bitmaps = build_bitmaps(((id_, " ".join(words)) for id_, words in words_by_id.items()), 100)
    every = {word for words in words_by_id.values() for word in words}
    assert {word for word in bitmaps if not word.endswith(MERGED)} == every
    for word in every:
        assert ids_of(bitmaps, word) == sorted(
            (id_ for id_, words in words_by_id.items() if word in words), reverse=True
        )
    for prefix in {word[:size] for word in every for size in range(1, 6)}:
        forms = {word for word in every if word.startswith(prefix)}
        assert (prefix + MERGED in bitmaps) == (len(forms) > MAX_FORMS)
        if len(forms) > MAX_FORMS:
            having = [id_ for id_, words in words_by_id.items() if forms & set(words)]
            assert ids_of(bitmaps, prefix + MERGED) == sorted(having, reverse=True)


def test_beginnings_have_a_limited_length():
    common = "x" * 50
    bitmaps = build_bitmaps([(100, " ".join(f"{common}{number}" for number in range(MAX_FORMS + 1)))], 100)
    assert max(len(word) for word in bitmaps if word.endswith(MERGED)) == MAX_MERGED_CHARS + len(MERGED)


def test_bitmap_of_a_word_that_few_messages_have_is_short():
    bitmaps = build_bitmaps([(id_, "hola" if id_ == 8291 else "cita") for id_ in range(100, 8292)], 100)
    assert len(bitmaps["hola"]) < 40
    assert ids_of(bitmaps, "hola") == [8291]
