"""Bodies that are files: written to the disk as they come, and never taken into memory whole."""

from tempfile import SpooledTemporaryFile
from typing import IO, Any

from tornado.web import stream_request_body

from beneficiate.audiences import Audience
from beneficiate.errors import Problem, TooLarge
from beneficiate.pages.api import ApiDoor

IN_MEMORY = 256 * 1024
PATIENCE_S = 300.0
"""How long a body may take: 10 MiB at 280 kbit/s."""


@stream_request_body
class UploadDoor(ApiDoor):
    """A door that is sent a file; `admit` says before the file whether it may come, `received` gives it.

    A refusal is answered after the body, which is thrown away meanwhile: an answer in the middle of it ends the
    connection, and most clients then report a broken one instead of the reason. Refused at once are those who ask first
    (`Expect: 100-continue`), and bodies of more than twice the limit.
    """

    def initialize(self, audience: Audience) -> None:
        super().initialize(audience)
        self._most = self.house.settings.attachment_bytes
        self._spool = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed when the request is over
        self._size = 0
        self._is_whole = False
        self._refusal: Problem | None = None

    async def admit(self) -> None:
        """Raises the Problem for which the file need not come."""

    async def prepare(self) -> None:
        announced = _number(self.request.headers.get("Content-Length", ""))
        connection: Any = self.request.connection
        connection.set_max_body_size(max(2 * self._most, announced))
        connection.set_body_timeout(PATIENCE_S)
        try:
            await super().prepare()
            if announced > self._most:
                raise self._too_large()
            if self.request.method == "POST":
                await self.admit()
        except Problem as problem:
            if announced > 2 * self._most or "Expect" in self.request.headers:
                raise
            self._refusal = problem

    def data_received(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._most and self._refusal is None:
            self._refusal = self._too_large()
        if self._refusal is None:
            self._spool.write(chunk)

    def received(self) -> IO[bytes]:
        """The file, once it has come. Raises the Problem for which it was refused."""
        if self._refusal is not None:
            raise self._refusal
        self._is_whole = True
        return self._spool

    def on_finish(self) -> None:
        self._spool.close()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        # Once the file is whole, somebody may be reading it, and the request goes on to its end.
        if not self._is_whole:
            self._spool.close()

    def _too_large(self) -> TooLarge:
        return TooLarge(f"El archivo es demasiado grande: puede tener hasta {self._most / 1024 / 1024:g} MB.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
