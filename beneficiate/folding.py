"""Text as it is compared and searched: without accents, capitals and punctuation."""

import json
import re
import unicodedata

MAX_WORD_CHARS = 100
NATIONAL_PHONE_DIGITS = 10
"""A Colombian telephone number without the country's code, +57."""
MEMBER_NAME, BENEFICIARY_NAME, MEMBER_PHONE = "member", "beneficiary", "phone"
"""What a word of a person is."""


def fold(text: str) -> str:
    """Return the text in lower case, without accents; whatever is neither letter nor digit becomes one space."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.sub(r"[^\w\s]|_", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def fold_name(text: str) -> str:
    """Return a name as names are compared: without accents, capitals and punctuation; symbols such as `+` count."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = (" " if unicodedata.category(c)[0] == "P" else c for c in plain if not unicodedata.combining(c))
    return " ".join("".join(kept).split()) or text


def fold_code(text: str) -> str:
    """Return a code as codes are compared: its letters and digits."""
    return fold(text).replace(" ", "") or text


def national_number(text: str) -> str:
    """Return the last ten digits of a telephone number, however it is written."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))[-NATIONAL_PHONE_DIGITS:]


def list_person_words(name_kind: str, first_name: str, last_name: str, phone: str) -> str:
    """Return what a person is found by, as a JSON array of (kind, word, word backwards): a function of SQLite."""
    words = {word[:MAX_WORD_CHARS] for word in fold(f"{first_name} {last_name}").split()}
    found = [(name_kind, word) for word in sorted(words)]
    number = national_number(phone)
    if number:
        found.append((MEMBER_PHONE, number))
    return json.dumps([(kind, word, word[::-1]) for kind, word in found])
