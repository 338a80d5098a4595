"""`queue:*`: what a worker calls. Claim, keep the lease, finish, hand back; the server reclaims what expires."""

from datetime import UTC, datetime
from typing import Any, Final

from backend import shown_text
from backend.errors import Code, FunctionError
from backend.functions.docs import purge_older_courses
from backend.lifecycle import insert_job, load, load_attempt, move, spend_attempt
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Transaction, state_tag
from backend.validator import AnyOf, Id, Literals, Object, Optional, Validator, boolean, null, number, string
from course.jobs import ACTIVE, BACKOFF_JITTER_MS, HEARTBEAT, IN_FLIGHT, LEASE_MS, JobStatus, retry_delay_ms

LEASE_MIN_MS: Final = 1_000.0
LEASE_MAX_MS: Final = 3_600_000.0
_HOUR_MS: Final = 3_600_000.0
_STATE: Final = state_tag("jobs")


def result_validator() -> Validator:
    """Return the validator of a job's result."""
    return AnyOf(
        (
            Object({"success": boolean(), "message": Optional(string()), "data": Optional(string())}),
            string(),
            null(),
        ),
    )


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    attempt = {"jobId": Id("jobs"), "workerId": string()}
    return (
        mutation("queue:claimOne", claim_one, workerId=string(), leaseMs=Optional(number())),
        mutation(
            "queue:heartbeat",
            heartbeat,
            **attempt,
            status=Optional(Literals(tuple(sorted(HEARTBEAT)))),
            progress=Optional(string()),
            currentStep=Optional(number()),
            totalSteps=Optional(number()),
            leaseMs=Optional(number()),
        ),
        mutation(
            "queue:complete", complete, **attempt, result=Optional(result_validator()), docsCount=Optional(number())
        ),
        mutation("queue:retryOrFail", retry_or_fail, **attempt, error=string()),
        mutation("queue:release", release, **attempt, reason=string()),
        mutation(
            "queue:createJob",
            create_job,
            userId=Id("users"),
            repositoryId=Id("repositories"),
            prompt=string(),
            callbackToken=string(),
            dedupeKey=Optional(string()),
        ),
        query("queue:getMetrics", get_metrics),
    )


def claim_one(context: MutationContext, args: Args) -> dict[str, Any] | None:
    """Give the pending job that is due the longest to this worker, or return null."""
    if not args["workerId"]:
        raise FunctionError(Code.INVALID, "queue:claimOne: workerId is empty: send a name that is fresh for each claim")
    lease_until = _lease_until(context, args)
    due = context.db.select(
        "jobs",
        "WHERE status = 'pending' AND runAt <= ? ORDER BY runAt, rowid LIMIT 1",
        (context.now,),
        tag=_STATE,
    )
    if not due:
        return None
    job = move(context, due[0], JobStatus.CLAIMED, {"lockedBy": args["workerId"], "leaseUntil": lease_until})
    names = ("repositoryId", "userId", "prompt", "callbackToken", "attempts")
    return {"id": job["_id"], **{name: job[name] for name in names}}


def heartbeat(context: MutationContext, args: Args) -> dict[str, bool]:
    """Renew the lease and report progress."""
    job = load_attempt(context, args["jobId"], args["workerId"])
    changes: dict[str, object] = {"leaseUntil": _lease_until(context, args)}
    for name in ("currentStep", "totalSteps"):
        if name in args:
            changes[name] = args[name]
    if args.get("progress"):
        changes["progress"] = args["progress"]
    if "status" in args:
        move(context, job, JobStatus(args["status"]), changes)
    else:
        context.db.patch("jobs", job, {**changes, "updatedAt": context.now})
    return {"success": True}


def complete(context: MutationContext, args: Args) -> dict[str, bool]:
    """Finish the job: its documents become the repository's course, those of earlier jobs go.

    A repeated call of the worker that completed the job changes nothing and succeeds. `docsCount` is counted here.
    """
    job = load(context, args["jobId"])
    if job["status"] == JobStatus.COMPLETED and job.get("runId") == args["workerId"]:
        return {"success": True}
    job = load_attempt(context, args["jobId"], args["workerId"])
    ((count,),) = context.db.scalars(
        "SELECT count(*) FROM docs WHERE jobId = ?", (job["_id"],), tag=f"docs.jobId={job['_id']}"
    )
    if count == 0:
        raise FunctionError(
            Code.NO_DOCUMENTS,
            f"job {job['_id']} has no documents: publish with docs:upsertFromJob first, or call queue:retryOrFail",
        )
    changes: dict[str, object] = {"docsCount": float(count)}
    if "result" in args:
        changes["result"] = args["result"]
    move(context, job, JobStatus.COMPLETED, changes)
    shown_text.show(context.db, job["_id"])
    purge_older_courses(context, repository_id=job["repositoryId"], keep=job["_id"])
    return {"success": True}


