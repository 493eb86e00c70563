"""What somebody types to register, and what is wrong with it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from beneficiate.domain.administration import clean_line, describe_name_problem
from beneficiate.domain.email_addresses import ADDRESS_FORMAT, encode_email_address, normalize_email_address
from beneficiate.domain.identity_documents import describe_format, normalize_document
from beneficiate.domain.phones import PHONE_FORMAT, normalize_phone

ADULT_DOCUMENT_TYPES = ("CC", "CE", "PPT", "PEP", "PASSPORT")
ADULT_AGE, OLDEST_AGE = 18, 120
MAX_NAME_CHARS = 60
MINOR = (
    "Para tener una cuenta debe haber cumplido 18 años. Pídale a su acudiente que cree la suya y lo agregue como "
    "beneficiario."
)
CONSENT_NEEDED = "Sin esta autorización no podemos afiliarlo. Márquela si está de acuerdo."


@dataclass(frozen=True, slots=True)
class RegistrationFields:
    """Somebody who registers, in the form in which it is stored."""

    document_type: str
    document_number: str
    first_name: str
    last_name: str
    birth_date: date
    phone: str
    email: str


def parse_registration(typed: Mapping[str, str], today: date) -> tuple[RegistrationFields | None, dict[str, str]]:
    """Return the fields of the form, by their names, and a sentence for each that is not valid: None with any."""
    document_type = typed["tipo"] if typed["tipo"] in ADULT_DOCUMENT_TYPES else ""
    number = normalize_document(document_type, typed["numero"])
    first_name, last_name = (clean_name(typed[name]) for name in ("nombres", "apellidos"))
    birth_date = _parse_birth_date(typed)
    phone, email = normalize_phone(typed["celular"]), normalize_email_address(typed["correo"])
    problems = {
        "tipo": "" if document_type else "Elija el tipo de documento.",
        "numero": "" if number or not document_type else describe_format(document_type),
        "nombres": describe_name_problem(first_name, MAX_NAME_CHARS, "sus nombres"),
        "apellidos": describe_name_problem(last_name, MAX_NAME_CHARS, "sus apellidos"),
        "nacimiento": _describe_birth_date_problem(birth_date, today),
        "celular": "" if phone else PHONE_FORMAT,
        "correo": "" if encode_email_address(email) else ADDRESS_FORMAT,
        "datos": "" if typed["datos"] else CONSENT_NEEDED,
    }
    problems = {name: sentence for name, sentence in problems.items() if sentence}
    if problems or number is None or birth_date is None or phone is None:
        return None, problems
    return RegistrationFields(document_type, number, first_name, last_name, birth_date, phone, email), {}


def clean_name(text: str) -> str:
    """Return a name with single spaces, its accents composed as keyboards do (NFC)."""
    return clean_line(unicodedata.normalize("NFC", text))


def find_age(birth_date: date, today: date) -> int:
    """Return the age in whole years; who was born on 29 February is a year older on 1 March."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def _parse_birth_date(typed: Mapping[str, str]) -> date | None:
    parts = [typed[name].strip() for name in ("ano", "mes", "dia")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def _describe_birth_date_problem(birth_date: date | None, today: date) -> str:
    if birth_date is None or not 0 <= find_age(birth_date, today) <= OLDEST_AGE:
        return "Revise el día, el mes y el año, como 14, marzo y 1984."
    return "" if find_age(birth_date, today) >= ADULT_AGE else MINOR
