"""Text of a file in any usual encoding. Which of the old ones a file has is not guessed where it would change names."""

import re

UTF_8, UTF_16, WINDOWS_1252 = "UTF-8", "UTF-16", "Windows-1252"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHER_ENCODINGS = ("mac_roman", "cp850")
"""Of what Excel saves as «CSV (Macintosh)» and «CSV (MS-DOS)». Their accents are other letters in Windows-1252."""
_SPANISH_LETTERS = re.compile(
    r"(?<=[a-z])[éíóúüñ](?![A-Za-z])|[áéíóúüñ](?=[a-zñ])"
    r"|(?<=[A-Z])[ÁÉÍÓÚÜÑ](?![a-z])|(?<![A-Za-z])[ÁÉÍÓÚÜÑ](?=[A-Za-z])"
)
"""Letters with an accent where a Spanish word may have one: `JosŽ`, `RAéL` and `O’Neil` have none.

No á at the end of a word: in MS-DOS it is the space that never breaks of Windows-1252.
"""

TELLING_BYTES = 64 * 1024
"""So much of the lines with accents tells it, in 20 ms. All of 5 MB took 1.7 s, in which no other thread ran."""


class UnknownEncoding(Exception):
    """A text whose encoding cannot be told."""


def decode_text(content: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding: UTF-8 or UTF-16, with or without a mark, or else Windows-1252.

    Raises UnknownEncoding if it has as many Spanish letters in the encoding of a Macintosh or of MS-DOS.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), UTF_16 if encoding == "utf-16" else UTF_8
    if b"\0" in content[:200]:
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", errors="replace"), UTF_16
    try:
        return content.decode(), UTF_8
    except UnicodeDecodeError:
        return _decode_windows(content), WINDOWS_1252


def _decode_windows(content: bytes) -> str:
    accented = b"\n".join(line for line in content.splitlines() if not line.isascii())[:TELLING_BYTES]
    text = accented.decode("cp1252", errors="replace")
    likeliest = max(_count_spanish_letters(accented.decode(encoding)) for encoding in _OTHER_ENCODINGS)
    if likeliest and likeliest >= _count_spanish_letters(text):
        raise UnknownEncoding
    return content.decode("cp1252", errors="replace")


def _count_spanish_letters(text: str) -> int:
    return len(_SPANISH_LETTERS.findall(text))
