"""Erasing a member's data: when, what goes, what the law keeps and until when.

Ley 1581 de 2012, articles 8 e and 16 to 18, with Decreto 1377 de 2013, article 9: a person may ask that their data be
erased, except where a legal or contractual duty keeps them. `docs/erasure.md` has every column.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

REGRET = timedelta(days=7)
"""How long a member may change their mind."""
EMAILS_FIRST = timedelta(minutes=30)
"""So long what was said about cancelled appointments may take to be sent before the address is erased."""
CERTIFICATE_LIFETIME = timedelta(days=2)
"""A certificate that the mail server has not taken by then is given up, and its address forgotten."""
PAYMENT_YEARS, PROOF_YEARS = 10, 5
"""Books and their vouchers: Código de Comercio, article 60, and Ley 962 de 2005, article 28. Proof of consent."""

ERASED_TEXT = "Texto borrado."
ERASED_FIRST_NAME, ERASED_LAST_NAME = "Persona", "borrada"
ERASED_NAME = f"{ERASED_FIRST_NAME} {ERASED_LAST_NAME}"
ERASED_DOCUMENT_TYPE = "OTHER"
ERASED_EMAIL_DOMAIN = "borrado.invalid"
"""RFC 2606: no address under it is anybody's."""
NOT_BROUGHT_BACK = "Pidió que se borraran sus datos: no se importa de nuevo. Si vuelve, se registra en /registro."

PAYMENT, REVIEW = "payment", "review"
"""What an erasure waits for: a payment that may still be made, or one that a person has to review."""

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that look alike: a certificate is typed from paper."""
CODE_GROUPS, CODE_GROUP_CHARS = 3, 4


def is_erased_email(email: str) -> bool:
    """Return whether an address stands for that of a member who was erased."""
    return email.endswith(f"@{ERASED_EMAIL_DOMAIN}")


@dataclass(frozen=True, slots=True)
class ErasedKind:
    """Something of which there are `count` pieces: how it is said of one, and of several."""

    one: str
    several: str

    def describe(self, count: int) -> str:
        """Return `1 conversación` or `11 conversaciones`."""
        return f"{count} {self.one if count == 1 else self.several}"


@dataclass(frozen=True, slots=True)
class KeptKind:
    """What stays, for how many years after its date (None: without a name, as long as there are figures), and why."""

    kind: ErasedKind
    years: int | None
    law: str
    reason: str


ERASED_KINDS: Mapping[str, ErasedKind] = {
    "account": ErasedKind("cuenta: nombre, documento, correo, celular y contraseña", "cuentas"),
    "beneficiaries": ErasedKind("beneficiario", "beneficiarios"),
    "reasons": ErasedKind("motivo de cita", "motivos de citas"),
    "chats": ErasedKind("conversación", "conversaciones"),
    "messages": ErasedKind("mensaje", "mensajes"),
    "files": ErasedKind("archivo", "archivos"),
    "requests": ErasedKind(
        "solicitud sobre sus datos, con su respuesta", "solicitudes sobre sus datos, con sus respuestas"
    ),
    "notes": ErasedKind("nota sobre usted", "notas sobre usted"),
    "ratings": ErasedKind("comentario de una calificación", "comentarios de calificaciones"),
    "emails": ErasedKind("correo por enviar o enviado", "correos por enviar o enviados"),
    "devices": ErasedKind("ingreso", "ingresos"),
    "audit_texts": ErasedKind("texto en la auditoría", "textos en la auditoría"),
    "payment_details": ErasedKind("detalle de un medio de pago", "detalles de medios de pago"),
}
"""By the key of `Erasure.counts`, in the order in which they are listed."""
KEPT_KINDS: Mapping[str, KeptKind] = {
    "payments": KeptKind(
        ErasedKind("pago, con valor, fecha y plan", "pagos, con valor, fecha y plan"),
        PAYMENT_YEARS,
        "Código de Comercio, art. 60; Ley 962 de 2005, art. 28",
        "Los libros y comprobantes de una empresa se guardan diez años.",
    ),
    "consents": KeptKind(
        ErasedKind("prueba de autorización", "pruebas de autorización"),
        PROOF_YEARS,
        "Ley 1581 de 2012, arts. 9 y 17",
        "Tenemos que poder probar que usted autorizó. Queda sin su nombre, bajo una clave.",
    ),
    "appointments": KeptKind(
        ErasedKind("cita, con fecha y especialidad", "citas, con fecha y especialidad"),
        None,
        "Resoluciones 1995 de 1999 y 839 de 2017",
        "Solo para las cifras: sin nombre, motivo ni notas. Su historia clínica la guarda cada consultorio, 15 años.",
    ),
    "audit": KeptKind(
        ErasedKind("registro de lo que hizo el equipo", "registros de lo que hizo el equipo"),
        None,
        "Ley 1581 de 2012, art. 17 d; Decreto 1377 de 2013, art. 26",
        "Quién del equipo abrió o cambió qué, y cuándo. Sin su nombre ni lo que decía.",
    ),
}
"""By the key of `Erasure.counts`."""


def new_code(now: datetime) -> str:
    """Return the name of a certificate, as `CE-2026-7K4M-Q2XV-9TBD`: nobody guesses another one (58 bits)."""
    groups = ("".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUP_CHARS)) for _ in range(CODE_GROUPS))
    return "-".join(("CE", str(now.year), *groups))


def years_after(instant: datetime, years: int) -> datetime:
    """Return the same day so many years later; of 29 February, 1 March."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, month=3, day=1)


def kept_until(erased_at: datetime, last_payment_at: datetime | None) -> datetime:
    """Return until when the keyed hash of the document is kept: as long as a payment or a consent has to be proved."""
    proof = years_after(erased_at, PROOF_YEARS)
    return proof if last_payment_at is None else max(proof, years_after(last_payment_at, PAYMENT_YEARS))
