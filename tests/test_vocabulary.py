"""Code, comments and documents use the terms of the field; the words that were given up do not come back."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BANNED = {
    "adopt": "link, take over",
    "archive": "AttachmentService",
    "archives": "attachment services",
    "bone": "skeleton bar",
    "breath": "the time in numbers",
    "cashier": "PaymentService",
    "cashiers": "payment services",
    "dearer": "more expensive",
    "door": "handler",
    "doors": "handlers",
    "doubt": "unknown status",
    "ear": "subscriber",
    "ears": "subscribers",
    "emission": "outgoing event",
    "emissions": "outgoing events",
    "errand": "background task",
    "errands": "background tasks",
    "face": "avatar, avatar_color",
    "faces": "avatars",
    "fate": "event outcome",
    "fates": "event outcomes",
    "goodbye": "close frame, shutdown",
    "haste": "rate limit",
    "hear": "receive",
    "heard": "received",
    "hearing": "receiving, parsing",
    "hears": "receives",
    "heir": "the tab that takes over",
    "hole": "gap",
    "holes": "gaps",
    "house": "the application, the call centre",
    "houses": "applications",
    "introduce": "check_wompi_credentials",
    "introduces": "checks the credentials",
    "kin": "beneficiary view",
    "lane": "batch queue",
    "lanes": "batch queues",
    "ledger": "payments page, payments_admin",
    "ledgers": "payments pages",
    "living": "active, not removed",
    "obey": "handle, run",
    "obeys": "handles, runs",
    "onlooker": "viewer",
    "onlookers": "viewers",
    "parcel": "bus message",
    "parcels": "bus messages",
    "picture": "payload, view; image, screenshot for what one sees",
    "pictures": "payloads, views; images, screenshots for what one sees",
    "plug": "socket, ws_client",
    "plugs": "sockets, ws_clients",
    "pulse": "heartbeat",
    "reaction": "event handler",
    "reactions": "event handlers",
    "retire": "close a link",
    "retires": "closes a link",
    "rings": "alerts",
    "rota": "schedule",
    "seat": "chat access, participation",
    "seats": "chat access, participation",
    "shelf": "storage",
    "slip": "receipt",
    "slips": "receipts",
    "sought": "searched",
    "standing": "payment state",
    "strange": "malformed, unusual, foreign",
    "stray": "unmatched",
    "strays": "unmatched events",
    "stretch": "plan period",
    "stretches": "plan periods",
    "swap": "replace",
    "swaps": "replaces",
    "veil": "backdrop",
    "visit": "appointment",
    "visits": "appointments",
    "voice": "client",
    "voices": "clients",
    "wear": "apply",
    "wears": "applies",
    "wish": "waiting chat",
    "wishes": "waiting chats",
}
"""Each word that was a metaphor of ours, and what to write."""
PHRASES = {
    r"words? (?:of|on) the wire": "commands and events, the protocol",
    r"(?:ordinary|batched) lane": "batch queue",
    r"opening pictures?": "initial state",
    r"what is remembered": "stored",
    r"only actions speak": "only actions emit events",
}
CONTRACTS = {
    r"visit_type|first visit": "state of the booking dialogue on the wire, and the medical term of the glossary",
    r"\"visit\"": "what a client sends to change that answer",
    r"in[_ -]?doubt": "error code payment_in_doubt, and what its sentence says",
    r"archive_(?:mode|command|timeout)": "settings of PostgreSQL",
    r"font-face|align-items: stretch|justify-items: stretch|font-display: swap": "words of CSS",
}
"""Where a banned word is not ours to choose, and why."""
ALLOWED = (
    "docs/decisions/",  # history: a decision stays as it was written
    "beneficiate/migrations/0",  # frozen as they ran
    "tests/test_vocabulary.py",
)
VENDORED = re.compile(r"(^|/)vendor/|^static/(dist|fonts|icons)/")

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`")
_CONTRACT = re.compile("|".join(f"(?:{pattern})" for pattern in CONTRACTS), re.IGNORECASE)
_NAMED = re.compile(r"{#.*?#}|<!--.*?-->|\b(?:class|id|for)=\"[^\"]*|\bdata-[\w-]+", re.DOTALL)


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in listed.split("\0") if path and not VENDORED.search(path) and not path.startswith(ALLOWED)]


def blank(match):
    """The same number of lines, and nothing on them."""
    return "\n" * match[0].count("\n")


def python_text(source):
    """Names, comments and docstrings, each on its line; other strings may be Spanish."""
    lines = [""] * (source.count("\n") + 2)
    previous = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and previous in (
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
        )
        if token.type in (tokenize.NAME, tokenize.COMMENT) or is_docstring:
            for offset, text in enumerate(token.string.split("\n")):
                lines[token.start[0] + offset] += " " + text
        if token.type not in (tokenize.NL, tokenize.COMMENT):
            previous = token.type
    return "\n".join(lines[1:])


def template_text(source):
    """The comments, classes, ids and data attributes: the rest is Spanish."""
    comments, end = "", 0
    for found in _NAMED.finditer(source):
        comments += "\n" * source.count("\n", end, found.start()) + found[0]
        end = found.end()
    return comments


def code_text(source):
    """JavaScript and CSS without their strings."""
    return _STRING.sub(blank, source)


READERS = {".py": python_text, ".html": template_text, ".js": code_text, ".css": code_text}
PLAIN = {".md", ".cfg", ".toml", ".yaml", ""}


def find_banned(text):
    """Each banned word with its line; identifiers are taken apart into their words."""
    for number, line in enumerate(_CONTRACT.sub("", text).split("\n"), 1):
        for word in _WORD.findall(line):
            if word.lower() in BANNED:
                yield number, word
        for phrase in PHRASES:
            for found in re.findall(phrase, line, re.IGNORECASE):
                yield number, found


def may_have_banned(source):
    """Whether a banned word is anywhere in a file: most have none, and taking all apart takes 10 s."""
    words = {word.lower() for word in _WORD.findall(source)}
    return not words.isdisjoint(BANNED) or any(re.search(phrase, source, re.IGNORECASE) for phrase in PHRASES)


def hits():
    for path in tracked_files():
        file = ROOT / path
        read = READERS.get(file.suffix, str if file.suffix in PLAIN else None)
        if read is None:
            continue
        source = file.read_text(encoding="utf-8")
        if may_have_banned(source):
            yield from ((path, number, word) for number, word in find_banned(read(source)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A door hears.", ["door", "hears"]),
        ("class ApiDoor(Door): house_of = 1", ["Door", "Door", "house"]),
        ("SEATS = find_seats()", ["SEATS", "seats"]),
        ("Words on the wire", ["Words on the wire"]),
        ("indoor seating, kindly, a household", []),
    ],
)
def test_banned_words_are_found_as_whole_words(text, expected):
    assert may_have_banned(text) is bool(expected)
    assert [word for _, word in find_banned(text)] == expected


def test_strings_are_not_read_but_docstrings_are():
    source = 'def ask():\n    """Open the door."""\n    return "Pulse la tecla"  # the house\n'
    assert list(find_banned(python_text(source))) == [(2, "door"), (3, "house")]
    assert list(find_banned(code_text('const a = "pulse"; // kin'))) == [(1, "kin")]
    assert list(find_banned(template_text("<p>Pulse</p>\n{# a\nlane #}"))) == [(3, "lane")]
    assert list(find_banned(template_text('<p class="card face--1" data-visit-id="1">A visit</p>'))) == [
        (1, "face"),
        (1, "visit"),
    ]


def test_contracts_are_no_hits():
    assert list(find_banned("ASK_VISIT_TYPE = 1  # payment_in_doubt\n@font-face {")) == []
    assert list(find_banned("a visit, a doubt")) == [(1, "visit"), (1, "doubt")]


def test_no_banned_word_is_left():
    assert [f"{path}:{number} {word}" for path, number, word in hits()] == []
