"""Job states, their transitions and the queue's default numbers.

The states are those of the existing deployment's schema. The numbers are defaults; callers pass their own.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class JobStatus(StrEnum):
    """State of a job, spelled as in the `jobs` table (`canceled` with one l)."""

    PENDING = "pending"
    CLAIMED = "claimed"
    CLONING = "cloning"
    ANALYZING = "analyzing"
    GATHERING = "gathering"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    DEAD = "dead"


HEARTBEAT: Final = frozenset({JobStatus.CLONING, JobStatus.ANALYZING, JobStatus.GATHERING, JobStatus.RUNNING})
IN_FLIGHT: Final = HEARTBEAT | {JobStatus.CLAIMED}
ACTIVE: Final = IN_FLIGHT | {JobStatus.PENDING}
TERMINAL: Final = frozenset(JobStatus) - ACTIVE

# In flight a job may be handed back (pending), finish, fail, be cancelled or die; a terminal state is final.
TRANSITIONS: Final[Mapping[JobStatus, frozenset[JobStatus]]] = MappingProxyType(
    {
        JobStatus.PENDING: frozenset({JobStatus.CLAIMED, JobStatus.FAILED, JobStatus.CANCELED}),
        **{status: (HEARTBEAT | {JobStatus.PENDING} | TERMINAL) for status in IN_FLIGHT},
        **{status: frozenset[JobStatus]() for status in TERMINAL},
    },
)

LEASE_MS: Final = 30_000
HEARTBEAT_MS: Final = 10_000
MAX_ATTEMPTS: Final = 5
BACKOFF_BASE_MS: Final = 5_000
BACKOFF_CAP_MS: Final = 600_000
BACKOFF_JITTER_MS: Final = 5_000
JOB_DEADLINE_S: Final = 3600
DRAIN_S: Final = 60


def retry_delay_ms(attempt: int, *, jitter_ms: float) -> float:
    """Return the pause in milliseconds before the next try.

    Args:
        attempt: How many tries have failed, counted from 1.
        jitter_ms: A random number in [0, BACKOFF_JITTER_MS], drawn by the caller.
    """
    # Past the cap the power itself could overflow; 2^16 is far beyond it.
    return min(BACKOFF_BASE_MS * 2.0 ** min(attempt - 1, 16), BACKOFF_CAP_MS) + jitter_ms
