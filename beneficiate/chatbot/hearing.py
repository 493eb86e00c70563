"""Understanding what was typed: which button, which command, which document, how much of it can be seen."""

import re
import unicodedata
from typing import NamedTuple

from rapidfuzz import fuzz

from beneficiate.chatbot.drafts import Choice
from beneficiate.chatbot.words import (
    COMMANDS,
    DOCUMENT_TYPES,
    EMPTY,
    GREETINGS,
    NO,
    NO_AROUND,
    SYNONYMS,
    THAT_ONE,
    YES,
    YES_AROUND,
    YES_PHRASES,
    Command,
)
from beneficiate.search import fold

_SEARCHED_KEYS = ("city:", "specialty:")
_NAMED_KEYS = ("city", "specialty", "slot", "change")
_KEYS = (*SYNONYMS, *_NAMED_KEYS, "yes", "no")
_ID = re.compile(rf"[0-9]+:(?:{'|'.join(_KEYS)})(?::.*)?", re.DOTALL)
_NUMBER = re.compile(r"(?:(?:la|el|opcion|numero) )*([0-9]{1,2})")
_ALMOST = 83.0
"""Of 100: one wrong letter in a word of six."""
_SHORTEST_ALMOST = 5

_LONGEST = 20_000
_SHORTEST_DOCUMENT, _LONGEST_DOCUMENT, _DOCUMENTS = 4, 20, 3


class Option(NamedTuple):
    """A button before it has an id."""

    key: str
    label: str


def clean(text: str) -> str:
    """The text without what cannot be seen or stored: control, format and surrogate characters, spaces in a row."""
    kept = (c if c == "\n" else " " if c.isspace() else c for c in text[:_LONGEST])
    plain = "".join(c for c in kept if c in "\n " or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "\n".join(line for line in (" ".join(line.split()) for line in plain.split("\n")) if line)


def visible(text: str) -> int:
    """How many characters of a clean text can be seen."""
    return sum(not c.isspace() and not unicodedata.combining(c) for c in text)


def command_in(text: str) -> Command | None:
    """The command that the text is, spelt almost right."""
    folded = fold(text)
    for command, words in COMMANDS.items():
        if folded in words:
            return command
    if len(folded) >= _SHORTEST_ALMOST:
        return next((command for command in COMMANDS if fuzz.ratio(folded, command) >= _ALMOST), None)
    return None


def is_greeting(text: str) -> bool:
    """Whether the text only says hello, or that an appointment is wanted."""
    return fold(text) in GREETINGS


def is_button_id(text: str) -> bool:
    """Whether the text is the id of some button, of whatever question."""
    return _ID.fullmatch(text) is not None


def pressed(option: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice of this id, or with this text (an older client sends the text)."""
    folded = fold(option)
    return next((c for c in choices if c.id == option), None) or next(
        (c for c in choices if folded and fold(c.label) == folded), None
    )


def meant(text: str, options: tuple[Option, ...]) -> Option | None:
    """The option that was typed: its text, another word for it, its number, or enough of its words."""
    folded = fold(text)
    if not folded:
        return None
    for option in options:
        if folded == fold(option.label) or folded in SYNONYMS.get(option.key, ()) or _is_yes_or_no(text, option):
            return option
    number = _NUMBER.fullmatch(folded)
    if number and 0 < int(number[1]) <= len(options):
        return options[int(number[1]) - 1]
    if len(options) == 1 and folded in THAT_ONE and options[0].key.startswith(_SEARCHED_KEYS):
        return options[0]
    return _by_words(folded, options) or _almost(folded, options)


def documents(text: str) -> list[str]:
    """The documents that may be meant, the likeliest first: "CC 52.123.456" is 52123456."""
    folded = re.sub(r"(?<=[0-9]) (?=[0-9])", "", fold(text[: _LONGEST_DOCUMENT * 10]))
    words = [word for word in folded.split() if word not in DOCUMENT_TYPES]
    likely = sorted((word for word in words if re.search("[0-9]", word)), key=len, reverse=True)
    bare = [re.sub("^[a-z]+", "", word) for word in likely if re.match("(?:cc|ti|ce|rc|nit)[0-9]+$", word)]
    found = (word.upper() for word in (*bare, *likely, "".join(words)))
    return [
        word
        for word in dict.fromkeys(found)
        if _SHORTEST_DOCUMENT <= len(word) <= _LONGEST_DOCUMENT and re.search("[0-9]", word)
    ][:_DOCUMENTS]


def _is_yes_or_no(text: str, option: Option) -> bool:
    """Whether it says yes or no and nothing else: "sí, pero…" and "¿está bien?" are no yes."""
    folded = fold(text)
    words = folded.split()
    if option.key == "yes":
        is_yes = not YES.isdisjoint(words) and YES.union(YES_AROUND).issuperset(words)
        return "?" not in text and (is_yes or folded in YES_PHRASES)
    return option.key == "no" and words[0] in NO and NO.union(NO_AROUND).issuperset(words)


def _by_words(folded: str, options: tuple[Option, ...]) -> Option | None:
    """The only one of the named options that has all the typed words."""
    typed = set(folded.split()) - EMPTY
    fitting = [o for o in options if o.key.partition(":")[0] in _NAMED_KEYS and typed <= set(fold(o.label).split())]
    return fitting[0] if typed and len(fitting) == 1 else None


def _almost(folded: str, options: tuple[Option, ...]) -> Option | None:
    """A fixed option with a typo. Not one's own city: "En Albán" is no "En Albania"."""
    if len(folded) < _SHORTEST_ALMOST:
        return None
    fixed = (o for o in options if o.key.partition(":")[0] not in (*_NAMED_KEYS, "own"))
    return next((o for o in fixed if fuzz.ratio(folded, fold(o.label)) >= _ALMOST), None)
