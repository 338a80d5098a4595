"""`jobs:getLogs` and `jobs:appendLog`: lines that a job leaves for people. Numbered per job from 1, so none is lost."""

from typing import Final

from backend.errors import Code, FunctionError
from backend.lifecycle import load
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document
from backend.validator import Id, Literals, Optional, number, string

MESSAGE_MAX_CHARACTERS: Final = 16_384
PAGE: Final = 1000


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (
        query("jobs:getLogs", get_logs, jobId=Id("jobs"), afterSeq=Optional(number())),
        mutation("jobs:appendLog", append_log, jobId=Id("jobs"), level=Literals(("info", "error")), msg=string()),
    )


def get_logs(context: QueryContext, args: Args) -> list[Document]:
    """Return up to 1000 lines after `afterSeq`, in order; ask again with the last `seq` for more."""
    job_id = args["jobId"]
    return context.db.select(
        "jobLogs",
        "WHERE jobId = ? AND seq > ? ORDER BY seq LIMIT ?",
        (job_id, args.get("afterSeq", 0.0), PAGE),
        tag=f"jobLogs.jobId={job_id}",
    )


def append_log(context: MutationContext, args: Args) -> None:
    """Add a line."""
    job_id = args["jobId"]
    load(context, job_id)
    if len(args["msg"]) > MESSAGE_MAX_CHARACTERS:
        raise FunctionError(
            Code.TOO_LARGE, f"msg has {len(args['msg'])} characters, the limit is {MESSAGE_MAX_CHARACTERS}: split it"
        )
    ((last,),) = context.db.scalars(
        "SELECT coalesce(max(seq), 0) FROM jobLogs WHERE jobId = ?", (job_id,), tag=f"jobLogs.jobId={job_id}"
    )
    context.db.insert(
        "jobLogs",
        {"jobId": job_id, "ts": context.now, "seq": last + 1.0, "level": args["level"], "msg": args["msg"]},
    )
