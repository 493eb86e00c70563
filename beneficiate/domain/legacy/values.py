"""Values of the old service in our form: texts, dates, times, documents, amounts. Nothing is guessed.

Its columns are free text: capitals, accents, dots and spaces say nothing. Times have no zone.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import ftfy

from beneficiate.domain.dates import parse_typed_date
from beneficiate.domain.identity_documents import (
    DOCUMENT_TYPES,
    describe_format,
    normalize_document,
    short_type_name,
)
from beneficiate.domain.registrations import clean_name
from beneficiate.folding import fold

MIN_BIRTH_YEAR = 1900
MAX_AMOUNT = 2_000_000_000
"""Pesos that the columns for amounts hold."""
_FIRST_INSTANT, _LAST_INSTANT = datetime(1990, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)
_SUSPECT = re.compile(r"[\u0080-\u00ff\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")
"""What UTF-8 that was read as Latin-1 or Windows-1252 has: without one of these a text is left alone."""
_WRITTEN_HERE = frozenset(map(chr, (*range(0x80), *range(0xA0, 0x100), *range(0x2010, 0x2027), 0x20AC, 0x2122)))
"""Latin letters, punctuation and signs: `QUÉ¡` is also the UTF-8 of a phonetic letter, which nobody here has meant."""
_EMOJI = re.compile(r"[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
_ENCODING_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    restore_byte_a0=True,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=True,
    fix_c1_controls=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
_ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?")
_DOCUMENT_TYPES = {
    "cedula": "CC",
    "cedulaciudadania": "CC",
    "ceduladeciudadania": "CC",
    "tarjetaidentidad": "TI",
    "tarjetadeidentidad": "TI",
    "registrocivil": "RC",
    "cedulaextranjeria": "CE",
    "ceduladeextranjeria": "CE",
    "pasaporte": "PASSPORT",
    "pa": "PASSPORT",
    "otro": "OTHER",
    "otra": "OTHER",
    **{code.lower(): code for code in DOCUMENT_TYPES},
}
_WEEKDAYS = {
    name: number
    for names in (
        ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    )
    for number, name in enumerate(names)
}


class Refused(Exception):
    """A row that cannot be imported: its only argument is the reason, a sentence without data of anybody."""

    @property
    def reason(self) -> str:
        """The sentence."""
        return str(self.args[0])


def repair_text(value: object) -> str:
    """Return a text; one whose UTF-8 was read as another encoding is read again. Nothing else is changed."""
    text = "" if value is None else str(value)
    if not _SUSPECT.search(text):
        return text
    repaired = ftfy.fix_encoding(text, config=_ENCODING_ONLY)
    return repaired if _WRITTEN_HERE.issuperset(set(repaired) - set(text)) or _has_emoji(repaired) else text


def _has_emoji(text: str) -> bool:
    return _EMOJI.search(text) is not None


def repair_line(value: object) -> str:
    """Return a text of one line, with single spaces."""
    return clean_name(repair_text(value))


def fold_word(value: object) -> str:
    """Return a text of free form as such are compared: letters and digits without accents and capitals."""
    return fold(repair_text(value)).replace(" ", "")


def to_instant(value: object, zone: tzinfo) -> datetime | None:
    """Return a time without zone, which was written in `zone`, in UTC; a day is its beginning. None for none.

    None too for what is not between 1990 and 2199, as `infinity`, and for texts.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime) or not 1990 <= value.year < 2199:
        return None
    instant = (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    return instant if _FIRST_INSTANT <= instant < _LAST_INSTANT else None


def parse_birth_date(value: object, today: date) -> tuple[date | None, bool]:
    """Return a day of birth, and whether the value was one or empty. ISO, or day first."""
    text = repair_line(value.isoformat() if isinstance(value, date) else value)
    if not text:
        return None, True
    iso = _ISO_DAY.fullmatch(text)
    day = parse_typed_date(iso[1] if iso else text)
    is_possible = day is not None and day.year >= MIN_BIRTH_YEAR and day <= today
    return (day, True) if is_possible else (None, False)


def parse_document(typed_type: object, typed_number: object) -> tuple[str, str]:
    """Return the type and the number of a document as the forms store them. Raises Refused."""
    document_type = _DOCUMENT_TYPES.get(fold_word(typed_type))
    if document_type is None:
        raise Refused("El tipo de documento no es uno de los conocidos.")
    typed = repair_line(typed_number)
    if not typed:
        raise Refused("No tiene número de documento.")
    number = normalize_document(document_type, typed)
    if number is None:
        raise Refused(f"El número no es válido ({short_type_name(document_type)}). {describe_format(document_type)}")
    return document_type, number


def complete_township_code(value: object) -> str:
    """Return a DIVIPOLA code with the zero in front that a number loses: `5001` is `05001`. Empty for what is none."""
    text = repair_line(value)
    return text.zfill(5) if re.fullmatch("[0-9]{4,5}", text) else ""


def parse_amount(value: object) -> tuple[int, int]:
    """Return an amount of pesos with decimals in whole pesos, half a peso up, and in cents. Raises Refused."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise Refused("El valor no es un número.") from None
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        raise Refused("El valor no está entre 0 y 2.000 millones de pesos.")
    cents = (amount * 100).to_integral_value(ROUND_HALF_UP)
    return int(amount.to_integral_value(ROUND_HALF_UP)), int(cents)


def parse_count(value: object, most: int) -> int | None:
    """Return a whole number from 0 to `most`, None for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= most else None  # type: ignore[operator, return-value]


def parse_weekday(value: object) -> int | None:
    """Return the day of the week of a Spanish or English name, Monday as 0; None for any other text."""
    return _WEEKDAYS.get(fold_word(value))


def to_minutes(value: object) -> int | None:
    """Return the minutes since midnight of a time of the day; one second before midnight is its end."""
    if not isinstance(value, time):
        return None
    moment = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return 24 * 60 if moment >= timedelta(hours=23, minutes=59) else int(moment.total_seconds()) // 60
