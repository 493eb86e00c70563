"""What a payer fills in, read and checked; each wrong field gets a sentence."""

import re
from collections.abc import Callable
from datetime import datetime

from beneficiate.billing.money import CENTS
from beneficiate.sandbox.fields import LARGEST, SMALLEST
from beneficiate.sandbox.methods import BANKS, OTHER_CARD, OTHER_PHONE, Payment, by_card, by_nequi, by_pse
from beneficiate.sandbox.objects import Link
from beneficiate.spanish import BOGOTA

MOST_INSTALLMENTS = 36
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Values = dict[str, str]
Sentences = dict[str, str]


class Unfilled(Exception):
    """A form that cannot be paid with; `sentences` says why, field by field."""

    def __init__(self, sentences: Sentences) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def read_payment(method: str, values: Values, link: Link) -> Payment:
    """The payment that a form asks for. Raises Unfilled."""
    sentences = _common(values, link) | _CHECKS[method](values)
    found = {name: sentence for name, sentence in sentences.items() if sentence}
    if found:
        raise Unfilled(found)
    email = values.get("email", "")
    amount = int(_digits(values.get("amount", "0"))) * CENTS if link.amount_in_cents is None else 0
    if method == "card":
        installments = int(values.get("installments") or "1")
        return by_card(_digits(values["number"]), values["expiry"], values["holder"], installments, email, amount)
    if method == "nequi":
        return by_nequi(_digits(values["phone"]), email, amount)
    return by_pse(values["bank"], email, amount)


def samples(year: int) -> dict[str, tuple[str, Values]]:
    """The sandbox's data by a short name: the form that they fill, and with what."""
    card = {"expiry": f"12/{year % 100:02}", "cvc": "123", "holder": "ANA PRUEBA", "installments": "1"}
    return {
        "card-approved": ("card", {"number": "4242 4242 4242 4242", **card}),
        "card-declined": ("card", {"number": "4111 1111 1111 1111", **card}),
        "card-error": ("card", {"number": " ".join(re.findall("....", OTHER_CARD)), **card}),
        "nequi-approved": ("nequi", {"phone": "3991111111"}),
        "nequi-declined": ("nequi", {"phone": "3992222222"}),
        "nequi-error": ("nequi", {"phone": OTHER_PHONE}),
        "pse-approved": ("pse", {"bank": "1"}),
        "pse-declined": ("pse", {"bank": "2"}),
        "pse-error": ("pse", {"bank": "3"}),
    }


def _common(values: Values, link: Link) -> Sentences:
    email = values.get("email", "")
    sentences = {"email": "" if not email or EMAIL.fullmatch(email) else "Revise el correo: le falta algo."}
    if link.amount_in_cents is None:
        pesos = _digits(values.get("amount", ""))
        is_right = pesos.isdecimal() and len(pesos) < 12 and SMALLEST <= int(pesos) * CENTS <= LARGEST
        sentences["amount"] = "" if is_right else "Escriba el valor en pesos, desde $ 1.500."
    return sentences


def _check_card(values: Values) -> Sentences:
    number, cvc = _digits(values.get("number", "")), values.get("cvc", "")
    installments = values.get("installments") or "1"
    is_count = re.fullmatch(r"[0-9]{1,2}", installments) and 1 <= int(installments) <= MOST_INSTALLMENTS
    return {
        "number": "" if re.fullmatch(r"[0-9]{13,19}", number) else "Escriba el número completo de la tarjeta.",
        "expiry": "" if _is_to_come(values.get("expiry", "")) else "Escriba una fecha futura, como 12/30.",
        "cvc": "" if re.fullmatch(r"[0-9]{3}", cvc) else "Escriba los 3 números del código.",
        "holder": "" if values.get("holder") else "Escriba el nombre como está en la tarjeta.",
        "installments": "" if is_count else f"Escriba un número de 1 a {MOST_INSTALLMENTS}.",
    }


def _check_nequi(values: Values) -> Sentences:
    is_mobile = re.fullmatch(r"3[0-9]{9}", _digits(values.get("phone", "")))
    return {"phone": "" if is_mobile else "Escriba los 10 números del celular."}


def _check_pse(values: Values) -> Sentences:
    return {"bank": "" if values.get("bank") in BANKS else "Elija un banco."}


def _is_to_come(text: str) -> bool:
    """Whether a card of MM/AA is still good."""
    found = re.fullmatch(r"(0[1-9]|1[0-2])/([0-9]{2})", text)
    today = datetime.now(BOGOTA)
    return found is not None and (int(found[2]), int(found[1])) >= (today.year % 100, today.month)


def _digits(text: str) -> str:
    """Without the spaces and points that people group numbers with."""
    return re.sub(r"[\s.]", "", text)


_CHECKS: dict[str, Callable[[Values], Sentences]] = {"card": _check_card, "nequi": _check_nequi, "pse": _check_pse}
METHODS = tuple(_CHECKS)
