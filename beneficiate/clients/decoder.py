"""Decodes one uploaded file in a process of its own, with bounded memory and time (`bounded_process`).

Decoders of images and documents are large C libraries that read what strangers send. Its descriptors are three: the
file, its copy, the small version. It answers with a line of JSON.
"""

import json
import os
import sys
from dataclasses import asdict
from shutil import copyfileobj
from typing import IO, BinaryIO, cast

from beneficiate.clients.bounded_process import enter_bounds
from beneficiate.clients.images import DecodedFile, reencode_image
from beneficiate.errors import Problem, UnsupportedType

HEADER_BYTES = 1024
"""A PDF may begin this far from the start of its file, as all readers of them accept."""
_SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF87a": "GIF", b"GIF89a": "GIF"}
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
"""Brands of ISO/IEC 23008-12: images and sequences in HEVC, in any codec, and (AOM) in AV1, which is not decoded."""
_PDF_MARK = b"%PDF-"
_MODES = ("rb", "r+b", "r+b")


def detect_format(head: bytes) -> str:
    """Return JPEG, PNG, WEBP, GIF, HEIF or PDF by the first 1,024 bytes. Raises UnsupportedType for anything else."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if _is_heif(_read_brands(head)):
        return "HEIF"
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    if _PDF_MARK in head:
        return "PDF"
    raise UnsupportedType


def _read_brands(head: bytes) -> frozenset[bytes]:
    """Return the brands of the box `ftyp` with which a file begins (ISO/IEC 14496-12): the major one, then the others.

    A size of 1 means that it follows as 64 bits. A box that is longer than the head is read as far as it goes.
    """
    if head[4:8] != b"ftyp":
        return frozenset()
    size, start = int.from_bytes(head[:4], "big"), 8
    if size == 1:
        size, start = int.from_bytes(head[8:16], "big"), 16
    box = head[start:size]
    # After the major brand are four bytes of its version.
    return frozenset(box[at : at + 4] for at in (0, *range(8, len(box) - 3, 4)))


def _is_heif(brands: frozenset[bytes]) -> bool:
    return bool(brands & _HEVC_BRANDS) or bool(brands & _HEIF_BRANDS and not brands & _AVIF_BRANDS)


def decode_file(source: IO[bytes], target: IO[bytes], small: IO[bytes]) -> DecodedFile:
    """Write what is stored of a file: an image encoded again, a PDF from its header on.

    Raises UnsupportedType, TooLarge (an image with too many pixels).
    """
    source.seek(0)
    head = source.read(HEADER_BYTES)
    if (format_name := detect_format(head)) != "PDF":
        return reencode_image(source, format_name, target, small)
    from beneficiate.clients.pdfs import check_pdf  # 0.1 s that images do not need

    source.seek(head.index(_PDF_MARK))
    copyfileobj(source, target)
    target.seek(0)
    check_pdf(cast(BinaryIO, target))
    return DecodedFile("application/pdf")


def decode_descriptors() -> None:
    """Decode the file of the given descriptors and write the outcome to the standard output."""
    source, target, small = (os.fdopen(number, mode) for number, mode in zip(enter_bounds(), _MODES, strict=True))
    try:
        answer: dict[str, object] = {"file": asdict(decode_file(source, target, small))}
        target.flush()
        small.flush()
    except Problem as problem:
        answer = {"code": problem.code, "sentence": problem.sentence, "cause": type(problem.__cause__).__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    decode_descriptors()
