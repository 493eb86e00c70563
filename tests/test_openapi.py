"""The OpenAPI document is valid and describes every JSON call."""

import json
import re

import pytest

from beneficiate.handlers.api import ApiHandler
from beneficiate.openapi import API_PREFIX, DESCRIBED_METHODS, build_openapi_document
from beneficiate.routes import ROUTES
from tests.http_client import fetch


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_json_call_is_described():
    routes = [route for route in ROUTES if route.path.startswith(API_PREFIX) and issubclass(route.handler, ApiHandler)]
    calls = {
        (method, re.sub(r"\([^/]+\)", "{id}", route.path))
        for route in routes
        for method in DESCRIBED_METHODS
        if method in vars(route.handler)
    }
    described = {
        (method, API_PREFIX + re.sub(r"{id\d*}", "{id}", path))
        for path, item in build_openapi_document()["paths"].items()
        for method in item
    }
    assert described == calls
    assert len(calls) > 20


def test_document_is_valid():
    # Here, since to import it takes 2.6 s of a core, which every worker would spend.
    from openapi_spec_validator import OpenAPIV31SpecValidator, validate

    validate(json.loads(json.dumps(build_openapi_document())), cls=OpenAPIV31SpecValidator)


def test_every_reference_leads_somewhere():
    printed = build_openapi_document()
    known = {f"#/components/schemas/{name}" for name in printed["components"]["schemas"]}
    assert set(references(printed)) <= known


def test_calls_that_need_a_token_state_it():
    paths = build_openapi_document()["paths"]
    assert "security" not in paths["/plans/all"]["get"]
    assert paths["/chats"]["post"]["security"] == [{"bearer": []}]
    assert paths["/patients"]["get"]["x-audience"] == "staff"


@pytest.mark.gen_test
async def test_document_is_served(server):
    answer = await fetch(server.port, "/api/openapi.json")
    assert answer.status == 200
    assert answer.json == json.loads(json.dumps(build_openapi_document()))
