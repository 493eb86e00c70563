"""Starts the process that decodes an uploaded file, and reads its answer."""

import subprocess
import sys
from pathlib import Path
from typing import IO

import msgspec
import structlog

import beneficiate
from beneficiate.clients.images import DecodedFile
from beneficiate.errors import Problem, TooLarge, Unavailable, UnsupportedType

log = structlog.get_logger(__name__)

DECODER_BYTES = 1024 * 1024 * 1024
"""Address space: a progressive JPEG of 110 megapixels takes 800 MB, a WebP of 50 megapixels 900."""
DECODE_TIMEOUT_S = 60.0
"""Twice the processor time that the process has."""
_ROOT = Path(beneficiate.__file__).parent.parent
_PROBLEMS: dict[str, type[Problem]] = {problem.code: problem for problem in (TooLarge, UnsupportedType)}
_TOO_COSTLY = "No pudimos leer el archivo: está dañado, o necesita demasiada memoria o tiempo."
_NOT_STARTED = "No pudimos revisar el archivo en este momento. Intente de nuevo en unos segundos."


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
        finished = subprocess.run(  # noqa: S603  our own module and numbers
            [sys.executable, "-m", "beneficiate.clients.decoder", *map(str, (DECODER_BYTES, *descriptors))],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=descriptors,
            cwd=_ROOT,
            env={},
            timeout=DECODE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        log.warning("file_not_decoded", reason="timeout")
        raise UnsupportedType(_TOO_COSTLY) from problem
    except OSError as problem:
        raise _start_problem(problem) from problem
    return _read_answer(finished)


def _start_problem(problem: OSError) -> Unavailable:
    log.error("decoder_not_started", problem=type(problem).__name__, number=problem.errno)
    return Unavailable(_NOT_STARTED)


def _read_answer(finished: "subprocess.CompletedProcess[bytes]") -> DecodedFile:
    if finished.returncode < 0:
        log.warning("file_not_decoded", reason="signal", number=-finished.returncode)
        raise UnsupportedType(_TOO_COSTLY)
    if finished.returncode:
        log.error("decoder_failed", status=finished.returncode, last=_exception_name(finished.stderr))
        raise Unavailable(_NOT_STARTED)
    answer = msgspec.json.decode(finished.stdout, type=DecoderAnswer)
    if answer.file is None:
        log.info("file_not_decoded", reason=answer.code, cause=answer.cause)
        raise _PROBLEMS[answer.code](answer.sentence)
    return answer.file


def _exception_name(stderr: bytes) -> str:
    """Return the name in the last line of a traceback; its text may contain parts of the file."""
    lines = stderr.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:80]
