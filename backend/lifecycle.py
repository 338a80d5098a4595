"""Changes of a job's state, shared by the functions that make them.

Transitions are those of `course.jobs.TRANSITIONS`; every write of an attempt is fenced by `lockedBy` and a live lease.
"""

from collections.abc import Mapping
from typing import Final

from backend.errors import Code, FunctionError
from backend.registry import MutationContext
from backend.transaction import Document, Snapshot, require
from course.jobs import ACTIVE, MAX_ATTEMPTS, TRANSITIONS, JobStatus
from course.steps import TOTAL_STEPS

ERROR_MAX_CHARACTERS: Final = 8192
_LOCK: Final = ("lockedBy", "leaseUntil")


def load(context: MutationContext, job_id: str) -> Document:
    """Return the job, or raise NOT_FOUND."""
    return require(context.db.get("jobs", job_id), "jobs", job_id)


def load_attempt(context: MutationContext, job_id: str, worker_id: str | None) -> Document:
    """Return the job if this worker's attempt is the live one.

    Raises:
        FunctionError: CANCELED, when the job was cancelled; LEASE_LOST, when it is not this worker's any more;
            NOT_FOUND.
    """
    job = load(context, job_id)
    status = JobStatus(job["status"])
    if status is JobStatus.CANCELED:
        raise FunctionError(Code.CANCELED, f"job {job_id} was canceled: stop working on it")
    holder = job.get("lockedBy")
    if worker_id is None or holder != worker_id:
        owner = f"locked by {holder}" if holder else "not locked"
        raise FunctionError(
            Code.LEASE_LOST,
            f"job {job_id} is {status} and {owner}, not by {worker_id}: stop working on it, nothing was written",
        )
    late_ms = context.now - job["leaseUntil"]
    if late_ms >= 0:
        raise FunctionError(
            Code.LEASE_LOST,
            f"the lease of {worker_id} on job {job_id} ran out {late_ms:.0f} ms ago: stop working on it, renew sooner",
        )
    return job


def move(
    context: MutationContext,
    job: Document,
    status: JobStatus,
    changes: Mapping[str, object],
) -> Document:
    """Bring the job into a state, with other changes; leaving the live states gives up the lock.

    Raises:
        FunctionError: CONFLICT, when that transition does not exist.
    """
    before = JobStatus(job["status"])
    if status not in TRANSITIONS[before]:
        raise FunctionError(
            Code.CONFLICT,
            f"job {job['_id']} is {before}: it cannot become {status}"
            + ("; that state is final" if not TRANSITIONS[before] else ""),
        )
    unlock = status is JobStatus.PENDING or status not in ACTIVE
    fields = {**changes, "status": status.value, "updatedAt": context.now}
    if status not in ACTIVE:
        fields.setdefault("completedAt", context.now)
    clear = [name for name in _LOCK if unlock and name in job]
    return context.db.patch("jobs", job, fields, clear=clear)


def cancel(context: MutationContext, job: Document, reason: str) -> None:
    """Cancel an active job for good: its worker's next call is refused."""
    move(context, job, JobStatus.CANCELED, {"cancelRequested": True, "error": reason})


def spend_attempt(context: MutationContext, job: Document, *, error: str, run_at: float) -> Document:
    """End an attempt in failure: back to the queue for `run_at`, or `dead` when it was the last one."""
    error = bounded(error)
    attempts = job["attempts"] + 1.0
    changes: dict[str, object] = {"attempts": attempts, "lastError": error}
    if attempts >= job["maxAttempts"]:
        return move(context, job, JobStatus.DEAD, {**changes, "error": error})
    return move(context, job, JobStatus.PENDING, {**changes, "runAt": run_at})


def bounded(error: str) -> str:
    """Return an error text that is fit to store: its end, where the cause usually is."""
    if len(error) <= ERROR_MAX_CHARACTERS:
        return error
    return f"[{len(error) - ERROR_MAX_CHARACTERS} characters left out]\n{error[-ERROR_MAX_CHARACTERS:]}"


def insert_job(
    context: MutationContext,
    *,
    user_id: str,
    repository_id: str,
    prompt: str,
    callback_token: str,
    dedupe_key: str,
    progress: str,
) -> str:
    """Queue a job.

    Raises:
        FunctionError: NOT_FOUND, when user or repository is missing; CONFLICT, when the repository has an active job.
    """
    require(context.db.get("users", user_id), "users", user_id)
    require(context.db.get("repositories", repository_id), "repositories", repository_id)
    active = active_job(context, repository_id)
    if active is not None:
        raise FunctionError(
            Code.CONFLICT,
            f"repository {repository_id} has an active job, {active['_id']} ({active['status']}): "
            "wait for it, cancel it, or call jobs:regenerate",
        )
    return context.db.insert(
        "jobs",
        {
            "userId": user_id,
            "repositoryId": repository_id,
            "status": JobStatus.PENDING.value,
            "prompt": prompt,
            "callbackToken": callback_token,
            "runAt": context.now,
            "attempts": 0.0,
            "maxAttempts": float(MAX_ATTEMPTS),
            "dedupeKey": dedupe_key,
            "progress": progress,
            "createdAt": context.now,
            "updatedAt": context.now,
            "currentStep": 0.0,
            "totalSteps": float(TOTAL_STEPS),
        },
    )


def active_job(context: MutationContext, repository_id: str) -> Document | None:
    """Return the repository's active job; there is at most one."""
    jobs = context.db.find("jobs", "repositoryId", repository_id, newest_first=True)
    return next((job for job in jobs if JobStatus(job["status"]) in ACTIVE), None)


def latest_completed(db: Snapshot, repository_id: str) -> Document | None:
    """Return the repository's newest completed job; its documents are the repository's course."""
    jobs = db.select(
        "jobs",
        "WHERE repositoryId = ? AND status = 'completed' ORDER BY rowid DESC LIMIT 1",
        (repository_id,),
        tag=f"jobs.repositoryId={repository_id}",
    )
    return jobs[0] if jobs else None
