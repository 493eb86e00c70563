"""Which methods a handler of Tornado has: an answer 405 names them in `Allow` (RFC 9110, section 15.5.6)."""

from tornado.web import HTTPError, RequestHandler

NOT_ALLOWED = 405


async def refuse_method(_: RequestHandler, *path: str) -> None:
    """Answer 405: stands in a handler for a method that its base has and it has not."""
    raise HTTPError(NOT_ALLOWED)


def name_allowed_methods(handler: RequestHandler, status: int) -> None:
    """Name in the answer the methods that the handler has, if the status is 405."""
    if status == NOT_ALLOWED:
        handler.set_header("Allow", ", ".join(find_methods(type(handler))))


def find_methods(handler: type[RequestHandler]) -> tuple[str, ...]:
    """Return the methods that a handler has. HEAD is answered as GET is, so that it needs one."""
    found = [name for name in RequestHandler.SUPPORTED_METHODS if _has_method(handler, name)]
    return tuple(name for name in found if name != "HEAD" or "GET" in found)


def _has_method(handler: type[RequestHandler], name: str) -> bool:
    method = getattr(handler, name.lower())
    return method is not refuse_method and method is not getattr(RequestHandler, name.lower())
