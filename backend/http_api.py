"""Convex's HTTP function API: request → response.

A function that refuses answers with HTTP 200 and `status: "error"`, as Convex does; a request that is wrong in itself
gets a 4xx with `{code, message}`, the body that official clients print.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from backend import __version__
from backend.errors import FunctionError, RequestError, StorageError
from backend.metrics import CONTENT_TYPE
from backend.registry import canonical_path
from backend.service import Service
from backend.values import parse_json, to_json

# Values may be 16 MiB; JSON escapes can double text.
BODY_MAX_BYTES: Final = 32 << 20
_FORMATS: Final = frozenset({None, "json", "convex_encoded_json"})
_THREAD_BYTES: Final = 256 << 10
_HEALTH_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """What a request asks for."""

    path: str
    args: Any


class HttpApi:
    """The handlers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def query(self, request: Request) -> Response:
        """Run a query."""
        authorized = self._authorized(request)
        if not authorized and not self._service.settings.open_reads:
            raise _unauthorized("reads of this backend")
        return await self._query(await _function_call(request), authorized=authorized)

    async def mutation(self, request: Request) -> Response:
        """Run a mutation."""
        if not self._authorized(request):
            raise _unauthorized("mutations")
        return await self._mutation(await _function_call(request))

    async def action(self, request: Request) -> Response:
        """Refuse: there are no actions."""
        call = await _function_call(request)
        raise RequestError(
            404, "FunctionNotFound", f"{call.path}: this backend has no actions; use a query or mutation"
        )

    async def run(self, request: Request) -> Response:
        """Run whatever kind of function the URL's path names."""
        name = "{module}:{function}".format(**request.path_params)
        call = await _function_call(request, path=name)
        authorized = self._authorized(request)
        try:
            is_mutation = self._service.registry.is_mutation(call.path)
        except FunctionError as error:
            return _refused(error)
        if is_mutation:
            if not authorized:
                raise _unauthorized("mutations")
            return await self._mutation(call)
        if not authorized and not self._service.settings.open_reads:
            raise _unauthorized("reads of this backend")
        return await self._query(call, authorized=authorized)

    async def health(self, _request: Request) -> Response:
        """Answer 200 while the database answers."""
        try:
            async with asyncio.timeout(_HEALTH_TIMEOUT_S):
                await self._service.store.read(lambda _snapshot, ts: ts)
        except (TimeoutError, StorageError) as error:
            raise RequestError(503, "Unhealthy", "the database does not answer") from error
        return _json('{"status":"ok"}')

    async def metrics(self, request: Request) -> Response:
        """Return the metrics; whoever may read may have them."""
        if not self._authorized(request) and not self._service.settings.open_reads:
            raise _unauthorized("metrics of this backend")
        text = await self._service.metrics.render()
        return Response(text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    async def version(self, _request: Request) -> Response:
        """Return the version as plain text."""
        return PlainTextResponse(__version__)

    async def _query(self, call: FunctionCall, *, authorized: bool) -> Response:
        try:
            prepared = self._service.prepare(call.path, call.args, authorized=authorized)
            answer = await self._service.query(prepared)
        except FunctionError as error:
            return _refused(error)
        return _succeeded(answer.text) if answer.error is None else _refused(answer.error)

    async def _mutation(self, call: FunctionCall) -> Response:
        try:
            outcome = await self._service.mutate(call.path, call.args)
        except FunctionError as error:
            return _refused(error)
        return _succeeded(outcome.value)

    def _authorized(self, request: Request) -> bool:
        """Whether the key was presented; a wrong one is an error even where none is needed."""
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "convex":
            return False
        if not self._service.settings.key.matches(credential.strip()):
            raise RequestError(401, "BadAdminKey", "the key in the Authorization header is not this backend's")
        return True


def error_response(error: RequestError) -> Response:
    """Return the answer to a wrong request."""
    headers = {"WWW-Authenticate": "Convex"} if error.status == 401 else {}  # noqa: PLR2004 - HTTP
    return _json(to_json({"code": error.code, "message": str(error)}), status=error.status, headers=headers)


def storage_response(error: StorageError) -> Response:
    """Return the answer when the database cannot be used."""
    return _json(to_json({"code": "Unavailable", "message": str(error)}), status=503, headers={"Retry-After": "1"})


async def _function_call(request: Request, *, path: str | None = None) -> FunctionCall:
    body = await _body(request)
    try:
        fields = await asyncio.to_thread(parse_json, body) if len(body) > _THREAD_BYTES else parse_json(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(
            400, "BadJsonBody", f"the body is not JSON ({error}): send {{path, args, format}}"
        ) from error
    if not isinstance(fields, dict):
        raise RequestError(400, "BadJsonBody", "the body is not a JSON object: send {path, args, format}")
    if path is None:
        path = fields.get("path")
    if not isinstance(path, str) or not path:
        raise RequestError(400, "BadPath", "path is missing: send the function's name as module:function")
    if fields.get("format") not in _FORMATS:
        raise RequestError(
            400, "BadFormat", f"format {fields['format']!r}: send json, convex_encoded_json, or leave it out"
        )
    args = fields.get("args", {})
    if not isinstance(args, dict) and not (isinstance(args, list) and len(args) == 1 and isinstance(args[0], dict)):
        raise RequestError(400, "BadArgs", f"args of {path}: send an object, or an array that holds one object")
    request.state.function = canonical_path(path)
    return FunctionCall(path=path, args=args)


async def _body(request: Request) -> bytes:
    """Read the body, but never more than is allowed."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > BODY_MAX_BYTES:
        raise _too_large(int(announced))
    chunks: list[bytes] = []
    size_bytes = 0
    try:
        async for chunk in request.stream():
            size_bytes += len(chunk)
            if size_bytes > BODY_MAX_BYTES:
                raise _too_large(size_bytes)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise RequestError(400, "Disconnected", "the client went away before the body was complete") from error
    return b"".join(chunks)


def _too_large(size_bytes: int) -> RequestError:
    return RequestError(
        413,
        "BodyTooLarge",
        f"the body has {size_bytes} bytes or more, the limit is {BODY_MAX_BYTES}: send less at once",
    )


def _unauthorized(what: str) -> RequestError:
    return RequestError(401, "Unauthorized", f"{what} need the key: send the header `Authorization: Convex <key>`")


def _succeeded(value_text: str) -> Response:
    return _json(f'{{"status":"success","value":{value_text}}}')


def _refused(error: FunctionError) -> Response:
    return _json(to_json({"status": "error", "errorMessage": str(error), "errorData": error.data}))


def _json(text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status_code=status, headers=headers, media_type="application/json")
