"""Each error has the status and the `error` object that Wompi documents."""

import pytest

from beneficiate.sandbox import errors


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (errors.EntityNotFound(), 404, {"type": "NOT_FOUND_ERROR", "reason": "La entidad solicitada no existe"}),
        (errors.InvalidToken(""), 401, {"type": "INVALID_ACCESS_TOKEN", "reason": "No se recibió una llave"}),
        (
            errors.InvalidToken("prv_x"),
            401,
            {
                "type": "INVALID_ACCESS_TOKEN",
                "reason": "La llave proporcionada no corresponde a este ambiente: prv_x",
            },
        ),
        (
            errors.NotAllowed(),
            403,
            {"type": "INVALID_ACCESS_TOKEN", "reason": "El token no tiene suficientes permisos"},
        ),
        (errors.InvalidInput({"a": ["b"]}), 422, {"type": "INPUT_VALIDATION_ERROR", "messages": {"a": ["b"]}}),
        (errors.Unprocessable("no"), 422, {"type": "UNPROCESSABLE", "reason": "no"}),
        (
            errors.GatewayFailure(503),
            503,
            {"type": "UNAVAILABLE", "reason": "El servicio no está disponible (Sandbox)"},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_error_has_its_status_and_its_body(error, status, body):
    assert (error.status, error.error) == (status, body)
    assert isinstance(error, errors.GatewayError)
