"""Telephone numbers in one form, that of E.164: `+573104428016`."""

import phonenumbers

PHONE_FORMAT = "Escriba un número de 10 cifras; si es de otro país, con + y su indicativo."
COUNTRY = "CO"
"""Of a number without a country's code."""
MAX_TYPED_CHARS = 40


def normalize_phone(text: str) -> str | None:
    """Return a number as it is stored; None for what no telephone has."""
    if len(text) > MAX_TYPED_CHARS:
        return None
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    is_valid = phonenumbers.is_valid_number(number) and not number.extension
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_valid else None
