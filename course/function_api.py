"""Convex's HTTP function API: calls functions of one deployment and says what its answers mean (contract §2).

One client for the worker, the web page and the operator's commands, on the standard library alone. Each of them turns
`FunctionError`s into errors of its own. The official Python client is not used for calls: version 0.8.1 holds the
interpreter's lock while it waits (measured: an unreachable backend stops every thread, health checks and signals
included), and it repeats a mutation after each reconnection.

FunctionError
├── UnreachableError         no answer, or none that is the backend's: trying again may succeed
├── KeyRefusedError          the backend does not accept the key
└── RefusedError             the backend answered with an error
    └── FunctionMissingError  the deployment does not have the function
"""

import http.client
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from course.redaction import bounded

Kind = Literal["query", "mutation"]
Arguments = Mapping[str, object]

TIMEOUT_S: Final = 10.0
# A function of a production deployment that failed (contract §2).
_FUNCTION_FAILED: Final = 560
_ANSWER_MAX_BYTES: Final = 32 << 20
_MESSAGE_MAX_CHARACTERS: Final = 500


class FunctionError(Exception):
    """A call that gave no value; the text begins with the function's path."""


class UnreachableError(FunctionError):
    """No answer, or none that came from the backend itself."""


class KeyRefusedError(FunctionError):
    """The backend does not accept the key."""


class RefusedError(FunctionError):
    """The backend answered with an error; `code` is its machine-readable code, if it has one."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class FunctionMissingError(RefusedError):
    """The deployment does not have the function."""


class FunctionClient:
    """Calls functions of one deployment, from any thread.

    Args:
        url: Address of the deployment.
        key: Key for writing; without one none is sent.
        name: Who calls, as the header `Convex-Client` has it.
        tls: Which certificates are trusted; the machine's by default.
        connect_pauses_s: Pauses in seconds after which a connection that was refused is tried again: a deployment
            replaces the backend in a few. A request that was sent is never repeated.
        sleep: Waits for that many seconds.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        name: str,
        tls: ssl.SSLContext | None = None,
        connect_pauses_s: Sequence[float] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json", "Convex-Client": name}
        if key is not None:
            self._headers["Authorization"] = f"Convex {key}"
        self._opener = _opener(tls or (ssl.create_default_context() if url.startswith("https:") else None))
        self._connect_pauses_s = tuple(connect_pauses_s)
        self._sleep = sleep

    def call(self, kind: Kind, path: str, arguments: Arguments, *, timeout_s: float = TIMEOUT_S) -> object:
        """Return the function's value; each wait on the socket takes at most `timeout_s` seconds.

        Raises:
            FunctionError: There is none; the subclass says why.
        """
        body = json.dumps({"path": path, "args": arguments, "format": "json"}, allow_nan=False).encode()
        request = urllib.request.Request(f"{self._url}/api/{kind}", data=body, headers=self._headers)  # noqa: S310 - settings admit http(s) only
        try:
            with self._opened(request, timeout_s) as response:
                status, answer = response.status, response.read(_ANSWER_MAX_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                status, answer = error.code, _read_error(error)
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(f"{path}: no answer from {self._url} ({_reason(error)})") from error
        return parse_answer(path, status, answer)

    def is_ready(self, *, timeout_s: float) -> bool:
        """Return whether the deployment answers at all."""
        try:
            with self._opener.open(f"{self._url}/version", timeout=timeout_s):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def _opened(self, request: urllib.request.Request, timeout_s: float) -> http.client.HTTPResponse:
        for pause_s in self._connect_pauses_s:
            try:
                return self._open(request, timeout_s)
            except urllib.error.URLError as error:
                # Nothing was sent: either there is no such name now, or nobody listens there.
                if not isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
                    raise
            self._sleep(pause_s)
        return self._open(request, timeout_s)

    def _open(self, request: urllib.request.Request, timeout_s: float) -> http.client.HTTPResponse:
        response: http.client.HTTPResponse = self._opener.open(request, timeout=timeout_s)
        return response


def parse_answer(path: str, status: int, body: bytes) -> object:
    """Return the value in an answer of the HTTP function API, or raise what its error means (contract §2)."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if status in {http.HTTPStatus.OK, _FUNCTION_FAILED} and answer.get("status") == "success":
        return answer.get("value")
    message = _shown(str(answer.get("errorMessage") or answer.get("message") or body[:200].decode(errors="replace")))
    if status in {http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN}:
        raise KeyRefusedError(f"{path}: the backend refused the key ({message})")
    if "Could not find" in message and "function" in message:
        raise FunctionMissingError(f"{path}: the deployment has no such function")
    if answer.get("status") == "error":
        raise _function_error(path, message, answer.get("errorData"))
    if status < http.HTTPStatus.INTERNAL_SERVER_ERROR and status not in {
        http.HTTPStatus.OK,
        http.HTTPStatus.REQUEST_TIMEOUT,
        http.HTTPStatus.TOO_MANY_REQUESTS,
    }:
        raise RefusedError(f"{path}: {message} (HTTP {status})")
    raise UnreachableError(f"{path}: HTTP {status} instead of an answer ({message})")


def _function_error(path: str, message: str, data: object) -> FunctionError:
    code = data.get("code") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(data.get("message"), str):
        message = _shown(data["message"])
    match code:
        case "unavailable":
            return UnreachableError(f"{path}: {message}")
        case "unknown_function":
            return FunctionMissingError(f"{path}: the deployment has no such function", code=code)
        case str():
            return RefusedError(f"{path}: {message}", code=code)
        case _:
            return RefusedError(f"{path}: {message}")


def _opener(tls: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    """Build an opener that follows no redirect: the key goes to the configured address only."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=tls),
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


def _shown(message: str) -> str:
    return bounded(message, max_characters=_MESSAGE_MAX_CHARACTERS)
