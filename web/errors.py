"""Errors of the web application, split by what the caller does.

WebError
├── ConfigurationError     the program does not start: exit 78
├── FormError              the request is refused: 400 or 403, the page says what to send instead
├── ActiveJobError         the repository has a job already: 409, the page links to it
└── BackendError
    ├── BackendUnreachableError   503 with Retry-After: it will pass
    ├── BackendKeyError           503: the operator must give both sides the same key
    └── BackendRefusedError       the function ran and said no
        └── FunctionMissingError  there is no such function: the deployment's are older than this application
"""

from collections.abc import Sequence
from typing import Final


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


class ActiveJobError(WebError):
    """The repository has an unfinished job; a second one would do the same work."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} is not finished yet: wait for it or cancel it")
        self.job_id = job_id


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
