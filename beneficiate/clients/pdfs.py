"""Parses PDF documents, and refuses those that do something when they are opened."""

import re
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

from beneficiate.errors import UnsupportedType

_ACTIVE_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR", "/Rendition"})
"""GoToR opens another file, maybe on a server that learns the sign-in of whoever opens it (CVE-2018-4993)."""
_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")  # what follows a port's colon is no address of its own
MAX_OBJECTS = 60_000
"""Each is looked at: so many take a second of a processor. A scanned document has some hundred, a long book 20,000."""
_TOO_MANY = "El PDF es demasiado complejo para revisarlo. Envíelo por partes, o imprímalo de nuevo como PDF."
_DAMAGED = "No pudimos leer el PDF: el archivo está dañado o incompleto."
_PROTECTED = "El PDF tiene contraseña, y así no podemos revisarlo. Envíe una copia sin contraseña."
_ACTIVE = "El PDF contiene programas, archivos o acciones. Por seguridad solo recibimos PDF sin ellos."


def check_pdf(content: BinaryIO) -> None:
    """Parse a PDF. Raises UnsupportedType when it has no page, needs a password, or has anything active.

    One that opens without a password but restricts printing is read like any other. Every object is looked at, also
    those that nothing refers to: another program may find them.
    """
    try:
        with pikepdf.open(content) as pdf:
            has_page, is_simple = len(pdf.pages) > 0, len(pdf.objects) <= MAX_OBJECTS
            is_active = is_simple and any(_is_active(entry) for entry in _dictionaries(pdf))
    except pikepdf.PasswordError as problem:
        raise UnsupportedType(_PROTECTED) from problem
    except Exception as problem:  # a parser may fail in any way on a crafted file
        raise UnsupportedType(_DAMAGED) from problem
    if not has_page:
        raise UnsupportedType(_DAMAGED)
    if not is_simple:
        raise UnsupportedType(_TOO_MANY)
    if is_active:
        raise UnsupportedType(_ACTIVE)


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield every dictionary of a document: its trailer, its objects and what they contain themselves.

    What is referred to is an object of its own, so that nothing is visited twice.
    """
    waiting: list[object] = [pdf.trailer, *pdf.objects]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Stream):
            one = one.stream_dict
        if isinstance(one, pikepdf.Dictionary):
            yield one
            waiting += [value for value in one.as_dict().values() if _is_direct(value)]
        elif isinstance(one, pikepdf.Array):
            waiting += [value for value in one if _is_direct(value)]


def _is_direct(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def _is_active(entry: pikepdf.Object) -> bool:
    keys = set(entry.keys())
    is_action = str(entry.get("/S", "")) in _ACTIVE_ACTIONS
    return is_action or not _ACTIVE_KEYS.isdisjoint(keys) or _leads_elsewhere(str(entry.get("/URI", "")))


def _leads_elsewhere(link: str) -> bool:
    """Return whether a link is neither of the web nor a mail address nor a telephone, such as a script or a share."""
    scheme = _SCHEME.match(link)
    return link.strip().startswith("\\\\") or (scheme is not None and scheme[1].lower() not in _LINK_SCHEMES)
