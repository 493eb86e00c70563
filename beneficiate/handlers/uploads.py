"""Request bodies that are files: written to disk as they arrive, never held in memory whole."""

from tempfile import SpooledTemporaryFile
from typing import IO, cast

from tornado.http1connection import HTTP1Connection
from tornado.web import stream_request_body

from beneficiate.audiences import Audience
from beneficiate.errors import Problem, TooLarge
from beneficiate.handlers.api import ApiHandler

SPOOL_BYTES = 256 * 1024
BODY_TIMEOUT_S = 300.0
"""How long a body may take: 10 MiB at 280 kbit/s."""


@stream_request_body
class UploadHandler(ApiHandler):
    """A handler whose body is a file. `check_upload` may refuse it beforehand, `uploaded_file` returns it.

    A refusal is answered after the body, which is discarded meanwhile: an answer in the middle of it closes the
    connection, and most clients then report a broken connection instead of the reason. Refused at once are clients that
    ask first (`Expect: 100-continue`), and bodies of more than twice the limit.
    """

    def initialize(self, audience: Audience) -> None:
        super().initialize(audience)
        self._max_bytes = self.context.settings.attachment_bytes
        self._spool = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115  closed when the request is over
        self._size = 0
        self._is_complete = False
        self._problem: Problem | None = None

    async def check_upload(self) -> None:
        """Raise the Problem for which the file is refused before it is sent."""

    async def prepare(self) -> None:
        announced = _parse_content_length(self.request.headers.get("Content-Length", ""))
        connection = cast(HTTP1Connection, self.request.connection)
        connection.set_max_body_size(max(2 * self._max_bytes, announced))
        connection.set_body_timeout(BODY_TIMEOUT_S)
        try:
            await super().prepare()
            if announced > self._max_bytes:
                raise self._too_large()
            if self.request.method == "POST":
                await self.check_upload()
        except Problem as problem:
            if announced > 2 * self._max_bytes or "Expect" in self.request.headers:
                raise
            self._problem = problem

    def data_received(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._max_bytes and self._problem is None:
            self._problem = self._too_large()
        if self._problem is None:
            self._spool.write(chunk)

    def uploaded_file(self) -> IO[bytes]:
        """Return the file, once it is complete. Raises the Problem for which it was refused."""
        if self._problem is not None:
            raise self._problem
        self._is_complete = True
        return self._spool

    def on_finish(self) -> None:
        self._spool.close()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        # A complete file may be being read; the request goes on to its end.
        if not self._is_complete:
            self._spool.close()

    def _too_large(self) -> TooLarge:
        return TooLarge(f"El archivo es demasiado grande: puede tener hasta {self._max_bytes / 1024 / 1024:g} MB.")


def _parse_content_length(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
