"""Files that are read and sent part by part, so that none is in memory as a whole."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

CSV_TYPE = "text/csv; charset=utf-8"


def set_file_headers(handler: RequestHandler, media_type: str, name: str) -> None:
    """Say what the answer is, and under which name it is stored."""
    handler.set_header("Content-Type", media_type)
    handler.set_header("Content-Disposition", f'attachment; filename="{name}"')


async def send_parts(handler: RequestHandler, parts: AsyncGenerator[str | bytes, None]) -> None:
    """Answer with these parts, at the pace at which they are received; whoever goes away ends the reading.

    The first one, which is a head, waits for the second: what goes wrong until then is answered as a problem.
    """
    is_first = True
    with suppress(StreamClosedError):
        async with aclosing(parts) as sent:
            async for part in sent:
                handler.write(part)
                if not is_first:
                    await handler.flush()
                is_first = False
        await handler.finish()
