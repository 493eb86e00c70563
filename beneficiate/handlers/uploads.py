"""Request bodies that are files, or forms with a file: written to disk as they arrive."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPFile,
    HTTPInputError,
    HTTPServerRequest,
    ParseMultipartConfig,
    parse_multipart_form_data,
)
from tornado.web import Application, stream_request_body

from beneficiate.errors import BadFrame, FileNotStored, Invalid, Problem, TooLarge, Unauthorized
from beneficiate.handlers.api import ApiHandler
from beneficiate.handlers.base import BaseHandler
from beneficiate.handlers.early_refusals import answer_before_body, parse_content_length
from beneficiate.handlers.signed_in import SignedInPage
from beneficiate.logs import log_failure

SPOOL_BYTES = 256 * 1024
BODY_TIMEOUT_S = 300.0
"""How long a body may take: 10 MiB at 280 kbit/s."""
FORM_BYTES = 16 * 1024
"""What a form may have around its file: boundaries, headers, two short fields."""
_FORM_TYPE = "multipart/form-data"
_FORM_LIMITS = ParseMultipartConfig(max_parts=8, max_part_header_size=4096)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file, its name if the body was a form, and the other fields of the form."""

    content: IO[bytes]
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


_UNREADABLE_FORM = "No pudimos leer el formulario del archivo."
_form_lock = Lock()


@stream_request_body
class FileBodyMixin(BaseHandler):
    """A handler whose body is a file, or a form (`multipart/form-data`) with one file.

    `check_upload` may refuse it beforehand, `uploaded_file` returns it.

    What is known before the body comes is answered then, and the rest of it is discarded.
    """

    # Any: what `initialize` of the other base takes.
    def __init__(self, application: Application, request: HTTPServerRequest, **options: Any) -> None:
        super().__init__(application, request, **options)
        self._max_bytes = self.max_file_bytes
        self._is_form = self.request.headers.get("Content-Type", "").lower().startswith(_FORM_TYPE)
        self._max_body_bytes = self._max_bytes + (FORM_BYTES if self._is_form else 0)
        self._spool = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115  closed when the request is over
        self._size = 0
        self._is_complete = False
        self._is_stored = True

    @property
    def max_file_bytes(self) -> int:
        """How large the file may be."""
        return self.context.settings.attachment_bytes

    async def check_upload(self) -> None:
        """Raise the Problem for which the file is refused before it is sent."""

    async def prepare(self) -> None:
        announced = parse_content_length(self.request.headers.get("Content-Length", ""))
        connection = cast(HTTP1Connection, self.request.connection)
        connection.set_max_body_size(max(2 * self._max_bytes, announced))
        connection.set_body_timeout(BODY_TIMEOUT_S)
        try:
            await super().prepare()
            if announced > self._max_body_bytes:
                raise self._too_large()
            if self.request.method == "POST":
                await self.check_upload()
        except Problem:
            answer_before_body(self)
            raise

    def data_received(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size <= self._max_body_bytes and not self._spool.closed:
            try:
                self._spool.write(chunk)
            except OSError as problem:
                # The disk is full: the answer comes after the body, as Tornado would close the connection now.
                log_failure("upload_not_stored", problem, number=problem.errno)
                self._is_stored = False
                self._close_spool()

    async def uploaded_file(self) -> UploadedFile:
        """Return the file, once it is complete.

        Raises TooLarge, FileNotStored, Unauthorized when the sign-in has ended meanwhile, and for a form BadFrame or
        Invalid.
        """
        await self.check_sign_in()
        if self._size > self._max_body_bytes:
            raise self._too_large()
        if not self._is_stored:
            raise FileNotStored
        self._is_complete = True
        if not self._is_form:
            return UploadedFile(self._spool)
        return await asyncio.to_thread(self._read_form)

    def _read_form(self) -> UploadedFile:
        # The file is in memory meanwhile, up to three times: one form after another.
        with _form_lock:
            self._spool.seek(0)
            file, fields = parse_form(self.request.headers["Content-Type"], self._spool.read())
            if len(file.body) > self._max_bytes:
                raise self._too_large()
            self._spool.seek(0)
            self._spool.truncate()
            self._spool.write(file.body)
        return UploadedFile(self._spool, file.filename, fields)

    def on_finish(self) -> None:
        self._close_spool()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        # A complete file may be being read; the request goes on to its end.
        if not self._is_complete:
            self._close_spool()

    def _close_spool(self) -> None:
        # What is buffered is written first, which a full disk refuses once more.
        with suppress(OSError):
            self._spool.close()

    def _too_large(self) -> TooLarge:
        return TooLarge(f"El archivo es demasiado grande: puede tener hasta {self._max_bytes / 1024 / 1024:g} MB.")


class UploadHandler(FileBodyMixin, ApiHandler):
    """A call of the API whose body is a file."""


class UploadPage(FileBodyMixin, SignedInPage):
    """A page whose form has a file. Its token is a field of the form, so it is looked at once the form is there."""

    def check_xsrf_cookie(self) -> None:
        """Accept the head of the request; `read_form_file` looks at the token."""

    async def check_sign_in(self) -> None:
        if not self.audience.admits((await self.authenticate()).role):
            raise Unauthorized

    async def read_form_file(self) -> UploadedFile:
        """Return the file of the form. Raises TooLarge, Unauthorized, BadFrame, Invalid, HTTPError 403."""
        file = await self.uploaded_file()
        self.request.arguments.update({name: [text.encode()] for name, text in file.fields.items()})
        super().check_xsrf_cookie()
        return file


def parse_form(content_type: str, body: bytes) -> tuple[HTTPFile, dict[str, str]]:
    """Return the only file of a form, and its other fields. Raises BadFrame, Invalid."""
    options = [part.strip().partition("=") for part in content_type.split(";")]
    boundary = next((value.strip('"') for name, _, value in options if name == "boundary"), "")
    if not boundary:
        raise BadFrame(_UNREADABLE_FORM)
    arguments: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    try:
        parse_multipart_form_data(boundary.encode(), body, arguments, files, config=_FORM_LIMITS)
        fields = {name: values[-1].decode() for name, values in arguments.items()}
    except (HTTPInputError, UnicodeError) as problem:
        raise BadFrame(_UNREADABLE_FORM) from problem
    found = [file for same_name in files.values() for file in same_name]
    if len(found) != 1:
        raise Invalid("Elija un archivo: se envía uno cada vez.")
    return found[0], fields
