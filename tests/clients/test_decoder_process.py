"""Files are decoded in a process of their own: what one costs or breaks ends with it."""

import resource
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile

import pytest

from beneficiate.clients import bounded_process, decoder_process
from beneficiate.clients.decoder_process import decode_in_process
from beneficiate.errors import TooLarge, UnsupportedType
from tests.sample_files import HTML, PDF, make_decompression_bomb, make_image, open_image


def decoded(content):
    with SpooledTemporaryFile(1024) as source, TemporaryFile() as target, TemporaryFile() as small:
        source.write(content)
        outcome = decode_in_process(source, target, small)
        target.seek(0)
        small.seek(0)
        return outcome, target.read(), small.read()


def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_image_is_written_with_its_small_version():
    outcome, content, small = decoded(make_image("PNG", (900, 600)))
    assert (outcome.kind, outcome.width, outcome.height, outcome.has_small) == ("image/png", 900, 600, True)
    assert (open_image(content).size, open_image(small).size) == ((900, 600), (480, 320))


def test_document_is_written_as_it_is():
    outcome, content, small = decoded(PDF)
    assert (outcome.kind, outcome.width, content, small) == ("application/pdf", None, PDF, b"")


@pytest.mark.parametrize(
    ("content", "problem", "words"),
    [
        (HTML, UnsupportedType, "Solo puede enviar"),
        (make_image()[:300], UnsupportedType, "dañado"),
        (make_decompression_bomb(), TooLarge, "megapíxeles"),
    ],
)
def test_refusal_of_the_process_is_raised_here(content, problem, words):
    with pytest.raises(problem, match=words):
        decoded(content)


def test_file_that_needs_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(decoder_process, "DECODER_BYTES", 200 * 1024 * 1024)
    assert decoded(make_image("PNG", (100, 100)))[0].width == 100
    with pytest.raises(UnsupportedType):
        decoded(make_image("PNG", (6300, 6300), mode="RGBA"))


def test_memory_of_this_process_does_not_grow():
    content = make_image("PNG", (6300, 6300), mode="RGBA")
    decoded(content)
    before = resident_bytes()
    decoded(content)
    # Decoded here, it would be 160 MB and stay.
    assert resident_bytes() - before < 16 * 1024 * 1024


def test_file_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(bounded_process, "TIMEOUT_S", 0.001)
    with pytest.raises(UnsupportedType, match="demasiada memoria o tiempo"):
        decoded(make_image())
