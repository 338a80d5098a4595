"""Exit codes of the course CLI (contract §3): what the program that started it has to know.

0 is success, 1 a fault of the CLI; the existing CLI ends with 1 for every cause.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Why the CLI ended without a course or an answer."""

    USAGE = 2
    NOTHING_TO_ANALYSE = 3
    UNREADABLE_INPUT = 4
    OUTPUT_NOT_WRITABLE = 5
    NO_MODEL_ENGINE = 6
    CHECK_FAILED = 7
    CREDENTIAL_REFUSED = 8
    RATE_LIMITED = 9
    MODEL_UNAVAILABLE = 10
    CREDENTIAL_UNUSABLE = 11
    PAYMENT_REFUSED = 12
    ANSWER_REFUSED = 13
    ANSWER_CUT = 14
    MODEL_CHANGED = 15


CREDENTIAL_CODES = frozenset({ExitCode.CREDENTIAL_REFUSED, ExitCode.CREDENTIAL_UNUSABLE, ExitCode.PAYMENT_REFUSED})
"""The credential is to blame: refused by the service, unusable before it was asked, or nobody pays for it."""
