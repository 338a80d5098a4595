"""Errors of the web application, split by what the caller does.

WebError
├── ConfigurationError     the program does not start: exit 78
├── FormError              the request is refused: 400 or 403, the page says what to send instead
├── RequestError           a program's request is refused: the answer says what to send instead
├── ActiveJobError         the repository has a job already: 409, the page links to it
├── NoCourseError          the job has no course to read: the page leads to the job
├── OutdatedCourseError    a newer course took its place: 404, the page links to that
└── BackendError
    ├── BackendUnreachableError   503 with Retry-After: it will pass
    ├── BackendKeyError           503: the operator must give both sides the same key
    └── BackendRefusedError       the function ran and said no
        └── FunctionMissingError  there is no such function: the deployment's are older than this application
"""

from collections.abc import Sequence
from typing import Final

RETRY_AFTER_S: Final = 5  # when a backend that does not answer is worth another try


class WebError(Exception):
    """Root of the web application's errors."""


class ConfigurationError(WebError):
    """The environment does not describe a working application; `problems` holds every reason."""

    exit_code: Final = 78

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class FormError(WebError):
    """A form that cannot be accepted; `text` is the catalogue key of the explanation."""

    def __init__(self, text: str, *, status: int) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class RequestError(WebError):
    """A program's request that cannot be done as it is; `code` is what programs tell it by."""

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class ActiveJobError(WebError):
    """The repository has an unfinished job; a second one would do the same work."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} is not finished yet: wait for it or cancel it")
        self.job_id = job_id


class NoCourseError(WebError):
    """The job has no course: it is not finished, or it failed."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} has no course to read")
        self.job_id = job_id


class OutdatedCourseError(WebError):
    """The course is gone: a newer one of its repository took its place; `newest_id` is that one's job."""

    def __init__(self, full_name: str, newest_id: str | None) -> None:
        super().__init__(f"a newer course of {full_name} took the place of this one")
        self.full_name = full_name
        self.newest_id = newest_id


class BackendError(WebError):
    """The backend did not do what was asked."""


class BackendUnreachableError(BackendError):
    """No usable answer from the backend; trying again later may succeed."""


class BackendKeyError(BackendError):
    """The backend does not accept this application's key."""


class BackendRefusedError(BackendError):
    """A backend function reported an error."""


class FunctionMissingError(BackendRefusedError):
    """The deployment does not have the function."""
