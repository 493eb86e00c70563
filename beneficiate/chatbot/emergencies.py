"""Words after which nobody should wait for an appointment.

It rather asks once too often: an answer "continuar" goes on. Typos of one letter are heard.
"""

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from beneficiate.search import fold

_SHORTEST_TYPO = 5
_GAP = 4
_READ = 2000
_NO_TYPO = {"hecho", "techo", "lecho", "derecho", "derecha", "mover", "salir"}

_FIRST = {"h": "ho", "s": "sc", "c": "ck", "i": "ih", "a": "ah", "q": "qk"}
"""Letters that are mistaken for each other at the beginning of a word; any other first letter is another word."""

# Each is heard when its stems begin words of the text in this order, with at most four words between two of them.
_SIGNS: tuple[tuple[str, ...], ...] = (
    ("dolor", "pecho"),
    ("duele", "pecho"),
    ("presion", "pecho"),
    ("opresi", "pecho"),
    ("punzada", "pecho"),
    ("pecho", "duele"),
    ("pecho", "aprieta"),
    ("no", "pued", "respir"),
    ("no", "logr", "respir"),
    ("no", "respir"),
    ("dificult", "respir"),
    ("cuesta", "respir"),
    ("ahog",),
    ("asfixi",),
    ("falta", "aire"),
    ("sin", "aire"),
    ("desmay",),
    ("desvanec",),
    ("inconscien",),
    ("perdi", "conocimiento"),
    ("perdi", "conciencia"),
    ("convuls",),
    ("combuls",),
    ("sangr", "abundan"),
    ("sangr", "much"),
    ("much", "sangr"),
    ("no", "para", "sangr"),
    ("no", "deja", "sangr"),
    ("hemorrag",),
    ("emorrag",),
    ("quier", "morir"),
    ("quier", "matar"),
    ("quit", "la", "vida"),
    ("no", "quier", "vivir"),
    ("acabar", "con", "mi", "vida"),
    ("suicid",),
    ("matarme",),
    ("hacerme", "dano"),
    ("infart",),
    ("ataque", "corazon"),
    ("ataque", "cardia"),
    ("paro", "cardia"),
    ("derrame",),
    ("trombosis",),
    ("cerebrovascular",),
    ("acv",),
    ("sobredosis",),
    ("envenen",),
)


def is_emergency(text: str) -> bool:
    """Whether the text speaks of an emergency."""
    words = fold(text[:_READ]).split()
    return any(_is_heard(sign, words) for sign in _SIGNS)


def _is_heard(sign: tuple[str, ...], words: list[str]) -> bool:
    reached = list(_places(sign[0], words, range(len(words))))
    for stem in sign[1:]:
        near = {at for place in reached for at in range(place + 1, min(place + _GAP + 2, len(words)))}
        reached = list(_places(stem, words, sorted(near)))
    return bool(reached)


def _places(stem: str, words: list[str], where: range | list[int]) -> Iterator[int]:
    return (at for at in where if _begins(words[at], stem))


def _begins(word: str, stem: str) -> bool:
    """Whether a word begins with the stem; one wrong, missing, doubled or swapped letter is forgiven in a long one."""
    if word.startswith(stem):
        return len(stem) > 3 or word == stem
    if len(stem) < _SHORTEST_TYPO or word in _NO_TYPO or word[0] not in _FIRST.get(stem[0], stem[0]):
        return False
    lengths = range(len(stem) - 1, len(stem) + 2)
    return any(OSA.distance(word[:length], stem, score_cutoff=1) <= 1 for length in lengths)
