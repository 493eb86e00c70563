"""The payment methods, and the outcome of each with the sandbox's test data.

Source: https://docs.wompi.co/docs/colombia/datos-de-prueba-en-sandbox/
"""

import secrets
from dataclasses import dataclass

from beneficiate.sandbox.objects import APPROVED, CARD, DECLINED, ERROR, NEQUI, PENDING, PSE

CARD_OUTCOMES = {"4242424242424242": APPROVED, "4111111111111111": DECLINED}
PHONE_OUTCOMES = {"3991111111": APPROVED, "3992222222": DECLINED}
PENDING_BANK, SILENT_BANK = "4", "5"
BANK_OUTCOMES = {"1": APPROVED, "2": DECLINED, "3": ERROR, PENDING_BANK: PENDING, SILENT_BANK: APPROVED}
BANKS = {
    "1": "Banco que aprueba",
    "2": "Banco que rechaza",
    "3": "Banco que simula un error",
    PENDING_BANK: "Banco que no responde (solo local)",
    SILENT_BANK: "Banco que aprueba y avisa tarde (solo local)",
}
"""The last two are not Wompi's: their payments go on when somebody presses a button on the page of the payment."""
BRANDS = {"3": "AMEX", "4": "VISA", "5": "MASTERCARD"}
OTHER_CARD, OTHER_PHONE = "5555555555554444", "3993333333"


@dataclass(frozen=True, slots=True)
class PaymentInput:
    """A payment method with its data, and the status in which the payment will end: PENDING, in none by itself.

    `is_silent`: its event is not sent by itself.
    """

    type: str
    method: dict[str, object]
    outcome: str
    email: str = ""
    customer_data: dict[str, object] | None = None
    amount_in_cents: int = 0
    is_silent: bool = False


def card_payment(
    number: str, expiry: str, holder: str, installments: int, email: str = "", amount: int = 0
) -> PaymentInput:
    """Return a payment by card: `number` only digits, `expiry` as MM/YY, `amount` in cents."""
    brand, (month, year) = BRANDS.get(number[0], "VISA"), expiry.split("/")
    extra = {
        "bin": number[:6],
        "name": f"{brand}-{number[-4:]}",
        "brand": brand,
        "exp_year": year,
        "exp_month": month,
        "last_four": number[-4:],
        "card_holder": holder,
        "is_three_ds": False,
    }
    method: dict[str, object] = {"type": CARD, "extra": extra, "installments": installments}
    return PaymentInput(CARD, method, CARD_OUTCOMES.get(number, ERROR), email, {"full_name": holder}, amount)


def nequi_payment(phone: str, email: str = "", amount: int = 0) -> PaymentInput:
    """Return a payment by the Nequi account of a mobile phone."""
    extra = {"transaction_id": f"350-{_random_digits(12)}", "external_identifier": _random_digits(10)}
    method: dict[str, object] = {"type": NEQUI, "extra": extra, "phone_number": phone}
    customer_data: dict[str, object] = {"phone_number": f"57{phone}"}
    return PaymentInput(NEQUI, method, PHONE_OUTCOMES.get(phone, ERROR), email, customer_data, amount)


def pse_payment(bank: str, email: str = "", amount: int = 0) -> PaymentInput:
    """Return a payment by PSE at a bank of the sandbox, by its code."""
    extra = {
        "ticket_id": _random_digits(12),
        "traceability_code": _random_digits(7),
        "external_identifier": _random_digits(10),
    }
    method: dict[str, object] = {
        "type": PSE,
        "extra": extra,
        "user_type": "0",
        "user_legal_id_type": "CC",
        "user_legal_id": "1000000000",
        "payment_description": BANKS[bank],
        "financial_institution_code": bank,
    }
    return PaymentInput(PSE, method, BANK_OUTCOMES[bank], email, None, amount, bank == SILENT_BANK)


def sample_payment(type_: str) -> PaymentInput:
    """Return an approved payment by this method."""
    return {
        CARD: lambda: card_payment("4242424242424242", "12/49", "ANA PRUEBA", 1),
        NEQUI: lambda: nequi_payment("3991111111"),
        PSE: lambda: pse_payment("1"),
    }[type_]()


def _random_digits(count: int) -> str:
    return str(10 ** (count - 1) + secrets.randbelow(9 * 10 ** (count - 1)))
