"""Calls Convex functions over the HTTP API, with time-outs.

The official Python client is not used for calls: version 0.8.1 holds the interpreter's lock while it waits (measured:
an unreachable backend stops every thread, health checks and signals included), and it repeats a mutation after each
reconnection. It serves the subscription, in a process of its own (`worker.wakeup`).
"""

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final, Literal

from worker.errors import (
    BackendError,
    CallRefusedError,
    FunctionMissingError,
    JobCanceledError,
    JobError,
    KeyRefusedError,
    LeaseLostError,
    UnreachableError,
)
from worker.redaction import bounded
from worker.secret import Secret

Kind = Literal["query", "mutation"]
Arguments = Mapping[str, object]

_FUNCTION_FAILED: Final = 560
_ANSWER_MAX_BYTES: Final = 32 << 20
_MESSAGE_MAX: Final = 500


class FunctionClient:
    """Calls functions of one deployment, from any thread; blocks at most `timeout_s` per wait on the socket."""

    def __init__(self, url: str, key: Secret | None) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json", "Convex-Client": "python-0.8.1"}
        if key is not None:
            self._headers["Authorization"] = f"Convex {key.reveal()}"
        context = ssl.create_default_context() if url.startswith("https:") else None
        self._opener = _opener(context)

    def call(self, kind: Kind, path: str, arguments: Arguments, *, timeout_s: float) -> object:
        """Return the function's value.

        Raises:
            UnreachableError: No answer came, or one that is not the backend's.
            KeyRefusedError: The backend does not accept the key.
            LeaseLostError, JobCanceledError: The function said so with an error code.
            CallRefusedError: The function failed otherwise.
        """
        body = json.dumps({"path": path, "args": arguments, "format": "json"}, allow_nan=False).encode()
        request = urllib.request.Request(f"{self._url}/api/{kind}", data=body, headers=self._headers)  # noqa: S310 - checked by the settings
        try:
            with self._opener.open(request, timeout=timeout_s) as response:
                status, answer = response.status, response.read(_ANSWER_MAX_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                status, answer = error.code, _read_error(error)
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{path}: no answer from {self._url} ({_reason(error)})") from error
        return parse_answer(path, status, answer)


def parse_answer(path: str, status: int, body: bytes) -> object:
    """Return the value in an answer of the HTTP function API, or raise what its error means (contract, section 2)."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if status in {http.HTTPStatus.OK, _FUNCTION_FAILED} and answer.get("status") == "success":
        return answer.get("value")
    message = bounded(
        str(answer.get("errorMessage") or answer.get("message") or body[:200]), max_characters=_MESSAGE_MAX
    )
    if status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
        raise KeyRefusedError(f"{path}: the backend refused our key ({message}); check FONDATION_BACKEND_KEY_FILE")
    if "Could not find" in message and "function" in message:
        raise FunctionMissingError(f"{path}: the deployment has no such function")
    if answer.get("status") == "error":
        raise _function_error(path, message, answer.get("errorData"))
    if status < http.HTTPStatus.INTERNAL_SERVER_ERROR and status not in {
        http.HTTPStatus.OK,
        http.HTTPStatus.REQUEST_TIMEOUT,
        http.HTTPStatus.TOO_MANY_REQUESTS,
    }:
        raise CallRefusedError(f"{path}: {message} (HTTP {status})")
    raise UnreachableError(f"{path}: HTTP {status} instead of an answer ({message})")


def _function_error(path: str, message: str, data: object) -> BackendError | JobError:
    code = data.get("code") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(data.get("message"), str):
        message = bounded(data["message"], max_characters=_MESSAGE_MAX)
    match code:
        case "lease_lost":
            return LeaseLostError(f"{path}: {message}")
        case "canceled":
            return JobCanceledError(f"{path}: {message}")
        case "unavailable":
            return UnreachableError(f"{path}: {message}")
        case "unknown_function":
            return FunctionMissingError(f"{path}: the deployment has no such function", code=code)
        case str():
            return CallRefusedError(f"{path}: {message}", code=code)
        case _:
            return CallRefusedError(f"{path}: {message}")


def _opener(context: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    """Build an opener that follows no redirect: the key goes to the configured address only."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ]
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _read_error(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(_ANSWER_MAX_BYTES)
    except (OSError, http.client.HTTPException):
        return b""


def _reason(error: Exception) -> str:
    return bounded(str(getattr(error, "reason", "") or error) or type(error).__name__, max_characters=200)
