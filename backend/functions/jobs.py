"""`jobs:*`: what people and pages do with jobs. `callbackToken` is shown to callers with the key only."""

import hmac
import uuid
from typing import Any

from backend.errors import Code, FunctionError
from backend.functions.queue import result_validator
from backend.lifecycle import active_job, bounded, cancel, insert_job, latest_completed, load, move
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document, require
from backend.validator import Id, Literals, Optional, number, string
from course.jobs import HEARTBEAT, JobStatus

_LIST_MAX = 1000


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    repository = {"repositoryId": Id("repositories")}
    return (
        mutation("jobs:create", create, userId=Id("users"), **repository, prompt=string()),
        mutation("jobs:regenerate", regenerate, **repository, userId=Id("users"), prompt=Optional(string())),
        mutation(
            "jobs:updateStatus",
            update_status,
            jobId=Id("jobs"),
            status=Literals(tuple(JobStatus)),
            callbackToken=string(),
            progress=Optional(string()),
            currentStep=Optional(number()),
            totalSteps=Optional(number()),
            result=Optional(result_validator()),
            error=Optional(string()),
        ),
        mutation("jobs:cancelJob", cancel_job, jobId=Id("jobs"), userId=Id("users")),
        mutation("jobs:requestCancel", request_cancel, jobId=Id("jobs")),
        query("jobs:getJob", get_job, jobId=Id("jobs")),
        query("jobs:getById", get_by_id, id=Id("jobs")),
        query("jobs:listUserJobs", list_user_jobs, userId=Id("users")),
        query("jobs:getJobByRepository", get_job_by_repository, **repository),
        query("jobs:getLatestCompletedByRepository", get_latest_completed, **repository),
    )


def create(context: MutationContext, args: Args) -> dict[str, str]:
    """Queue a job for a repository that has none."""
    token = _new_token(context)
    job_id = insert_job(
        context,
        user_id=args["userId"],
        repository_id=args["repositoryId"],
        prompt=args["prompt"],
        callback_token=token,
        dedupe_key=f"{args['repositoryId']}_{context.now:.0f}",
        progress="Initializing...",
    )
    return {"jobId": job_id, "callbackToken": token}


def regenerate(context: MutationContext, args: Args) -> dict[str, str]:
    """Cancel the repository's active job, if any, and queue a fresh one, in one transaction."""
    repository_id = args["repositoryId"]
    repository = require(context.db.get("repositories", repository_id), "repositories", repository_id)
    active = active_job(context, repository_id)
    if active is not None:
        cancel(context, active, "Canceled: the course is being generated again")
    job_id = insert_job(
        context,
        user_id=args["userId"],
        repository_id=repository_id,
        prompt=args.get("prompt", f"Generate comprehensive course documentation for {repository['name']}"),
        callback_token=_new_token(context),
        dedupe_key=f"{repository_id}_regen_{context.now:.0f}",
        progress="Initializing regeneration...",
    )
    return {"jobId": job_id}


def update_status(context: MutationContext, args: Args) -> dict[str, bool]:
    """Change a job on behalf of the holder of its callback token.

    It may cancel or fail a job and report progress; claiming, finishing and retrying are the queue's.
    """
    job = load(context, args["jobId"])
    if not hmac.compare_digest(job["callbackToken"].encode(), args["callbackToken"].encode()):
        raise FunctionError(Code.UNAUTHORIZED, f"the callbackToken is not that of job {args['jobId']}")
    status = JobStatus(args["status"])
    if status not in HEARTBEAT | {JobStatus.CANCELED, JobStatus.FAILED}:
        raise FunctionError(Code.CONFLICT, f"only the queue makes a job {status}: use the queue:* functions")
    changes = {name: args[name] for name in ("progress", "currentStep", "totalSteps", "result") if name in args}
    if "error" in args:
        changes |= dict.fromkeys(("error", "lastError"), bounded(args["error"]))
    if status is JobStatus.CANCELED:
        changes["cancelRequested"] = True
    move(context, job, status, changes)
    return {"success": True}


def cancel_job(context: MutationContext, args: Args) -> dict[str, Any]:
    """Cancel the user's own active job."""
    job = load(context, args["jobId"])
    if job["userId"] != args["userId"]:
        raise FunctionError(Code.UNAUTHORIZED, f"job {args['jobId']} belongs to another user")
    cancel(context, job, "Canceled by the user")
    return {"success": True, "jobId": job["_id"]}


def request_cancel(context: MutationContext, args: Args) -> dict[str, bool]:
    """Cancel an active job."""
    cancel(context, load(context, args["jobId"]), "Canceled on request")
    return {"success": True}


def get_job(context: QueryContext, args: Args) -> Document | None:
    """Return the job or null."""
    return _shown(context, context.db.get("jobs", args["jobId"]))


def get_by_id(context: QueryContext, args: Args) -> Document | None:
    """Return the job or null."""
    return _shown(context, context.db.get("jobs", args["id"]))


def list_user_jobs(context: QueryContext, args: Args) -> list[Document]:
    """Return the user's newest jobs, newest first, at most 1000."""
    jobs = context.db.find("jobs", "userId", args["userId"], newest_first=True, limit=_LIST_MAX)
    return [_without_token(context, job) for job in jobs]


def get_job_by_repository(context: QueryContext, args: Args) -> Document | None:
    """Return the repository's newest job or null."""
    jobs = context.db.find("jobs", "repositoryId", args["repositoryId"], newest_first=True, limit=1)
    return _shown(context, jobs[0] if jobs else None)


def get_latest_completed(context: QueryContext, args: Args) -> Document | None:
    """Return the repository's newest completed job or null."""
    return _shown(context, latest_completed(context.db, args["repositoryId"]))


def _shown(context: QueryContext, job: Document | None) -> Document | None:
    return None if job is None else _without_token(context, job)


def _without_token(context: QueryContext, job: Document) -> Document:
    if not context.authorized:
        job.pop("callbackToken", None)
    return job


def _new_token(context: MutationContext) -> str:
    return str(uuid.UUID(int=context.random.getrandbits(128), version=4))
