"""Problems: each has a stable code for programs, a Spanish sentence for people and an HTTP status.

Any layer may raise one. It is rendered once, at the edge: as a JSON body, an HTML page or a WebSocket frame.
"""

from typing import ClassVar

from beneficiate.formatting import wait_in_words


class Problem(Exception):
    """A request that cannot be fulfilled.

    `code` and `status` are the contract of `docs/protocol.md`; `sentence` is shown to people as it is. Where that asks
    to wait, `retry_after_s` is how many seconds later the same request may succeed. `details` are for programs.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    sentence: str = "Error interno, por favor intente nuevamente más tarde."
    retry_after_s: int | None = None

    def __init__(self, sentence: str | None = None, retry_after_s: int | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        self.retry_after_s = retry_after_s or type(self).retry_after_s
        self.details: dict[str, object] = {}
        super().__init__(self.sentence)


class Internal(Problem):
    """A bug on our side; the details are in the log and never sent."""


class BadFrame(Problem):
    """Not JSON, not an object, binary, or nested too deep."""

    code = "bad_frame"
    status = 400
    sentence = "No pudimos leer el mensaje. Debe ser un objeto JSON."


class UnknownEvent(Problem):
    """A command that this role does not have."""

    code = "unknown_event"
    status = 400
    sentence = "No conocemos esa instrucción."


class Invalid(Problem):
    """A field is missing, extra, of the wrong type or out of range."""

    code = "invalid"
    status = 422
    sentence = "Hay un dato que falta o no es válido. Revíselo e intente de nuevo."


class InvalidForm(Invalid):
    """Over HTTP only: invalid input in a form; `fields` has a sentence for each invalid field."""

    sentence = "Revise los datos marcados."

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__()


class TooLarge(Problem):
    """A frame or a body over its limit."""

    code = "too_large"
    status = 413
    sentence = "El mensaje es demasiado grande."


class UnsupportedType(Problem):
    """Over HTTP only: a file whose content has a type that may not be sent, or is damaged."""

    code = "unsupported_type"
    status = 415
    sentence = "Solo puede enviar imágenes (JPEG, PNG, WebP, GIF o HEIC) y documentos PDF."


class NotFound(Problem):
    """It does not exist, or belongs to somebody else: both get the same answer."""

    code = "not_found"
    status = 404
    sentence = "No encontramos lo que busca."


class Gone(Problem):
    """Over HTTP only: it was there for some time, and was deleted."""

    code = "gone"
    status = 410
    sentence = "Eso ya no está disponible."


class Forbidden(Problem):
    """A forged identity, or something that this role may not use."""

    code = "forbidden"
    status = 403
    sentence = "No tiene permiso para hacer esto."


class Unauthorized(Problem):
    """Over HTTP only: not signed in, or an invalid token. Never says which of the two, nor why."""

    code = "unauthorized"
    status = 401
    sentence = "Debe iniciar sesión para continuar."


class WrongCredentials(Unauthorized):
    """Over HTTP only: e-mail and password do not match, or there is no such account."""

    code = "wrong_credentials"
    sentence = "El correo o la contraseña no coinciden. Revíselos e intente de nuevo."


class AddressNotConfirmed(Unauthorized):
    """Over HTTP only: e-mail and password are those of somebody who registered and has not confirmed the address."""

    code = "address_not_confirmed"
    sentence = (
        "Falta confirmar su correo. Le enviamos un enlace: ábralo y toque «Confirmar mi cuenta». Búsquelo también en "
        "no deseados."
    )


class ChatIsClosed(Problem):
    """The chat is closed: nothing can be written in it."""

    code = "chat_closed"
    status = 409
    sentence = "Este chat ya está cerrado."


class ChatIsTaken(Problem):
    """Another agent has the chat."""

    code = "chat_taken"
    status = 409
    sentence = "Otro agente ya atiende a este afiliado."


class AgentIsAbsent(Problem):
    """The agent who is to get the chat is not online, and `if_absent` is not `queue`."""

    code = "agent_absent"
    status = 409
    sentence = "Esa persona no está. Si continúa, el chat va a la fila."


class Conflict(Problem):
    """The same `client_id` was used before with another text."""

    code = "conflict"
    status = 409
    sentence = "Ese mensaje ya se había enviado con otro texto."


class OutdatedForm(Conflict):
    """Over HTTP only: somebody else has saved the row since the form was opened."""

    sentence = "Otra persona guardó cambios. Revise cuáles se quedan."


class AlreadyRefreshed(Problem):
    """Over HTTP only: the same device has exchanged this refresh token seconds ago; it has the new one already."""

    code = "already_refreshed"
    status = 409
    sentence = "Otra ventana acaba de renovar su sesión. Intente de nuevo en unos segundos."
    retry_after_s = 2


class PlanRequired(Problem):
    """Only members with a current plan can book."""

    code = "plan_required"
    status = 402
    sentence = "Para pedir citas necesita un plan vigente. Puede elegir uno en /planes."


class LimitReached(Problem):
    """Somebody has as many of something as they may have: one has to end before another can begin."""

    code = "limit_reached"
    status = 409
    sentence = "Ya tiene todos los que puede tener."


class BeneficiaryLimit(LimitReached):
    """Over HTTP only: the current plan of a member covers no more beneficiaries."""

    sentence = "Su plan no cubre más beneficiarios."


class SlotTaken(Problem):
    """The time is taken, the patient has another appointment then, or the professional does not work then."""

    code = "slot_taken"
    status = 409
    sentence = "Ese horario ya no está disponible. Elija otro, por favor."


class IllegalTransition(Problem):
    """An appointment cannot change from its status to the requested one."""

    code = "illegal_transition"
    status = 409
    sentence = "La cita no puede pasar a ese estado."


class InvalidSignature(Problem):
    """Over HTTP only: an event that Wompi did not sign, or not for us. Never says what is wrong with it."""

    code = "invalid_signature"
    status = 401
    sentence = "La firma del evento no es válida."


class PaymentInDoubt(Problem):
    """Over HTTP only: it is unknown whether Wompi created the link, so none is returned and no second one created."""

    code = "payment_in_doubt"
    status = 503
    sentence = "No sabemos si Wompi preparó su pago. No se le cobró nada; lo estamos verificando."


class PaymentInProgress(Problem):
    """Over HTTP only: a payment of this plan is being prepared, or its bank has not answered yet."""

    code = "payment_in_progress"
    status = 409
    sentence = "Ya hay un pago de este plan en curso. Espere la respuesta antes de pagar otra vez."


class PaymentBeingPrepared(PaymentInProgress):
    """Over HTTP only: another request of the same member is creating the link right now."""

    sentence = "Su pago se está preparando. Intente de nuevo en unos segundos."
    retry_after_s = 2


class AlreadySettled(Problem):
    """Over HTTP only: a payment that is already settled, or a review that is already resolved."""

    code = "already_settled"
    status = 409
    sentence = "Esto ya había quedado resuelto."


class NotConfigured(Problem):
    """Over HTTP only: there are no Wompi keys, so no event can be verified."""

    code = "not_configured"
    status = 500
    sentence = "Los pagos no están disponibles en este momento."


class RateLimited(Problem):
    """Too many requests in too short a time; the client has to wait `retry_after_s` seconds."""

    code = "rate_limited"
    status = 429
    sentence = "Hubo demasiadas solicitudes seguidas."
    retry_after_s: int

    def __init__(self, retry_after_s: int, sentence: str | None = None) -> None:
        wait = wait_in_words(retry_after_s)
        super().__init__(f"{sentence or type(self).sentence} Intente de nuevo en {wait}.", retry_after_s)


class Unavailable(Problem):
    """A service that we need (the database, the bus) does not answer right now."""

    code = "unavailable"
    status = 503
    sentence = "El servicio no está disponible en este momento. Intente de nuevo en unos segundos."
    retry_after_s = 2  # what is back is used within so long


class FileNotStored(Unavailable):
    """Over HTTP only: a file could not be stored or read, since the disk is full or fails."""

    sentence = "No pudimos guardar o leer el archivo en este momento. Intente de nuevo en un minuto."
    retry_after_s = 60  # a full disk stays full until somebody makes room, and the file is sent anew


def all_problem_types() -> list[type[Problem]]:
    """Return every problem that can reach a client, for the printed documentation."""

    def family(problem: type[Problem]) -> list[type[Problem]]:
        return [problem, *(subtype for child in problem.__subclasses__() for subtype in family(child))]

    return family(Problem)[1:]
