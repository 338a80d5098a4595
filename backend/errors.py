"""Errors of the backend, split by who has to act.

BackendError
├── StartError          the operator: the process does not start
│   ├── SettingsError   exit 78
│   ├── DatabaseError   exit 74
│   └── AddressError    exit 69
├── ArchiveError        the operator: an archive does not fit; exit 65
├── RequestError        the client's author: the request itself is wrong (HTTP 4xx)
├── FunctionError       the caller: a function refused; carries a code to branch on
└── StorageError        the operator: the database cannot be written; the caller may try again
"""

from enum import StrEnum
from typing import Any, ClassVar


class BackendError(Exception):
    """Root of everything this package raises on purpose."""


class StartError(BackendError):
    """The process cannot start; the message says what to change."""

    exit_code: ClassVar[int]


class SettingsError(StartError):
    """One or more settings are wrong; the message lists all of them."""

    exit_code = 78


class DatabaseError(StartError):
    """The database file cannot be used."""

    exit_code = 74


class AddressError(StartError):
    """The address cannot be listened on."""

    exit_code = 69


class ArchiveError(BackendError):
    """An archive could not be written, or holds what does not fit."""

    exit_code: ClassVar[int] = 65


class RequestError(BackendError):
    """The request is malformed; `status` is the HTTP status it is answered with."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Code(StrEnum):
    """What a refused call should do next; sent as `errorData.code`."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    LEASE_LOST = "lease_lost"
    CANCELED = "canceled"
    TOO_LARGE = "too_large"
    NO_DOCUMENTS = "no_documents"
    UNAUTHORIZED = "unauthorized"
    UNKNOWN_FUNCTION = "unknown_function"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class FunctionError(BackendError):
    """A function refused the call; nothing was written."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def data(self) -> dict[str, Any]:
        """What official clients expose as `ConvexError.data`."""
        return {"code": self.code.value, "message": str(self)}


class StorageError(BackendError):
    """SQLite refused to write, for instance because the disk is full; nothing of the call was kept."""

    code = Code.UNAVAILABLE

    @property
    def data(self) -> dict[str, Any]:
        """What official clients expose as `ConvexError.data`."""
        return {"code": self.code.value, "message": str(self)}
