"""The test merchant."""

from beneficiate.domain.billing.money import COP
from beneficiate.sandbox.objects import CARD, NEQUI, PSE

MERCHANT_NAME = "Beneficiate (comercio de prueba)"


def merchant_payload(public_key: str, url: str) -> dict[str, object]:
    """Return the answer of `GET /merchants/info`, with the contracts that a payer accepts."""
    return {
        "id": 1,
        "name": MERCHANT_NAME,
        "legal_name": "Beneficiate S. A. S.",
        "legal_id": "900000000-0",
        "legal_id_type": "NIT",
        "phone_number": "+576010000000",
        "active": True,
        "logo_url": None,
        "email": "pagos@beneficiate.invalid",
        "contact_name": "Beneficiate",
        "public_key": public_key,
        "accepted_payment_methods": [CARD, NEQUI, PSE],
        "accepted_currencies": [COP],
        "presigned_acceptance": _contract(url, "END_USER_POLICY"),
        "presigned_personal_data_auth": _contract(url, "PERSONAL_DATA_AUTH"),
    }


def _contract(url: str, type_: str) -> dict[str, str]:
    return {"acceptance_token": f"sandbox-{type_.lower()}", "permalink": f"{url}/", "type": type_}
