"""Parsing of the payer's forms: one message for each invalid field."""

import re
from collections.abc import Callable
from datetime import datetime

from beneficiate.domain.billing.money import CENTS_PER_PESO
from beneficiate.formatting import BOGOTA, parse_pesos
from beneficiate.sandbox.fields import MAX_LINK_CENTS, MIN_LINK_CENTS
from beneficiate.sandbox.methods import (
    BANKS,
    OTHER_CARD,
    OTHER_PHONE,
    PENDING_BANK,
    SILENT_BANK,
    PaymentInput,
    card_payment,
    nequi_payment,
    pse_payment,
)
from beneficiate.sandbox.objects import PaymentLink

MAX_INSTALLMENTS = 36
EMAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

FormValues = dict[str, str]
FormMessages = dict[str, str]


class InvalidPaymentForm(Exception):
    """An invalid payment form; `sentences` has the message of each invalid field."""

    def __init__(self, sentences: FormMessages) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def parse_payment_form(method: str, values: FormValues, link: PaymentLink) -> PaymentInput:
    """Return the payment of a form. Raises InvalidPaymentForm."""
    sentences = _check_common(values, link) | _CHECKS[method](values)
    found = {name: sentence for name, sentence in sentences.items() if sentence}
    if found:
        raise InvalidPaymentForm(found)
    email = values.get("email", "")
    pesos = parse_pesos(values.get("amount", "")) if link.amount_in_cents is None else None
    amount = (pesos or 0) * CENTS_PER_PESO
    if method == "card":
        installments = int(values.get("installments") or "1")
        return card_payment(
            _strip_separators(values["number"]), values["expiry"], values["holder"], installments, email, amount
        )
    if method == "nequi":
        return nequi_payment(_strip_separators(values["phone"]), email, amount)
    return pse_payment(values["bank"], email, amount)


def sample_forms(year: int) -> dict[str, tuple[str, FormValues]]:
    """Return the sample data by a short name: the form that they fill, and its values."""
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
        "pse-pending": ("pse", {"bank": PENDING_BANK}),
        "pse-late": ("pse", {"bank": SILENT_BANK}),
    }


def _check_common(values: FormValues, link: PaymentLink) -> FormMessages:
    email = values.get("email", "")
    sentences = {"email": "" if not email or EMAIL_PATTERN.fullmatch(email) else "Revise el correo: le falta algo."}
    if link.amount_in_cents is None:
        pesos = parse_pesos(values.get("amount", ""))
        is_right = pesos is not None and MIN_LINK_CENTS <= pesos * CENTS_PER_PESO <= MAX_LINK_CENTS
        sentences["amount"] = "" if is_right else "Escriba el valor en pesos, desde $ 1.500."
    return sentences


def _check_card(values: FormValues) -> FormMessages:
    number, cvc = _strip_separators(values.get("number", "")), values.get("cvc", "")
    installments = values.get("installments") or "1"
    is_count = re.fullmatch(r"[0-9]{1,2}", installments) and 1 <= int(installments) <= MAX_INSTALLMENTS
    return {
        "number": "" if re.fullmatch(r"[0-9]{13,19}", number) else "Escriba el número completo de la tarjeta.",
        "expiry": "" if _is_future_expiry(values.get("expiry", "")) else "Escriba una fecha futura, como 12/30.",
        "cvc": "" if re.fullmatch(r"[0-9]{3}", cvc) else "Escriba los 3 números del código.",
        "holder": "" if values.get("holder") else "Escriba el nombre como está en la tarjeta.",
        "installments": "" if is_count else f"Escriba un número de 1 a {MAX_INSTALLMENTS}.",
    }


def _check_nequi(values: FormValues) -> FormMessages:
    is_mobile = re.fullmatch(r"3[0-9]{9}", _strip_separators(values.get("phone", "")))
    return {"phone": "" if is_mobile else "Escriba los 10 números del celular."}


def _check_pse(values: FormValues) -> FormMessages:
    return {"bank": "" if values.get("bank") in BANKS else "Elija un banco."}


def _is_future_expiry(text: str) -> bool:
    """Return whether a card's MM/YY is not over."""
    found = re.fullmatch(r"(0[1-9]|1[0-2])/([0-9]{2})", text)
    today = datetime.now(BOGOTA)
    return found is not None and (int(found[2]), int(found[1])) >= (today.year % 100, today.month)


def _strip_separators(text: str) -> str:
    """Remove the spaces and points that group the digits of a card or a telephone."""
    return re.sub(r"[\s.]", "", text)


_CHECKS: dict[str, Callable[[FormValues], FormMessages]] = {
    "card": _check_card,
    "nequi": _check_nequi,
    "pse": _check_pse,
}
PAYMENT_METHODS = tuple(_CHECKS)
