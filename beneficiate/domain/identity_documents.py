"""Identity documents of Colombia: one normal form for each type, however the number was typed.

Members, beneficiaries, the staff's searches and the bot use this form, so that one document is one person.
"""

import re
import unicodedata
from typing import NamedTuple


class NumberFormat(NamedTuple):
    """What the number of a type consists of: digits without leading zeros, or letters and digits."""

    min_chars: int
    max_chars: int
    has_letters: bool = False


DOCUMENT_FORMATS = {
    "CC": NumberFormat(4, 10),
    "TI": NumberFormat(10, 11),
    "RC": NumberFormat(6, 11),
    "CE": NumberFormat(4, 10),
    "PPT": NumberFormat(4, 10),
    "PEP": NumberFormat(13, 15),
    "NIT": NumberFormat(8, 10),
    "PASSPORT": NumberFormat(5, 20, has_letters=True),
    "OTHER": NumberFormat(4, 20, has_letters=True),
}
DOCUMENT_TYPES = tuple(DOCUMENT_FORMATS)
_SHORT_NAMES = {"PASSPORT": "Pasaporte", "OTHER": "Otro documento"}
"""What people read instead of these codes; the others are known by theirs."""
_MAX_TYPED_CHARS = 64
_PREFIX_TYPES = {
    "CC": "CC",
    "TI": "TI",
    "RC": "RC",
    "CE": "CE",
    "PPT": "PPT",
    "PEP": "PEP",
    "NIT": "NIT",
    "CEDULADECIUDADANIA": "CC",
    "CEDULADEEXTRANJERIA": "CE",
    "CEDULA": "",
    "TARJETADEIDENTIDAD": "TI",
    "REGISTROCIVIL": "RC",
    "NUIP": "",
    "PASAPORTE": "PASSPORT",
    "PASSPORT": "PASSPORT",
    "DOCUMENTO": "",
    "NUMERO": "",
    "NO": "",
    "N": "",
}
"""Words before a number and the type they name; "" for those that name none."""
_PREFIX_WORD = re.compile("|".join(sorted(_PREFIX_TYPES, key=len, reverse=True)))
_PREFIX = re.compile(f"(?:{_PREFIX_WORD.pattern})+(?=[0-9])")
_WORD_PREFIX = re.compile(r"(?:PASAPORTE|PASSPORT)(?=[A-Z0-9])")
_SEPARATORS = re.compile(r"[\s.,:#'’´°º_-]|\u00ad")
_DECIMALS = re.compile(r"(?:PASAPORTE|PASSPORT)?[^A-Z0-9]*[0-9.,\s]*[.,][0-9]{1,2}")
"""A number as programs of tables write it: its decimals would be read as digits. Thousands have three after the dot."""
_NO_DIGITS = re.compile(r"\A[^0-9]+")
_NIT_CHECK_DIGIT = re.compile(r"(?<=[0-9])\s*-\s*[0-9]\s*$")


def normalize_document(document_type: str, typed: str) -> str | None:
    """Return a number as it is stored; None when it is no number of this type.

    A prefix may be there if it is of this type: `CC 52.123.456`. The check digit of a NIT is left out. Decimals are not
    guessed: `52123456.0` is no number.
    """
    number_format = DOCUMENT_FORMATS.get(document_type)
    if number_format is None or len(typed) > _MAX_TYPED_CHARS:
        return None
    plain = _plain_capitals(typed)
    if document_type == "NIT":
        plain = _NIT_CHECK_DIGIT.sub("", plain)
    if _DECIMALS.fullmatch(plain if number_format.has_letters else _NO_DIGITS.sub("", plain)):
        return None
    number = _SEPARATORS.sub("", plain)
    if number_format.has_letters:
        number = _WORD_PREFIX.sub("", number)
    elif prefix := _PREFIX.match(number):
        if not {_PREFIX_TYPES[word] for word in _PREFIX_WORD.findall(prefix[0])} <= {"", document_type}:
            return None
        number = number[prefix.end() :]
    if number.isdecimal():
        number = number.lstrip("0")
    is_written_right = re.fullmatch("[A-Z0-9]+" if number_format.has_letters else "[0-9]+", number)
    is_long_enough = number_format.min_chars <= len(number) <= number_format.max_chars
    return number if is_written_right and is_long_enough and re.search("[0-9]", number) else None


def short_type_name(document_type: str) -> str:
    """Return a type as people read it before a number: `CC`, `Pasaporte`."""
    return _SHORT_NAMES.get(document_type, document_type)


def write_document(document_type: str, number: str) -> str:
    """Return a document as people read it: `CC 52123456`; the number may be masked."""
    return f"{short_type_name(document_type)} {number}"


def describe_format(document_type: str) -> str:
    """Return the sentence that says how a number of this type is written."""
    number_format = DOCUMENT_FORMATS[document_type]
    letters = "letras y números" if number_format.has_letters else "dígitos"
    return f"Escriba solo el número: de {number_format.min_chars} a {number_format.max_chars} {letters}."


def possible_numbers(typed: str) -> list[str]:
    """Return the stored forms that a search text may mean, whatever its type; none without letters and digits.

    `CC123456` may be a cédula or a passport whose letters are CC, so both are returned.
    """
    if len(typed) > _MAX_TYPED_CHARS:
        return []
    number = _SEPARATORS.sub("", _plain_capitals(typed))
    if not re.fullmatch("[A-Z0-9]+", number):
        return []
    number = _WORD_PREFIX.sub("", number)
    prefix = _PREFIX.match(number)
    bare = number[prefix.end() :] if prefix else number
    found = (form.lstrip("0") if form.isdecimal() else form for form in (bare, number))
    return [form for form in dict.fromkeys(found) if form]


def _plain_capitals(typed: str) -> str:
    """Return the text in capitals without accents, full-width letters and digits as plain ones."""
    decomposed = unicodedata.normalize("NFKD", typed)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).upper().strip()
