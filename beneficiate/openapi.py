"""The OpenAPI 3.1 document of `/api/v1`, printed from the routes and the request and response types of handlers."""

import re
from functools import cache
from itertools import count
from typing import cast

import msgspec

from beneficiate import __version__
from beneficiate.audiences import Audience
from beneficiate.errors import all_problem_types
from beneficiate.handlers.api import ApiHandler
from beneficiate.protocol.envelope import JsonObject
from beneficiate.routes import ROUTES, Route

API_PREFIX = "/api/v1"
DESCRIBED_METHODS = ("get", "post", "put")
_PATH_GROUP = re.compile(r"\([^/]+\)")
_SCHEMA_REF = "#/components/schemas/{name}"


@cache
def encode_openapi_document() -> bytes:
    """Return the document as JSON: it is always the same."""
    return msgspec.json.encode(build_openapi_document())


def build_openapi_document() -> JsonObject:
    """Return the document of every JSON call: path, audience, request, response."""
    described = [
        (route, method)
        for route in ROUTES
        if _is_described(route)
        for method in DESCRIBED_METHODS
        if method in vars(route.handler)
    ]
    handlers = [_api_handler(route) for route, _ in described]
    kinds = [kind for one in handlers for kind in (one.request_type, one.response_type) if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_SCHEMA_REF)
    by_kind = list(zip(kinds, schemas, strict=True))
    paths: dict[str, JsonObject] = {}
    for route, method in described:
        paths.setdefault(_openapi_path(route), {})[method] = _operation(route, method, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Beneficiate", "version": __version__, "description": (__doc__ or "").strip()},
        "servers": [{"url": API_PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Failure": _failure_schema()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _is_described(route: Route) -> bool:
    return route.path.startswith(API_PREFIX) and issubclass(route.handler, ApiHandler)


def _api_handler(route: Route) -> type[ApiHandler]:
    return cast(type[ApiHandler], route.handler)


def _operation(route: Route, method: str, by_kind: list[tuple[object, JsonObject]]) -> JsonObject:
    handler = _api_handler(route)
    data = _schema_of(handler.response_type, by_kind) if handler.response_type is not None else {}
    success = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "data": data, "statusCode": {"type": "integer"}},
        "required": ["message", "data", "statusCode"],
    }
    operation: JsonObject = {
        "operationId": f"{method}_{handler.__name__.removesuffix('Handler')}",
        "summary": " ".join((handler.__doc__ or "").split()),
        "parameters": _parameters(route),
        "responses": {
            "2XX": {"description": "Done.", "content": {"application/json": {"schema": success}}},
            "default": {
                "description": "Refused; `code` says why.",
                "content": {"application/json": {"schema": {"$ref": _SCHEMA_REF.format(name="Failure")}}},
            },
        },
    }
    contents: JsonObject = {kind: {} for kind in handler.content_types}
    if contents and method == "get":
        operation["responses"]["2XX"]["content"] = contents
    elif contents:
        operation["requestBody"] = {"required": True, "content": contents}
    if handler.request_type is not None and method != "get":
        body = {"application/json": {"schema": _schema_of(handler.request_type, by_kind)}}
        operation["requestBody"] = {"required": True, "content": body}
    if route.audience is not Audience.ANYONE:
        operation["security"] = [{"bearer": []}]
        operation["x-audience"] = route.audience.name.lower() if route.audience else ""
    return operation


def _schema_of(kind: object, by_kind: list[tuple[object, JsonObject]]) -> JsonObject:
    return next(schema for known, schema in by_kind if known is kind)


def _parameters(route: Route) -> list[JsonObject]:
    """Return the ids of the path, numbers or UUIDs, and the parameters of the query string."""
    id_: JsonObject = {"type": "integer", "minimum": 1}
    if r"\d" not in route.path:
        id_ = {"type": "string", "format": "uuid"}
    ids = [
        {"name": name, "in": "path", "required": True, "schema": id_}
        for name in re.findall(r"{(\w+)}", _openapi_path(route))
    ]
    query_params = [
        {"name": name, "in": "query", "required": False, "schema": {"type": kind}}
        for name, kind in _api_handler(route).query_params.items()
    ]
    return [*ids, *query_params]


def _openapi_path(route: Route) -> str:
    """Return the path with its first group as `{id}`, the next one as `{id2}`."""
    numbers = count(1)

    def name(_: re.Match[str]) -> str:
        number = next(numbers)
        return "{id}" if number == 1 else f"{{id{number}}}"

    return _PATH_GROUP.sub(name, route.path).removeprefix(API_PREFIX)


def _failure_schema() -> JsonObject:
    codes = sorted({problem.code for problem in all_problem_types()})
    return {
        "type": "object",
        "properties": {
            "error": {"type": "string", "description": "A sentence in Spanish, to be shown."},
            "code": {"type": "string", "enum": codes},
            "statusCode": {"type": "integer"},
            "timestamp": {"type": "string", "format": "date-time"},
            "version": {"type": "integer", "description": "With 409: the version that is saved now."},
            "changes": {
                "type": "object",
                "description": "With 409: the fields in which what is saved differs from what was sent.",
                "additionalProperties": {"type": "object", "properties": {"saved": {}, "sent": {}}},
            },
        },
        "required": ["error", "code", "statusCode", "timestamp"],
    }
