"""Detection of words that mean an emergency.

False alarms are preferred: the answer "continuar" goes on. Typos of one letter are recognised.
"""

from functools import lru_cache

from rapidfuzz.distance import OSA

from beneficiate.folding import fold

_MIN_TYPO_CHARS = 5
_MAX_WORDS_BETWEEN = 4
_MAX_CHARS_READ = 2000
_NOT_TYPOS = frozenset(
    "hecho techo lecho derecho derecha mover salir muevo mueve murindo sangrado culebrilla".split()  # noqa: SIM905
)

_CONFUSED_INITIALS = {"h": "ho", "s": "sc", "c": "ck", "i": "ih", "a": "ah", "q": "qk"}
"""Letters that are confused at the beginning of a word; any other first letter makes another word."""

_RELATIVES = ("mama", "papa", "hijo", "hija", "bebe", "nino", "nina", "espos", "marid", "abuel", "herman", "senor")
_PARTNERS = ("espos", "marid", "novi", "pareja", "companer")

# Each matches when its stems begin words of the text in this order, with at most four words between two of them.
_EMERGENCY_PATTERNS: tuple[tuple[str, ...], ...] = (
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
    ("nopued", "respir"),
    ("no", "entra", "aire"),
    ("no", "pasa", "aire"),
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
    *((who, "no", "respond") for who in _RELATIVES),
    ("no", "reaccion"),
    ("no", "despiert"),
    ("cayo", "no", "levanta"),
    ("sangrando",),
    ("vomit", "sangr"),
    ("escup", "sangr"),
    ("boto", "sangr"),
    ("botando", "sangr"),
    ("embaraz", "sangr"),
    ("sangr", "abundan"),
    ("sangr", "much"),
    ("much", "sangr"),
    ("no", "para", "sangr"),
    ("no", "deja", "sangr"),
    ("hemorrag",),
    ("emorrag",),
    *((verb, "morir") for verb in ("quier", "quisier", "prefier", "kier", "voy")),
    ("morirme",),
    ("muero",),
    ("muriendo",),
    ("quier", "matar"),
    ("voy", "matar"),
    ("quit", "la", "vida"),
    ("no", "quier", "vivir"),
    ("no", "quier", "seguir"),
    ("acabar", "con", "mi", "vida"),
    ("acabar", "con", "todo"),
    ("cort", "venas"),
    ("suicid",),
    ("matarme",),
    ("hacer", "dano"),
    ("infart",),
    ("ataque", "corazon"),
    ("ataque", "cardia"),
    ("paro", "cardia"),
    ("duele", "corazon"),
    ("dolor", "corazon"),
    ("torci", "boca"),
    ("boca", "torcid"),
    *(("no", verb, limb) for verb in ("mover", "muev", "sient") for limb in ("brazo", "pierna", "cara")),
    ("cerr", "garganta"),
    ("hinch", "garganta"),
    ("hinch", "lengua"),
    ("atragant",),
    ("derrame",),
    ("trombosis",),
    ("cerebrovascular",),
    ("acv",),
    ("sobredosis",),
    ("envenen",),
    ("veneno",),
    ("intoxic",),
    ("todas", "pastillas"),
    ("muchas", "pastillas"),
    ("frasco", "pastillas"),
    ("picadura", "alacran"),
    ("pico", "alacran"),
    ("culebra",),
    ("serpiente",),
    ("violaron",),
    ("violada",),
    ("abusaron",),
    ("abuso", "sexual"),
    ("golpeando",),
    *((who, "pego") for who in _PARTNERS),
    *((who, "pega") for who in _PARTNERS),
    *((who, "golpe") for who in _PARTNERS),
    ("emergencia",),
    ("urgencia",),
    ("urgente",),
    ("auxilio",),
    ("ambulancia",),
)


_STEMS = sorted({stem for pattern in _EMERGENCY_PATTERNS for stem in pattern})
_PATTERNS_BY_FIRST_STEM = {
    first: [pattern for pattern in _EMERGENCY_PATTERNS if pattern[0] == first] for first, *_ in _EMERGENCY_PATTERNS
}


def is_emergency(text: str) -> bool:
    """Return whether the text mentions an emergency."""
    found: dict[str, set[int]] = {}
    for at, word in enumerate(fold(text[:_MAX_CHARS_READ]).split()):
        for stem in _find_stems(word):
            found.setdefault(stem, set()).add(at)
    return any(
        _is_in_order([found.get(stem, set()) for stem in pattern])
        for first in found
        for pattern in _PATTERNS_BY_FIRST_STEM.get(first, ())
    )


def _is_in_order(found: list[set[int]]) -> bool:
    """Return whether a position of each set follows one of the set before, with at most four words between."""
    reached = found[0]
    for places in found[1:]:
        reached = {at for at in places if any(at - gap in reached for gap in range(1, _MAX_WORDS_BETWEEN + 2))}
    return bool(reached)


@lru_cache(maxsize=4096)  # people use the same words: a message takes some microseconds instead of a millisecond
def _find_stems(word: str) -> tuple[str, ...]:
    """Return the stems that a word begins with."""
    return tuple(
        stem for stem in _STEMS if word[0] in _CONFUSED_INITIALS.get(stem[0], stem[0]) and _begins_with_stem(word, stem)
    )


def _begins_with_stem(word: str, stem: str) -> bool:
    """Return whether a word begins with the stem; a long one may have one wrong, missing, doubled or swapped letter."""
    if word.startswith(stem):
        return len(stem) > 3 or word == stem
    if len(stem) < _MIN_TYPO_CHARS or word in _NOT_TYPOS:
        return False
    lengths = range(len(stem) - 1, len(stem) + 2)
    return any(OSA.distance(word[:length], stem, score_cutoff=1) <= 1 for length in lengths)
