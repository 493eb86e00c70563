"""From a client's frame to a command, or to the Problem that says what is wrong with it."""

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

import msgspec

from beneficiate.errors import BadFrame, Forbidden, Invalid, Problem, TooLarge, UnknownEvent
from beneficiate.protocol.commands import OldCommand
from beneficiate.protocol.envelope import Command, Envelope, word
from beneficiate.store import Actor

C = TypeVar("C", bound=Command)
_NUL_ESCAPE = "\\u0000"
_FIELD = re.compile(r"`\$?\.?(\w+)[^`]*`$|field `(\w+)`")
_read_envelope = msgspec.json.Decoder(Envelope).decode


class Refused(Exception):
    """A frame that is no command: what is wrong, and the reference under which to say so."""

    def __init__(self, problem: Problem, reference: str | None) -> None:
        self.problem = problem
        self.reference = reference


class Reader(Generic[C]):
    """Reads the words of one role. A right frame is decoded once, a wrong one again to say what is wrong."""

    def __init__(self, words: Iterable[type[C]], frame_bytes: int) -> None:
        self._words = {word(struct): struct for struct in words}
        self._decode = msgspec.json.Decoder(reduce(or_, self._words.values())).decode
        self._frame_bytes = frame_bytes

    def read(self, raw: str | bytes, actor: Actor) -> C:
        """The command in a frame. Raises Refused with BadFrame, TooLarge, UnknownEvent, Invalid or Forbidden."""
        if isinstance(raw, bytes):
            raise Refused(BadFrame("No aceptamos mensajes binarios."), None)
        if len(raw) > self._frame_bytes or len(raw.encode(errors="surrogatepass")) > self._frame_bytes:
            raise Refused(TooLarge(), None)
        try:
            command: C = self._decode(raw)
        except (msgspec.DecodeError, RecursionError):
            raise self._refusal(raw) from None
        if _NUL_ESCAPE in raw and _has_nul(msgspec.json.decode(raw)):
            raise Refused(Invalid("El mensaje tiene un carácter que no se puede guardar."), command.id)
        if isinstance(command, OldCommand) and not _is_own(command, actor):
            raise Refused(Forbidden("No puede actuar en nombre de otra persona."), command.id)
        return command

    def _refusal(self, raw: str) -> Refused:
        try:
            envelope = _read_envelope(raw)
            whole = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return Refused(BadFrame(), None)
        reference = envelope.id if isinstance(envelope.id, str) and len(envelope.id) <= 64 else None
        struct = self._words.get(envelope.event) if isinstance(envelope.event, str) else None
        if struct is None:
            return Refused(UnknownEvent(), reference)
        return Refused(Invalid(_invalid_sentence(struct, whole)), reference)


def _invalid_sentence(struct: type[Command], whole: dict[str, Any]) -> str:
    """What is wrong, in the words of the old service where it had some."""
    missing = getattr(struct, "missing", None)
    if missing and not all(whole.get(name) for name in ("chat_id", "message")):
        return str(missing)
    try:
        msgspec.convert(whole, struct)
    except msgspec.ValidationError as problem:
        found = _FIELD.search(str(problem))
        if found:
            return f"El dato «{found[1] or found[2]}» falta, sobra o no es válido."
    return Invalid.sentence


def _is_own(command: OldCommand, actor: Actor) -> bool:
    """Whether the identities that old clients send are the session's: the person's id or, for an agent, the agent's."""
    if command.sender_id is command.closed_by is command.user_id is None:
        return True
    own = {str(actor.user_id), str(actor.agent_id)}
    claimed = [command.sender_id, command.closed_by]
    if "user_id" not in _declared(type(command)):
        claimed.append(command.user_id)
    return all(not str(value).isdecimal() or str(value) in own for value in claimed if value is not None)


def _declared(struct: type[OldCommand]) -> frozenset[str]:
    """The fields that this word itself gives a meaning."""
    return frozenset(struct.__annotations__)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
