"""What the gateway refuses, in its own words (https://docs.wompi.co/docs/colombia/errores/)."""

from typing import Any

FieldMessages = dict[str, list[str]]


class GatewayError(Exception):
    """An HTTP status and the `error` object of its body."""

    def __init__(self, status: int, kind: str, **more: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.error = {"type": kind, **more}


class EntityNotFound(GatewayError):
    """There is no such entity, or the key may not see it."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND_ERROR", reason="La entidad solicitada no existe")


class InvalidToken(GatewayError):
    """No key, or not one of this merchant. The gateway says the key back, so whoever logs the reason must redact it."""

    def __init__(self, key: str) -> None:
        reason = f"La llave proporcionada no corresponde a este ambiente: {key}" if key else "No se recibió una llave"
        super().__init__(401, "INVALID_ACCESS_TOKEN", reason=reason)


class NotAllowed(GatewayError):
    """A private key of this environment that is not this merchant's."""

    def __init__(self) -> None:
        super().__init__(403, "INVALID_ACCESS_TOKEN", reason="El token no tiene suficientes permisos")


class InvalidInput(GatewayError):
    """Fields that are missing or wrong, each with its sentences."""

    def __init__(self, messages: FieldMessages) -> None:
        super().__init__(422, "INPUT_VALIDATION_ERROR", messages=messages)


class Unprocessable(GatewayError):
    """Well said, and not possible."""

    def __init__(self, reason: str) -> None:
        super().__init__(422, "UNPROCESSABLE", reason=reason)


class GatewayFailure(GatewayError):
    """The gateway itself is not well."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "UNAVAILABLE", reason="El servicio no está disponible (Sandbox)")
