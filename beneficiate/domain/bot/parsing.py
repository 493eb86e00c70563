"""Parsing of what was typed: which button, which command, which document."""

import re
import unicodedata
from itertools import takewhile
from typing import NamedTuple

from rapidfuzz import fuzz

from beneficiate.domain.bot.drafts import Choice
from beneficiate.domain.bot.vocabulary import (
    BUTTON_SYNONYMS,
    COMMAND_PHRASES,
    DOCUMENT_TYPE_WORDS,
    FILLER_WORDS,
    GREETINGS,
    MOVE_VERBS,
    MOVED_WORDS,
    NO_FILLERS,
    NO_SIGNS,
    NO_WORDS,
    PERSON_FILLERS,
    PERSON_VERBS,
    PERSONS,
    STORAGE_REFUSALS,
    THAT_ONE_WORDS,
    UNMOVED_WORDS,
    YES_FILLERS,
    YES_PHRASES,
    YES_SIGNS,
    YES_WORDS,
    BotCommand,
)
from beneficiate.domain.identity_documents import possible_numbers
from beneficiate.domain.visible_text import is_visible
from beneficiate.folding import fold

_SEARCHED_KEYS = ("city:", "specialty:")
_NAMED_KEYS = ("city", "specialty", "slot", "change", "patient", "doctor", "appointment")
_UNGUESSED_KEYS = (*_NAMED_KEYS, "own", "listed")
"""Names: one with a typo may be another name. Of a page of a list not even some words are enough (`listed`)."""
_KEYS = (*BUTTON_SYNONYMS, *_NAMED_KEYS, "listed", "yes", "no")
_BUTTON_ID = re.compile(rf"[0-9]+:(?:{'|'.join(_KEYS)})(?::.*)?", re.DOTALL)
_NUMBER = re.compile(r"(?:(?:la|el|opcion|numero) )*([0-9]{1,2})")
_MIN_TYPO_RATIO = 83.0
"""Of 100: one wrong letter in a word of six."""
_MIN_TYPO_TEXT_CHARS = 5

_MAX_REQUEST_WORDS, _MAX_WORDS_BETWEEN = 15, 4

_MAX_TEXT_CHARS = 20_000
_MIN_DOCUMENT_CHARS, _MAX_DOCUMENT_CHARS, _MAX_DOCUMENTS = 4, 20, 3


class Option(NamedTuple):
    """A button before it has an id."""

    key: str
    label: str


