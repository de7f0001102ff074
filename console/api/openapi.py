"""The OpenAPI document, made of the table of routes and the shapes, so that it says what the code does."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from console.api.problems import MEDIA_TYPE
from console.api.routes import KEY_HEADER, KEY_PATTERN, LARGEST, Route, paths
from console.api.shapes import Problem

_REFS = "#/components/schemas/{name}"

#: What every operation may answer beside its own.
_ALWAYS = (401, 422)


def document(routes: tuple[Route, ...], *, version: str) -> Mapping[str, Any]:
    """The whole document, OpenAPI 3.1."""
    shapes = {route.answer for route in routes} | {route.body for route in routes if route.body} | {Problem}
    _, schemas = msgspec.json.schema_components(sorted(shapes, key=lambda shape: shape.__name__), ref_template=_REFS)
    queries = {route.query for route in routes if route.query}
    _, of_queries = msgspec.json.schema_components(
        sorted(queries, key=lambda shape: shape.__name__), ref_template=_REFS
    )
    names = {query.__name__ for query in queries}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Guanxi", "version": version, "description": "Contacts, tickets, messages; events in."},
        "servers": [{"url": "/api/v1"}],
        "security": [{"bearer": []}],
        "paths": {path: _operations(of_path, of_queries) for path, of_path in sorted(paths(routes).items())},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas | {name: schema for name, schema in of_queries.items() if name not in names},
        },
    }


def _operations(routes: tuple[Route, ...], of_queries: Mapping[str, Any]) -> Mapping[str, Any]:
    return {route.method.lower(): _operation(route, of_queries) for route in routes}


def _operation(route: Route, of_queries: Mapping[str, Any]) -> Mapping[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": _parameters(route, of_queries),
        "responses": {str(route.status): _answer(route)} | _problems(route),
    }
    if route.body is not None:
        schema = {"$ref": _REFS.format(name=route.body.__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _parameters(route: Route, of_queries: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parameters: list[Mapping[str, Any]] = []
    if route.parameter is not None:
        schema: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": LARGEST}
        parameters.append({"name": route.parameter, "in": "path", "required": True, "schema": schema})
    if route.needs_key:
        schema = {"type": "string", "pattern": KEY_PATTERN}
        text = "Of your own making; a second request of the same key does nothing more."
        parameters.append({"name": KEY_HEADER, "in": "header", "required": True, "schema": schema, "description": text})
    if route.query is not None:
        fields = of_queries[route.query.__name__]["properties"]
        parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]
    return parameters


def _answer(route: Route) -> Mapping[str, Any]:
    schema = {"$ref": _REFS.format(name=route.answer.__name__)}
    return {"description": HTTPStatus(route.status).phrase, "content": {"application/json": {"schema": schema}}}


def _problems(route: Route) -> dict[str, Any]:
    of_path = () if route.parameter is None else (404,)
    of_body = () if route.body is None else (400, 413, 415)
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REFS.format(name="Problem")}}},
        }
        for status in sorted({*_ALWAYS, *of_path, *of_body, *route.problems})
    }
