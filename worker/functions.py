"""Calls of Convex functions with the worker's own errors: what a failed call means for a claim."""

from typing import Final

from course import function_api
from course.function_api import Arguments, Kind
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
from worker.secret import Secret

__all__ = ["Arguments", "FunctionClient", "Kind", "worker_error"]
_NAME: Final = "fondation-worker"


class FunctionClient:
    """Calls functions of one deployment, from any thread; blocks at most `timeout_s` per wait on the socket."""

    def __init__(self, url: str, key: Secret | None) -> None:
        self._client = function_api.FunctionClient(url, None if key is None else key.reveal(), name=_NAME)

    def call(self, kind: Kind, path: str, arguments: Arguments, *, timeout_s: float) -> object:
        """Return the function's value.

        Raises:
            UnreachableError: No answer came, or one that is not the backend's.
            KeyRefusedError: The backend does not accept the key.
            LeaseLostError, JobCanceledError: The function said so with an error code.
            CallRefusedError: The function failed otherwise.
        """
        try:
            return self._client.call(kind, path, arguments, timeout_s=timeout_s)
        except function_api.FunctionError as error:
            raise worker_error(error) from error


def worker_error(error: function_api.FunctionError) -> BackendError | JobError:
    """Return what a failed call means for the worker."""
    match error:
        case function_api.KeyRefusedError():
            return KeyRefusedError(f"{error}; check FONDATION_BACKEND_KEY_FILE")
        case function_api.FunctionMissingError():
            return FunctionMissingError(str(error), code=error.code)
        case function_api.RefusedError(code="lease_lost"):
            return LeaseLostError(str(error))
        case function_api.RefusedError(code="canceled"):
            return JobCanceledError(str(error))
        case function_api.RefusedError():
            return CallRefusedError(str(error), code=error.code)
        case _:
            return UnreachableError(str(error))
