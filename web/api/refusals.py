"""How errors are told to programs: a status, a code that stays, and a message that says what to do."""

import logging
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from course.repository import RepositoryUrlError
from web.api.values import Refusal
from web.errors import (
    RETRY_AFTER_S,
    ActiveJobError,
    BackendError,
    BackendKeyError,
    BackendRefusedError,
    FormError,
    FunctionMissingError,
    NoCourseError,
    OutdatedCourseError,
    RequestError,
)

_SEE: Final = "see /api/v1/openapi.json"
_HTTP: Final = {404: ("not_found", f"there is nothing at this address: {_SEE}")}
_METHOD: Final = ("method", f"this address takes other methods: {_SEE}")
# The first kind that an error is of: status, code, and what is said instead of the error's own text.
_TOLD: Final[tuple[tuple[type[Exception], int, str, str], ...]] = (
    (NoCourseError, 404, "no_course", ""),
    (OutdatedCourseError, 404, "outdated", ""),
    (ActiveJobError, 409, "busy", ""),
    (RepositoryUrlError, 422, "repository", ""),
    (FormError, 403, "origin", "the request came from a page of another site"),
    (FunctionMissingError, 501, "functions", "the deployment's functions are too old: `bin/fondation convex deploy`"),
    (BackendKeyError, 503, "key", "the backend refuses this server's key: give both the same"),
    (BackendRefusedError, 502, "backend", "the backend refused: the state changed meanwhile, or it is another version"),
    (BackendError, 503, "unreachable", "the backend does not answer: try again, nothing is lost"),
)

_log = logging.getLogger(__name__)


def refused(error: Exception) -> Response:
    """Return the answer for an error; one that nobody foresaw is logged, and told without its text."""
    status, refusal = _refusal(error)
    if status >= 500:  # noqa: PLR2004
        _log.error("%s: %s", refusal.code, error, exc_info=error if refusal.code == "error" else None)
    given = error.headers if isinstance(error, HTTPException) else None
    headers = {"Cache-Control": "no-store", **(given or {})}
    if status in {429, 503}:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(refusal), status_code=status, media_type="application/json", headers=headers)


def _refusal(error: Exception) -> tuple[int, Refusal]:
    if isinstance(error, RequestError):
        return error.status, Refusal(code=error.code, message=str(error))
    if isinstance(error, HTTPException):
        code, message = _HTTP.get(error.status_code, _METHOD)
        return error.status_code, Refusal(code=code, message=message)
    for kind, status, code, message in _TOLD:
        if isinstance(error, kind):
            job = getattr(error, "job_id", None) or getattr(error, "newest_id", None)
            return status, Refusal(code=code, message=message or str(error), job=job)
    return 500, Refusal(code="error", message="something went wrong here: the log of the web container has the reason")
