"""Deletion for good: jobs and repositories with all that hangs on them. Extensions of ours.

What lies elsewhere (a worker's copies) is asked for by its holder: `repositories:deleted` says what is no longer here.
"""

from collections.abc import Sequence

from backend import shown_text
from backend.lifecycle import cancel, load
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document, require
from backend.validator import Array, Id, string
from course.jobs import ACTIVE, JobStatus

_Counts = dict[str, float]


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (
        mutation("jobs:delete", delete_job, jobId=Id("jobs")),
        mutation("repositories:delete", delete_repository, repositoryId=Id("repositories")),
        query("repositories:deleted", deleted, repositoryIds=Array(string()), jobIds=Array(string())),
    )


def delete_job(context: MutationContext, args: Args) -> _Counts:
    """Delete a job with its documents and its log, and count them; one at work is cancelled first."""
    return _delete(context, [load(context, args["jobId"])])


def delete_repository(context: MutationContext, args: Args) -> _Counts:
    """Delete a repository with its jobs and all that they left, and count them."""
    repository_id = args["repositoryId"]
    repository = require(context.db.get("repositories", repository_id), "repositories", repository_id)
    counts = _delete(context, context.db.find("jobs", "repositoryId", repository_id))
    context.db.delete("repositories", repository)
    return counts


def deleted(context: QueryContext, args: Args) -> dict[str, list[str]]:
    """Return which of these ids name nothing, or nothing any more."""
    return {
        "repositoryIds": [name for name in args["repositoryIds"] if context.db.get("repositories", name) is None],
        "jobIds": [name for name in args["jobIds"] if context.db.get("jobs", name) is None],
    }


def _delete(context: MutationContext, jobs: Sequence[Document]) -> _Counts:
    counts = {"jobs": float(len(jobs)), "documents": 0.0, "logLines": 0.0}
    for job in jobs:
        if JobStatus(job["status"]) in ACTIVE:
            cancel(context, job, "Deleted")  # wakes whoever follows it
        shown_text.forget(context.db, job["_id"])
        for name, table in (("documents", "docs"), ("logLines", "jobLogs")):
            rows = context.db.find(table, "jobId", job["_id"])
            for row in rows:
                context.db.delete(table, row)
            counts[name] += len(rows)
        context.db.delete("jobs", job)
    if counts["documents"]:
        shown_text.begin_compaction(context.db)
    return counts