def retry_or_fail(context: MutationContext, args: Args) -> dict[str, Any]:
    """End the attempt in failure: try again later with back-off, or `dead` after the last attempt."""
    job = load_attempt(context, args["jobId"], args["workerId"])
    delay_ms = retry_delay_ms(int(job["attempts"]) + 1, jitter_ms=context.random.uniform(0, BACKOFF_JITTER_MS))
    job = spend_attempt(context, job, error=args["error"], run_at=context.now + delay_ms)
    if job["status"] == JobStatus.DEAD:
        return {"status": "dead", "attempts": job["attempts"]}
    next_run = datetime.fromtimestamp(job["runAt"] / 1000, tz=UTC).isoformat(timespec="milliseconds")
    return {"status": "retrying", "attempts": job["attempts"], "nextRunAt": next_run.replace("+00:00", "Z")}


def release(context: MutationContext, args: Args) -> dict[str, str]:
    """Hand the job back without spending an attempt; another worker may claim it at once."""
    job = load_attempt(context, args["jobId"], args["workerId"])
    move(context, job, JobStatus.PENDING, {"runAt": context.now, "progress": f"Waiting: {args['reason'][:500]}"})
    return {"status": "pending"}


def create_job(context: MutationContext, args: Args) -> dict[str, Any]:
    """Queue a job; an active one with the same dedupeKey is returned instead."""
    key = args.get("dedupeKey")
    if key is not None:
        twins = context.db.select(
            "jobs", "WHERE dedupeKey = ? ORDER BY rowid DESC", (key,), tag=f"jobs.repositoryId={args['repositoryId']}"
        )
        for twin in twins:
            if JobStatus(twin["status"]) in ACTIVE:
                return {"jobId": twin["_id"], "duplicate": True, "status": twin["status"]}
    job_id = insert_job(
        context,
        user_id=args["userId"],
        repository_id=args["repositoryId"],
        prompt=args["prompt"],
        callback_token=args["callbackToken"],
        dedupe_key=key or f"{args['repositoryId']}_{context.now:.0f}",
        progress="Initializing...",
    )
    return {"jobId": job_id, "duplicate": False, "status": JobStatus.PENDING.value}


def get_metrics(context: QueryContext, _args: Args) -> dict[str, Any]:
    """Count jobs by state, exactly, and those of the last hour."""
    by_status = dict(context.db.scalars("SELECT status, count(*) FROM jobs GROUP BY status", (), tag=_STATE))
    since = context.now - _HOUR_MS
    ((created,),) = context.db.scalars("SELECT count(*) FROM jobs WHERE createdAt >= ?", (since,), tag=_STATE)
    recent = dict(
        context.db.scalars(
            "SELECT status, count(*) FROM jobs WHERE completedAt >= ? GROUP BY status", (since,), tag=_STATE
        ),
    )
    return {
        "counts": {
            "pending": float(by_status.get("pending", 0)),
            "processing": float(sum(by_status.get(status.value, 0) for status in IN_FLIGHT)),
            "completed": float(by_status.get("completed", 0)),
            "failed": float(by_status.get("failed", 0)),
            "dead": float(by_status.get("dead", 0)),
        },
        "recentActivity": {
            "total": float(created),
            "completed": float(recent.get("completed", 0)),
            "failed": float(recent.get("failed", 0) + recent.get("dead", 0)),
        },
        "timestamp": context.now,
    }


def reclaim_expired(transaction: Transaction) -> int:
    """End every attempt whose lease ran out and return their number; the server calls it, no client can."""
    context = MutationContext(db=transaction, now=transaction.now, random=transaction.random)
    expired = transaction.select("jobs", "WHERE leaseUntil <= ?", (context.now,), tag=_STATE)
    for job in expired:
        error = f"worker {job['lockedBy']} stopped renewing its lease: the attempt was given up by the queue"
        spend_attempt(context, job, error=error, run_at=context.now)
    return len(expired)


def _lease_until(context: MutationContext, args: Args) -> float:
    lease_ms: float = args.get("leaseMs", float(LEASE_MS))
    if not LEASE_MIN_MS <= lease_ms <= LEASE_MAX_MS:
        raise FunctionError(
            Code.INVALID, f"leaseMs is {lease_ms:g}: expected {LEASE_MIN_MS:g} to {LEASE_MAX_MS:g} milliseconds"
        )
    return context.now + lease_ms
