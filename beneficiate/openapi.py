"""The OpenAPI 3.1 document of `/api/v1`, printed from the routes and what their doors read and give."""

import re
from itertools import count
from typing import Any

import msgspec

from beneficiate import __version__
from beneficiate.audiences import Audience
from beneficiate.errors import every_problem
from beneficiate.pages.api import ApiDoor
from beneficiate.routes import ROUTES, Route

PREFIX = "/api/v1"
METHODS = ("get", "post", "put")
_GROUP = re.compile(r"\([^/]+\)")
_REF = "#/components/schemas/{name}"


def document() -> dict[str, Any]:
    """Every JSON call of the house: its path, who may, what it takes, what it answers."""
    described = [
        (route, method) for route in ROUTES if _is_described(route) for method in METHODS if method in vars(route.door)
    ]
    kinds = [kind for route, _ in described for kind in (route.door.reads, route.door.gives) if kind is not None]  # type: ignore[attr-defined]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    by_kind = list(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, method in described:
        paths.setdefault(_path(route), {})[method] = _operation(route, method, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Beneficiate", "version": __version__, "description": (__doc__ or "").strip()},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Failure": _failure()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _is_described(route: Route) -> bool:
    return route.path.startswith(PREFIX) and issubclass(route.door, ApiDoor)


def _operation(route: Route, method: str, by_kind: list[tuple[Any, dict[str, Any]]]) -> dict[str, Any]:
    door: type[ApiDoor] = route.door  # type: ignore[assignment]
    data = _schema_of(door.gives, by_kind) if door.gives is not None else {}
    success = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "data": data, "statusCode": {"type": "integer"}},
        "required": ["message", "data", "statusCode"],
    }
    operation: dict[str, Any] = {
        "operationId": f"{method}_{door.__name__}",
        "summary": " ".join((door.__doc__ or "").split()),
        "parameters": _parameters(route),
        "responses": {
            "2XX": {"description": "Done.", "content": {"application/json": {"schema": success}}},
            "default": {
                "description": "Refused; `code` says why.",
                "content": {"application/json": {"schema": {"$ref": _REF.format(name="Failure")}}},
            },
        },
    }
    if door.reads is not None and method != "get":
        body = {"application/json": {"schema": _schema_of(door.reads, by_kind)}}
        operation["requestBody"] = {"required": True, "content": body}
    if route.audience is not Audience.ANYONE:
        operation["security"] = [{"bearer": []}]
        operation["x-audience"] = route.audience.name.lower() if route.audience else ""
    return operation


def _schema_of(kind: Any, by_kind: list[tuple[Any, dict[str, Any]]]) -> dict[str, Any]:
    return next(schema for known, schema in by_kind if known is kind)


def _parameters(route: Route) -> list[dict[str, Any]]:
    """The ids of the path, numbers or UUIDs, and what the door takes from the query string."""
    id_: dict[str, Any] = {"type": "integer", "minimum": 1}
    if r"\d" not in route.path:
        id_ = {"type": "string", "format": "uuid"}
    ids = [
        {"name": name, "in": "path", "required": True, "schema": id_} for name in re.findall(r"{(\w+)}", _path(route))
    ]
    asked = [
        {"name": name, "in": "query", "required": False, "schema": {"type": kind}}
        for name, kind in route.door.takes.items()  # type: ignore[attr-defined]
    ]
    return [*ids, *asked]


def _path(route: Route) -> str:
    """The path with its first group as `{id}`, the next one as `{id2}`."""
    numbers = count(1)

    def name(_: re.Match[str]) -> str:
        number = next(numbers)
        return "{id}" if number == 1 else f"{{id{number}}}"

    return _GROUP.sub(name, route.path).removeprefix(PREFIX)


def _failure() -> dict[str, Any]:
    codes = sorted({problem.code for problem in every_problem()})
    return {
        "type": "object",
        "properties": {
            "error": {"type": "string", "description": "A sentence in Spanish, to be shown."},
            "code": {"type": "string", "enum": codes},
            "statusCode": {"type": "integer"},
            "timestamp": {"type": "string", "format": "date-time"},
        },
        "required": ["error", "code", "statusCode", "timestamp"],
    }
