"""The API's routes: each serves the operations of one address as JSON."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.api import openapi
from web.api.refusals import refused
from web.api.table import OPERATIONS, PREFIX, Operation
from web.errors import RequestError
from web.security import MAX_FORM_BYTES, check_origin

JSON: Final = "application/json"
_HEADERS: Final = {"Cache-Control": "no-store"}


def routes() -> list[Route]:
    """Return one route per address, and that of the OpenAPI document."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    found = [Route(f"{PREFIX}{path}", _endpoint(known), methods=list(known)) for path, known in by_path.items()]
    return [*found, Route(f"{PREFIX}/openapi.json", _openapi, methods=["GET"])]


def _endpoint(operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        operation = operations["GET" if request.method == "HEAD" else request.method]
        try:
            if operation.method != "GET":
                check_origin(request)
            given = () if operation.body is None else (await _body(request, operation.body),)
            answer = await operation.handler(request, *given)
        except Exception as error:  # noqa: BLE001 - whatever it was, a program gets JSON
            return refused(error)
        return Response(msgspec.json.encode(answer), operation.status, media_type=JSON, headers=_HEADERS)

    return serve


async def _openapi(_: Request) -> Response:
    return Response(_document(), media_type=JSON)


@functools.cache
def _document() -> bytes:
    return msgspec.json.format(msgspec.json.encode(openapi.document()))


async def _body(request: Request, kind: type) -> Any:  # noqa: ANN401 - an instance of `kind`
    # Only with this media type does a browser ask first whether a page of another site may send it.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise RequestError("media_type", f"send the body as {JSON}", status=415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise RequestError("too_large", f"the body has more than {MAX_FORM_BYTES} bytes", status=413)
    try:
        return msgspec.json.decode(bytes(body), type=kind)
    except msgspec.ValidationError as error:
        raise RequestError("field", str(error), status=422) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError("json", f"the body is no JSON: {error}", status=400) from error
