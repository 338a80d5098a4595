"""The OpenAPI 3.1 document of the API, made from its table."""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec

from course.version import VERSION
from web.api.table import OPERATIONS, PREFIX, Operation
from web.api.values import Refusal

# What every operation may answer: no token, a wrong one too often, an error here, a backend that does not do its part.
ALWAYS: Final = (401, 429, 500, 502, 503)
_PARAMETER: Final = re.compile(r"{(?P<name>\w+)(?::\w+)?}")
_JSON: Final = "application/json"


def document() -> dict[str, Any]:
    """Return the document."""
    types = [Refusal, *(operation.answer for operation in OPERATIONS)]
    types += [operation.body for operation in OPERATIONS if operation.body is not None]
    unique = list(dict.fromkeys(types))
    _, schemas = msgspec.json.schema_components(unique, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        path = _PARAMETER.sub(r"{\g<name>}", f"{PREFIX}{operation.path}")
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fondation",
            "version": VERSION,
            "summary": "Courses made of git repositories: submit, follow, read, search.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "The access token."}},
        },
        # Either: a development stack has no token.
        "security": [{"token": []}, {}],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _PARAMETER.findall(operation.path)
            ),
            *(
                {
                    "name": query.name,
                    "in": "query",
                    "required": query.is_required,
                    "description": query.about,
                    "schema": query.schema,
                }
                for query in operation.query
            ),
        ],
        "responses": {
            str(operation.status): _answer(operation.status, operation.answer),
            **{str(status): _answer(status, Refusal) for status in sorted({*operation.refusals, *ALWAYS})},
        },
    }
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": _reference(operation.body)}}}
    return found


def _answer(status: int, answer: type) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {_JSON: {"schema": _reference(answer)}}}


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
