"""Starts the process that decodes an uploaded file, and reads its answer."""

from typing import IO

import msgspec
import structlog

from beneficiate.clients.bounded_process import TooCostly, run_bounded
from beneficiate.clients.images import DecodedFile
from beneficiate.errors import Problem, TooLarge, UnsupportedType

log = structlog.get_logger(__name__)

DECODER_BYTES = 1024 * 1024 * 1024
"""Address space: a progressive JPEG of 110 megapixels takes 800 MB, a WebP of 50 megapixels 900."""
_PROBLEMS: dict[str, type[Problem]] = {problem.code: problem for problem in (TooLarge, UnsupportedType)}
_TOO_COSTLY = "No pudimos leer el archivo: está dañado, o necesita demasiada memoria o tiempo."


class DecoderAnswer(msgspec.Struct):
    """The answer of the process: the file, or the Problem with it and the type of its cause."""

    file: DecodedFile | None = None
    code: str = ""
    sentence: str = ""
    cause: str = ""


def decode_in_process(source: IO[bytes], target: IO[bytes], small: IO[bytes]) -> DecodedFile:
    """Write what is stored of a file into `target` and `small`; real files, all three. Blocking: call it in a thread.

    Raises UnsupportedType, TooLarge, Unavailable (the process did not start).
    """
    descriptors = [stream.fileno() for stream in (source, target, small)]
    source.flush()
    try:
        answered = run_bounded("beneficiate.clients.decoder", DECODER_BYTES, descriptors)
    except TooCostly as problem:
        raise UnsupportedType(_TOO_COSTLY) from problem
    answer = msgspec.json.decode(answered, type=DecoderAnswer)
    if answer.file is None:
        log.info("file_not_decoded", reason=answer.code, cause=answer.cause)
        raise _PROBLEMS[answer.code](answer.sentence)
    return answer.file
