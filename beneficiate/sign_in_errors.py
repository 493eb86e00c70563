"""Problems of the second step of a sign-in."""

from beneficiate.errors import Unauthorized


class SecondFactorRequired(Unauthorized):
    """Over HTTP only: the password was right. `challenge` is to be sent with a code within `expiresIn` seconds."""

    code = "second_factor_required"
    sentence = "Su cuenta tiene un segundo paso: ingrese por la página, con el código de su aplicación."

    def __init__(self, challenge: str, expires_in_s: int) -> None:
        self.challenge = challenge
        self.expires_in_s = expires_in_s
        super().__init__()


class EnrolmentRequired(Unauthorized):
    """Over HTTP only: the password was right, but the staff need a second factor, which is set up on `/login`."""

    code = "enrolment_required"
    sentence = "Su cuenta necesita un segundo paso. Ingrese primero por la página y actívelo."


class WrongCode(Unauthorized):
    """Over HTTP only: a code that is not good, or not any more."""

    code = "wrong_code"
    sentence = "Ese código no es. Escriba el que aparece ahora en su aplicación."


class ChallengeExpired(Unauthorized):
    """Over HTTP only: the second step of a sign-in took too long, was done already, or the password has changed."""

    code = "challenge_expired"
    sentence = "Pasó mucho tiempo desde su contraseña. Escríbala otra vez."