def clean_text(text: str) -> str:
    """Remove what cannot be seen or stored: control, format and surrogate characters, repeated spaces."""
    kept = (c if c == "\n" else " " if c.isspace() else c for c in text[:_MAX_TEXT_CHARS])
    plain = "".join(c for c in kept if c in "\n " or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "\n".join(line for line in (" ".join(line.split()) for line in plain.split("\n")) if line)


def count_visible_chars(text: str) -> int:
    """Return how many characters of a clean text are visible, without accents of their own."""
    return sum(is_visible(c) and not unicodedata.combining(c) for c in text)


def parse_command(text: str) -> BotCommand | None:
    """Return the command that the text is, spelt almost right; None for any other text."""
    folded = fold(text)
    for command, words in COMMAND_PHRASES.items():
        if folded in words:
            return command
    if len(folded) >= _MIN_TYPO_TEXT_CHARS:
        return next((command for command in COMMAND_PHRASES if fuzz.ratio(folded, command) >= _MIN_TYPO_RATIO), None)
    return None


def is_person_request(text: str) -> bool:
    """Return whether the text asks for a person: "¿puedo hablar con alguien?", "hay alguien"."""
    words = fold(text).split()
    if len(words) > _MAX_REQUEST_WORDS:
        return False
    persons = [at for at, word in enumerate(words) if word in PERSONS]
    verbs = [at for at, word in enumerate(words) if word in PERSON_VERBS and not _is_refused(words[:at])]
    return any(
        PERSON_FILLERS.issuperset(words[verb + 1 : person]) for verb in verbs for person in persons if verb < person
    )


def _is_refused(before: list[str]) -> bool:
    """Return whether the words before a verb refuse it: "no", "no quiero", "no me"."""
    if before[-2:-1] == ["no"]:
        return before[-1] in PERSON_VERBS | PERSON_FILLERS
    return before[-1:] == ["no"]


def is_move_request(text: str) -> bool:
    """Return whether the text asks to move an appointment: "¿puedo cambiar la cita del martes?"."""
    words = fold(text).split()
    verb = next((at for at, word in enumerate(words) if word in MOVE_VERBS), None)
    if verb is None or len(words) > _MAX_REQUEST_WORDS or "no" in words[max(0, verb - 2) : verb]:
        return False
    between = list(takewhile(lambda word: word not in MOVED_WORDS, words[verb + 1 :]))
    is_about_appointment = len(between) < len(words) - verb - 1
    return is_about_appointment and len(between) <= _MAX_WORDS_BETWEEN and UNMOVED_WORDS.isdisjoint(between)


def is_greeting(text: str) -> bool:
    """Return whether the text is only a greeting, or only says that an appointment is wanted."""
    return fold(text) in GREETINGS


def refuses_storage(text: str) -> bool:
    """Return whether the text says that it may not be stored."""
    padded = f" {fold(text)} "
    return any(f" {phrase} " in padded for phrase in STORAGE_REFUSALS)


def is_button_id(text: str) -> bool:
    """Return whether the text is the id of a button, of whatever question."""
    return _BUTTON_ID.fullmatch(text) is not None


def find_pressed_choice(option: str, choices: tuple[Choice, ...]) -> Choice | None:
    """Return the choice with this id, or with this label (older clients send the label)."""
    folded = fold(option)
    return next((c for c in choices if c.id == option), None) or next(
        (c for c in choices if folded and fold(c.label) == folded), None
    )


def match_option(text: str, options: tuple[Option, ...]) -> Option | None:
    """Return the option that was typed: its label, a synonym, its number, or enough of its words."""
    folded = fold(text)
    if not folded:
        return next((option for option in options if _is_sign_of(text, option)), None)
    for option in options:
        if folded == fold(option.label) or folded in BUTTON_SYNONYMS.get(option.key, ()) or _is_yes_or_no(text, option):
            return option
    number = _NUMBER.fullmatch(folded)
    if number and 0 < int(number[1]) <= len(options):
        return options[int(number[1]) - 1]
    if len(options) == 1 and folded in THAT_ONE_WORDS and options[0].key.startswith(_SEARCHED_KEYS):
        return options[0]
    return _match_by_words(folded, options) or _match_with_typo(folded, options)


def parse_documents(text: str) -> list[str]:
    """Return the documents that may be meant, the likeliest first: "CC 52.123.456" is 52123456."""
    folded = re.sub(r"(?<=[0-9]) (?=[0-9])", "", fold(text[: _MAX_DOCUMENT_CHARS * 10]))
    words = [word for word in folded.split() if word not in DOCUMENT_TYPE_WORDS]
    likely = sorted((word for word in words if re.search("[0-9]", word)), key=len, reverse=True)
    found = (number for word in (*likely, "".join(words)) for number in possible_numbers(word))
    return [
        word
        for word in dict.fromkeys(found)
        if _MIN_DOCUMENT_CHARS <= len(word) <= _MAX_DOCUMENT_CHARS and re.search("[0-9]", word)
    ][:_MAX_DOCUMENTS]


def _is_yes_or_no(text: str, option: Option) -> bool:
    """Return whether the text is only yes or no: "sí, pero…" and "¿está bien?" are not yes."""
    folded = fold(text)
    words = folded.split()
    if option.key == "yes":
        is_yes = not YES_WORDS.isdisjoint(words) and YES_WORDS.union(YES_FILLERS).issuperset(words)
        return "?" not in text and (is_yes or folded in YES_PHRASES)
    return option.key == "no" and words[0] in NO_WORDS and NO_WORDS.union(NO_FILLERS).issuperset(words)


def _is_sign_of(text: str, option: Option) -> bool:
    """Return whether the text consists of emoji that mean yes or no, once or several times, in any skin tone."""
    signs = {"yes": YES_SIGNS, "no": NO_SIGNS}.get(option.key, frozenset())
    shown = {one for one in text if is_visible(one) and unicodedata.category(one) != "Sk"}
    return bool(shown) and shown <= signs


def _match_by_words(folded: str, options: tuple[Option, ...]) -> Option | None:
    """Return the only named option that has all the typed words."""
    typed = set(folded.split()) - FILLER_WORDS
    fitting = [o for o in options if o.key.partition(":")[0] in _NAMED_KEYS and typed <= set(fold(o.label).split())]
    return fitting[0] if typed and len(fitting) == 1 else None


def _match_with_typo(folded: str, options: tuple[Option, ...]) -> Option | None:
    """Return a fixed option that was typed with a typo. Not a name: "En Albán" is not "En Albania"."""
    if len(folded) < _MIN_TYPO_TEXT_CHARS:
        return None
    fixed = (o for o in options if o.key.partition(":")[0] not in _UNGUESSED_KEYS)
    return next((o for o in fixed if fuzz.ratio(folded, fold(o.label)) >= _MIN_TYPO_RATIO), None)
