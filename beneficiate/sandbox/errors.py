"""Errors of the gateway's API. Source: https://docs.wompi.co/docs/colombia/errores/."""

FieldMessages = dict[str, list[str]]


class GatewayError(Exception):
    """An HTTP status and the `error` object of the body."""

    def __init__(self, status: int, kind: str, **more: object) -> None:
        super().__init__(kind)
        self.status = status
        self.error = {"type": kind, **more}


class EntityNotFound(GatewayError):
    """There is no such entity, or the key must not read it."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND_ERROR", reason="La entidad solicitada no existe")


class InvalidToken(GatewayError):
    """No key, or not one of this merchant. The reason repeats the key, so a client must not log it."""

    def __init__(self, key: str) -> None:
        reason = f"La llave proporcionada no corresponde a este ambiente: {key}" if key else "No se recibió una llave"
        super().__init__(401, "INVALID_ACCESS_TOKEN", reason=reason)


class NotAllowed(GatewayError):
    """A private key of this environment that is not this merchant's."""

    def __init__(self) -> None:
        super().__init__(403, "INVALID_ACCESS_TOKEN", reason="El token no tiene suficientes permisos")


class InvalidInput(GatewayError):
    """Missing or invalid fields, each with its messages."""

    def __init__(self, messages: FieldMessages) -> None:
        super().__init__(422, "INPUT_VALIDATION_ERROR", messages=messages)


class Unprocessable(GatewayError):
    """A valid request that is not possible in this state."""

    def __init__(self, reason: str) -> None:
        super().__init__(422, "UNPROCESSABLE", reason=reason)


class GatewayFailure(GatewayError):
    """The gateway itself fails."""

    def __init__(self, status: int) -> None:
        super().__init__(status, "UNAVAILABLE", reason="El servicio no está disponible (Sandbox)")
