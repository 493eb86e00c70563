"""The file of a copy: a ZIP that is made while it is stored, whatever its size, in the memory of one part.

index.html, conversaciones.html   everything, for people
datos.json, claves.json           everything, for programs, and what each key means
autorizaciones/                   the texts that the member consented to
archivos/                         the files of the conversations
manifiesto.json                   the size and the SHA-256 of each of these, and what is not there and why; written last
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

import jinja2
from zipstream import ZipStream

from beneficiate.clients.files import FileStore
from beneficiate.errors import NotFound
from beneficiate.formatting import format_iso
from beneficiate.queries.copied_data import COPIED_TABLES, list_not_copied
from beneficiate.queries.copied_tables import CopiedRow, CopiedTable
from beneficiate.views.data_copies import CopiedCell, CopiedSection, CopyConversations, CopyIndex, build_cells
from beneficiate.views.pages import PageView

FORMAT = 1
CHUNK_BYTES = 256 * 1024
HTML_CHUNK_CHARS = 64 * 1024
INDEX, CONVERSATIONS, DATA, KEYS, MANIFEST = (
    "index.html",
    "conversaciones.html",
    "datos.json",
    "claves.json",
    "manifiesto.json",
)
_FILES = "files"


class CopyInterrupted(Exception):
    """The process stops, or another one has the copy now: what was written is of no use."""


class RowSpool:
    """The rows of all tables as lines of JSON in a file without a name, which is gone with its process.

    So the pages and the JSON have the same rows, although the database changes meanwhile.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._bounds: dict[str, tuple[int, int]] = {}
        self.counts: dict[str, int] = {}

    def add(self, table: CopiedTable, rows: Iterable[CopiedRow]) -> None:
        """Add rows behind those that the same table has; tables follow one another."""
        start = self._bounds[table.code][0] if table.code in self._bounds else self._file.tell()
        count = self.counts.get(table.code, 0)
        for row in rows:
            # What others stored for us may have half a character, which UTF-8 cannot write.
            self._file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            count += 1
        self._bounds[table.code], self.counts[table.code] = (start, self._file.tell()), count

    def read_lines(self, code: str) -> Iterator[bytes]:
        """Yield the rows of a table, each as JSON without its line end."""
        position, end = self._bounds[code]
        while position < end:
            self._file.seek(position)
            line = self._file.readline()
            position += len(line)
            yield line.rstrip(b"\n")

    # Any: as JSON gives them.
    def read_rows(self, code: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table."""
        return (json.loads(line) for line in self.read_lines(code))


@dataclass(slots=True)
class CopyWriter:
    """Writes one copy. `advance` is called after each entry, and raises CopyInterrupted to end it."""

    spool: RowSpool
    files: FileStore
    templates: jinja2.Environment
    written_at: datetime
    advance: Callable[[], None]
    check: Callable[[], None]
    size: int = 0
    _entries: list[dict[str, object]] = field(default_factory=list)
    _missing: list[str] = field(default_factory=list)

    def chunks(self) -> Iterator[bytes]:
        """Yield the ZIP."""
        zipped = ZipStream(compress_type=ZIP_DEFLATED)
        for name, content, is_compressed in self._contents():
            compression = ZIP_DEFLATED if is_compressed else ZIP_STORED
            zipped.add(self._count(name, content), name, compress_type=compression)
            yield from self._measure(zipped.all_files())
            self.advance()
        zipped.add(_to_json(self._manifest()), MANIFEST)
        yield from self._measure(zipped.finalize())

    def _contents(self) -> Iterator[tuple[str, Iterable[bytes], bool]]:
        versions = sorted({str(row["version"]) for row in self.spool.read_rows("consents")})
        texts = {
            f"autorizaciones/version-{version}.html": template
            for version in versions
            if (template := f"account/consent_v{version}.html") in self.templates.list_templates()
        }
        yield INDEX, self._render(self._index(tuple(texts))), True
        yield CONVERSATIONS, self._render(self._conversations()), True
        yield DATA, self._data(), True
        yield KEYS, [_to_json(_describe_keys())], True
        for name, template in texts.items():
            yield name, [self.templates.get_template(template).render().encode()], True
        for row in self.spool.read_rows(_FILES):
            try:
                found = self.files.open(row["id"])
            except NotFound:
                self._missing.append(row["path"])
                continue
            with found.content as content:
                yield row["path"], iter(partial(content.read, CHUNK_BYTES), b""), False

    def _index(self, texts: Sequence[str]) -> CopyIndex:
        (account,) = self.spool.read_rows("account")
        name = f"{account['first_name']} {account['last_name']}"
        sections = self._sections(is_conversation=False)
        return CopyIndex(name, self.written_at, sections, list_not_copied(), texts)

    def _conversations(self) -> CopyConversations:
        return CopyConversations(self.written_at, self._sections(is_conversation=True))

    def _sections(self, *, is_conversation: bool) -> list[CopiedSection]:
        tables = [one for one in COPIED_TABLES if one.is_conversation is is_conversation]
        return [CopiedSection(one.code, one.title, self.spool.counts[one.code], self._cells(one)) for one in tables]

    def _cells(self, table: CopiedTable) -> Iterator[list[CopiedCell]]:
        return (build_cells(table.columns, row) for row in self.spool.read_rows(table.code))

    def _render(self, view: PageView) -> Iterator[bytes]:
        """Yield a page in pieces of some size, as it is drawn."""
        parts: list[str] = []
        size = 0
        for part in self.templates.get_template(view.template).generate(**view.variables()):
            parts.append(part)
            size += len(part)
            if size >= HTML_CHUNK_CHARS:
                yield "".join(parts).encode("utf-8", "replace")
                parts, size = [], 0
        yield "".join(parts).encode("utf-8", "replace")

    def _data(self) -> Iterator[bytes]:
        head = {"format": FORMAT, "written_at": format_iso(self.written_at)}
        yield json.dumps(head).encode()[:-1] + b', "tables": {'
        for number, table in enumerate(COPIED_TABLES):
            yield b'%s\n"%s": [' % (b"," if number else b"", table.code.encode())
            for count, line in enumerate(self.spool.read_lines(table.code)):
                yield (b",\n" if count else b"\n") + line
            yield b"]"
        yield b"}}\n"

    def _manifest(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "written_at": format_iso(self.written_at),
            "rows": self.spool.counts,
            "entries": self._entries,
            "missing_files": self._missing,
            "not_included": [{"what": one.what, "why": one.why} for one in list_not_copied()],
        }

    def _count(self, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a content, and list it with its size and digest at its end."""
        digest, size = hashlib.sha256(), 0
        for chunk in content:
            self.check()
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        self._entries.append({"name": name, "size": size, "sha256": digest.hexdigest()})

    def _measure(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            yield chunk


class ChunkReader(io.RawIOBase):
    """Chunks as a file to read from, each made when it is asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` unless it is negative; empty at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        end = len(self._rest) if size < 0 else size
        wanted, self._rest = self._rest[:end], self._rest[end:]
        return wanted


def _describe_keys() -> dict[str, object]:
    return {
        one.code: {"title": one.title, "keys": {column.key: column.label for column in one.columns}}
        for one in COPIED_TABLES
    }


def _to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"
