"""Search of names as people type them: without accents, with typos, by prefix or by everyday name.

Pure: an index is built once from entries and searched in memory.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from rapidfuzz import fuzz, process

from beneficiate.folding import fold

MAX_HITS = 10
MIN_SIMILARITY = 76.0
"""Of 100: one wrong letter in a word of five passes (80), one in a word of four does not (75): "hola" is not "Tola"."""
_MIN_SURE_SIMILARITY = 90.0
"""Of 100: one letter missing in a word of six ("bogta")."""
_MAX_SIMILARITY_GAP = 12.0
_MAX_QUERY_CHARS = 80
_MAX_QUERY_WORDS = 12
MIN_FUZZY_CHARS = 4
"""A shorter word is similar to too many."""
SNIPPET_CHARS = 60
_WORD = re.compile(r"[^\W_]+")
_RANK_EXACT, _RANK_PREFIX, _RANK_WORDS, _RANK_MENTIONED, _RANK_FUZZY = range(5)


class IndexEntry(NamedTuple):
    """An entry of an index. The hint (a department) distinguishes entries of the same name."""

    id: int
    name: str
    hint: str = ""
    aliases: tuple[str, ...] = ()


class SearchHit(NamedTuple):
    """A result, with the label to show."""

    id: int
    label: str


def query_words(text: str) -> list[str]:
    """Return the folded words of a query; of a whole letter only the first twelve."""
    return fold(text[: _MAX_QUERY_CHARS * 4]).split()[:_MAX_QUERY_WORDS]


def matching_words(part: str, words: Collection[str]) -> set[str]:
    """Return the words with this prefix; if there is none, those with nearly this spelling.

    A number with another figure is another number, and often another person.
    """
    begun = {word for word in words if word.startswith(part)}
    return begun if begun or part.isdecimal() else {form for form, _ in _similar_spellings(part, list(words))}


def matches_query(query: str, text: str) -> bool:
    """Return whether each word of the query begins a word of the text or nearly is one. For some hundred texts.

    A query of signs alone, such as an emoji or `%`, is looked for as it is.
    """
    parts = query_words(query)
    if not parts:
        return query.strip() in text
    words = fold(text).split()
    return all(matching_words(part, words) for part in parts)


def extract_snippet(text: str, parts: Collection[str]) -> list[str]:
    """Return the part of a text where words begin with one of the folded `parts`: every second piece is such a word.

    At most `SNIPPET_CHARS` characters before the first one and three times as many after it.
    """
    found = [word.span() for word in _WORD.finditer(text) if any(map(fold(word[0]).startswith, parts))]
    first = found[0][0] if found else 0
    start = max(0, first - SNIPPET_CHARS)
    end = min(len(text), first + 3 * SNIPPET_CHARS)
    pieces, at = ["…" if start else ""], start
    for begins, ends in found:
        if ends <= end:
            pieces[-1] += text[at:begins]
            pieces += [text[begins:ends], ""]
            at = ends
    pieces[-1] += text[at:end] + ("…" if end < len(text) else "")
    return pieces


class NameIndex:
    """An index of names. Where nothing else decides, results keep the order of the entries."""

    def __init__(self, entries: Iterable[IndexEntry | tuple[int, str, str, tuple[str, ...]]]) -> None:
        self._entries = [IndexEntry(*entry) for entry in entries]
        self._folded = [fold(entry.name) for entry in self._entries]
        same = Counter(self._folded)
        self._labels = [
            f"{entry.name} ({entry.hint})" if entry.hint and same[name] > 1 else entry.name
            for entry, name in zip(self._entries, self._folded, strict=True)
        ]
        self._by_id = {entry.id: label for entry, label in zip(self._entries, self._labels, strict=True)}
        self._exact, self._words, self._words_and_hints = _SpellingIndex(), _SpellingIndex(), _SpellingIndex()
        for place, (entry, name) in enumerate(zip(self._entries, self._folded, strict=True)):
            for form in (name, fold(self._labels[place]), *map(fold, entry.aliases)):
                self._exact.add(form, place)
            for word in name.split():
                self._words.add(word, place)
            for word in (*name.split(), *fold(entry.hint).split()):
                self._words_and_hints.add(word, place)
        self._exact_spellings = list(self._exact.positions)
        self._long_words = [word for word in self._words.positions if len(word) > MIN_FUZZY_CHARS]

    def label_of(self, id_: int) -> str:
        """Return the label of an entry: with its hint where the name alone is ambiguous. Raises KeyError."""
        return self._by_id[id_]

    def search(self, text: str, limit: int = MAX_HITS) -> list[SearchHit]:
        """Return the best results first; none when nothing is similar.

        Exact names come first, then prefixes, then names with these words, mentioned names, similar spellings.
        """
        query = fold(text[: _MAX_QUERY_CHARS * 4])[:_MAX_QUERY_CHARS].strip()
        if not query:
            return []
        best: dict[int, tuple[int, float, int]] = {}
        for search_pass in (self._find_named, self._find_similar, self._find_similar_words):
            for place, rank, ratio in search_pass(query):
                key = (rank, -ratio, len(self._folded[place]))
                best[place] = min(key, best.get(place, key))
            if best and search_pass is not self._find_named:
                break
        places = sorted(best, key=lambda place: (*best[place], place))[: max(0, min(limit, MAX_HITS))]
        return [SearchHit(self._entries[place].id, self._labels[place]) for place in places]

    def find(self, text: str) -> SearchHit | None:
        """Return the only entry that is called so; with a typo, if it is the only similar one."""
        query = fold(text[:_MAX_QUERY_CHARS])
        places = self._exact.positions.get(query)
        if places is None:
            hits = self.search(text)
            similar = _similar_spellings(query, self._exact_spellings)
            if len(hits) != 1 or not similar or similar[0][1] < _MIN_SURE_SIMILARITY:
                return None
            return hits[0]
        if len(places) > 1:
            return None
        (place,) = places
        return SearchHit(self._entries[place].id, self._labels[place])

    def _find_named(self, query: str) -> Iterator[tuple[int, int, float]]:
        """Yield matches without a typo: a name, its prefix, the prefixes of its words, a name within a sentence."""
        for place in self._exact.positions.get(query, ()):
            yield place, _RANK_EXACT, 100.0
        for place in self._exact.positions_of_prefix(query):
            is_alias = not self._folded[place].startswith(query)
            yield place, _RANK_WORDS if is_alias else _RANK_PREFIX, 100.0
        words = query.split()[:_MAX_QUERY_WORDS]
        fitting = set.intersection(*(self._words_and_hints.positions_of_prefix(word) for word in words))
        if fitting:
            for place in fitting & set[int]().union(*(self._words.positions_of_prefix(word) for word in words)):
                whole = sum(place in self._words.positions.get(word, ()) for word in words)
                yield place, _RANK_WORDS, 100.0 * whole / len(words)
        for place in self._find_mentioned(words):
            yield place, _RANK_MENTIONED, 100.0

    def _find_mentioned(self, words: list[str]) -> set[int]:
        """Return the longest name that is contained in a sentence: "vivo en medellin"."""
        for size in range(len(words) - 1, 0, -1):
            for start in range(len(words) - size + 1):
                places = self._exact.positions.get(" ".join(words[start : start + size]))
                if places:
                    return places
        return set()

    def _find_similar(self, query: str) -> Iterator[tuple[int, int, float]]:
        """Yield whole names with typos."""
        for form, ratio in _similar_spellings(query, self._exact_spellings):
            for place in self._exact.positions[form]:
                yield place, _RANK_FUZZY, ratio

    def _find_similar_words(self, query: str) -> Iterator[tuple[int, int, float]]:
        """Yield names of which one word is in the sentence, with typos."""
        for word in query.split()[:_MAX_QUERY_WORDS]:
            for form, ratio in _similar_spellings(word, self._long_words) if len(word) > MIN_FUZZY_CHARS else ():
                for place in self._words.positions[form]:
                    yield place, _RANK_FUZZY, ratio


class _SpellingIndex:
    """Spellings and the positions of the entries that have them."""

    def __init__(self) -> None:
        self.positions: dict[str, set[int]] = {}
        self._sorted: list[str] = []

    def add(self, form: str, place: int) -> None:
        self.positions.setdefault(form, set()).add(place)

    def positions_of_prefix(self, part: str) -> set[int]:
        """Return the positions whose spelling has this prefix."""
        if len(self._sorted) != len(self.positions):
            self._sorted = sorted(self.positions)
        found: set[int] = set()
        for at in range(bisect_left(self._sorted, part), len(self._sorted)):
            if not self._sorted[at].startswith(part):
                break
            found |= self.positions[self._sorted[at]]
        return found


def _similar_spellings(query: str, spellings: list[str]) -> list[tuple[str, float]]:
    """Return the similar spellings with their score, none much worse than the best."""
    if len(query) < MIN_FUZZY_CHARS:
        return []
    found = process.extract(query, spellings, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=2 * MAX_HITS)
    return [(form, ratio) for form, ratio, _ in found if ratio >= found[0][1] - _MAX_SIMILARITY_GAP]
