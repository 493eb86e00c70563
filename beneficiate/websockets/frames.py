"""Reads a client's frame: a command, or the Problem with it."""

import json
from collections.abc import Iterable
from functools import reduce
from operator import or_

import msgspec

from beneficiate.errors import BadFrame, Forbidden, Invalid, Problem, TooLarge, UnknownEvent
from beneficiate.protocol.booking import AnswerBot
from beneficiate.protocol.commands import LegacyCommand
from beneficiate.protocol.envelope import MAX_ID, NUL_ESCAPE, Command, Envelope, JsonValue, contains_nul, message_type
from beneficiate.protocol.validation import describe_invalid_field
from beneficiate.text_limits import MAX_MESSAGE_CHARS
from beneficiate.unit_of_work import Actor

_BOT_MARKER = '"chatbot"'
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)
_TOO_LARGE = f"El mensaje es demasiado grande: puede tener hasta {MAX_MESSAGE_CHARS:,} caracteres.".replace(",", ".")
_UNSTORABLE = "El mensaje tiene un carácter que no se puede guardar."
_HALF_CHARACTER = "El mensaje tiene un carácter incompleto, como medio emoji. Bórrelo y envíelo de nuevo."
_read_envelope = msgspec.json.Decoder(Envelope).decode


class FrameRejected(Exception):
    """An invalid frame: the Problem with it, and the reference to answer under."""

    def __init__(self, problem: Problem, reference: str | None) -> None:
        self.problem = problem
        self.reference = reference


class FrameReader:
    """Reads the commands of one role. A valid frame is decoded once, an invalid one again to name the fault."""

    def __init__(self, command_types: Iterable[type[Command]], frame_bytes: int) -> None:
        known_types = set(command_types)
        self._accepts_bot_answers = AnswerBot in known_types
        self._structs_by_event = {message_type(struct): struct for struct in known_types - {AnswerBot}}
        self._decode = msgspec.json.Decoder(reduce(or_, self._structs_by_event.values())).decode
        self._frame_bytes = frame_bytes

    def read(self, raw: str | bytes, actor: Actor) -> Command:
        """Return the command in a frame.

        Raises FrameRejected with BadFrame, TooLarge, UnknownEvent, Invalid or Forbidden.
        """
        if isinstance(raw, bytes):
            raise FrameRejected(BadFrame("No aceptamos mensajes binarios."), None)
        if len(raw) > self._frame_bytes or len(raw.encode(errors="surrogatepass")) > self._frame_bytes:
            raise FrameRejected(TooLarge(_TOO_LARGE), _reference_of(_read_loosely(raw)))
        try:
            command = self._read_bot_answer(raw) or self._decode(raw)
            has_nul = NUL_ESCAPE in raw and contains_nul(msgspec.json.decode(raw))
        except _DECODE_ERRORS:
            raise self._rejection(raw) from None
        if has_nul:
            raise FrameRejected(Invalid(_UNSTORABLE), command.id)
        if isinstance(command, LegacyCommand) and not _claims_own_identity(command, actor):
            raise FrameRejected(Forbidden("No puede actuar en nombre de otra persona."), command.id)
        return command

    def _read_bot_answer(self, raw: str) -> AnswerBot | None:
        """Return the answer to the bot if the frame is one; old clients wrap it in whole message objects."""
        if not self._accepts_bot_answers or _BOT_MARKER not in raw:
            return None
        frame = msgspec.json.decode(raw)
        if not isinstance(frame, dict) or frame.get("source") != "chatbot":
            return None
        return msgspec.convert({"event": "chatbot", **_read_leniently(frame)}, AnswerBot)

    def _rejection(self, raw: str) -> FrameRejected:
        try:
            envelope = _read_envelope(raw)
            whole = msgspec.json.decode(raw)
        except _DECODE_ERRORS:
            return _unreadable(raw)
        reference = _valid_reference(envelope.id)
        struct = self._structs_by_event.get(envelope.event) if isinstance(envelope.event, str) else None
        if struct is None:
            return FrameRejected(UnknownEvent(), reference)
        return FrameRejected(Invalid(_invalid_sentence(struct, whole)), reference)


def _unreadable(raw: str) -> FrameRejected:
    """Return the Problem with a frame that is no valid JSON, under its reference if a more tolerant parser reads it."""
    frame = _read_loosely(raw)
    problem = Invalid(_HALF_CHARACTER) if _has_half_character(frame) else BadFrame()
    return FrameRejected(problem, _reference_of(frame))


def _read_loosely(raw: str) -> JsonValue:
    """Return the JSON of a frame, halves of surrogate pairs included; None if nobody can read it."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _reference_of(frame: JsonValue) -> str | None:
    return _valid_reference(frame.get("id")) if isinstance(frame, dict) else None


def _valid_reference(value: JsonValue) -> str | None:
    is_valid = isinstance(value, str) and len(value) <= 64 and not _has_half_character(value)
    return value if is_valid else None


def _has_half_character(value: JsonValue) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except RecursionError:
        return False
    return False


def _read_leniently(frame: dict[str, object]) -> dict[str, object]:
    """Return the fields of an answer to the bot: `id` and `option` if they are strings, a text or number as text."""
    body = frame.get("message")
    if isinstance(body, dict):
        body = body.get("message")
    text = str(body) if isinstance(body, (str, int)) and not isinstance(body, bool) else ""
    reference, option, professional = frame.get("id"), frame.get("option"), frame.get("professionalId")
    read = {
        "id": reference if isinstance(reference, str) and len(reference) <= 64 else None,
        "text": text,
        "option": option if isinstance(option, str) else "",
        "professional_id": professional if type(professional) is int and 1 <= professional <= MAX_ID else None,
        "is_start": not text and not option and frame.get("event") in ("init", "chatbot_init"),
    }
    claimed = {name: frame.get(name) for name in ("sender_id", "user_id", "closed_by")}
    return {**read, **{name: value for name, value in claimed.items() if isinstance(value, (int, str))}}


def _invalid_sentence(struct: type[Command], whole: dict[str, object]) -> str:
    """Return what is wrong, with the text of the replaced service where it had one."""
    missing = getattr(struct, "missing_fields_text", None)
    if missing and not all(whole.get(name) for name in ("chat_id", "message")):
        return str(missing)
    try:
        msgspec.convert(whole, struct, str_keys=True)
    except msgspec.ValidationError as problem:
        return describe_invalid_field(problem) or Invalid.sentence
    return Invalid.sentence


def _claims_own_identity(command: LegacyCommand, actor: Actor) -> bool:
    """Return whether the ids that old clients send are the user's own: the user id or, for an agent, the agent id."""
    if command.sender_id is command.closed_by is command.user_id is None:
        return True
    own = {str(actor.user_id), str(actor.agent_id), "None"}
    claimed = [command.sender_id, None if "user_id" in _declared_fields(type(command)) else command.user_id]
    # Old clients also send the side that closed a chat, as a word.
    is_side = isinstance(command.closed_by, str) and command.closed_by.isalpha()
    return all(str(value) in own for value in [*claimed, None if is_side else command.closed_by])


def _declared_fields(struct: type[LegacyCommand]) -> frozenset[str]:
    """Return the fields that the command itself declares."""
    return frozenset(struct.__annotations__)
