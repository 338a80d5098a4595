"""`docs:*`: the documents of courses. Only the live attempt of a job may write them.

A job's documents are its own until `queue:complete` commits; then they are the repository's course and those of earlier
jobs go.
"""

from dataclasses import dataclass, field
from typing import Any

from backend import shown_text
from backend.errors import Code, FunctionError
from backend.lifecycle import latest_completed, load_attempt
from backend.normaliser import normalise
from backend.registry import Args, Function, MutationContext, QueryContext, mutation, query
from backend.transaction import Document
from backend.validator import Array, Id, Literals, Object, Optional, number, string
from backend.values import check_size, size_of
from course.documents import DocumentKind
from course.jobs import TERMINAL, JobStatus
from course.limits import ARRAY_MAX_ITEMS, RETURN_MAX_BYTES

_MAY_BE_BLANK = frozenset({DocumentKind.TOC, DocumentKind.YAML})


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    document = Object(
        {
            "slug": string(),
            "title": string(),
            "chapterIndex": Optional(number()),
            "content": string(),
            "kind": Literals(tuple(DocumentKind)),
        },
    )
    summary = Object({"chaptersCount": number(), "tutorialsCount": number(), "generatedAt": number()})
    return (
        mutation(
            "docs:upsertFromJob",
            upsert_from_job,
            jobId=Id("jobs"),
            repositoryId=Id("repositories"),
            runId=Optional(string()),
            files=Array(document),
            summary=summary,
        ),
        query("docs:listByJobId", list_by_job, jobId=Id("jobs")),
        query("docs:getBySlug", get_by_slug, jobId=Id("jobs"), slug=string()),
        query("docs:listByRepository", list_by_repository, repositoryId=Id("repositories")),
    )


@dataclass(slots=True)
class _Publication:
    """One call of upsertFromJob under way."""

    context: MutationContext
    job: Document
    run_id: str
    stored: dict[str, Document]
    kept: dict[str, str] = field(default_factory=dict)
    stats: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("inserted", "updated", "skipped", "rejected", "deleted"), 0.0),
    )
    size_bytes: int = 0

    def take(self, file: Document) -> None:
        """Store one file, unless it is blank, given twice or unchanged."""
        slug = file["slug"]
        if not file["content"].strip() and file["kind"] not in _MAY_BE_BLANK:
            self.stats["rejected"] += 1
        elif slug in self.kept:
            self.stats["skipped"] += 1
        else:
            fields = {**file, "content": file["content"] if file["kind"] == "yaml" else normalise(file["content"])}
            self.kept[slug] = self._put(slug, fields)

    def _put(self, slug: str, fields: Document) -> str:
        db, now, before = self.context.db, self.context.now, self.stored.get(slug)
        if before is None:
            self.stats["inserted"] += 1
            marks = {"createdAt": now, "normalizedAt": now, "runId": self.run_id}
            owner = {name: self.job[name] for name in ("repositoryId",)} | {"jobId": self.job["_id"]}
            row = {**owner, **fields, **marks, "sourceKey": f"{self.job['repositoryId']}:{slug}"}
            self.size_bytes += size_of(row)
            return db.insert("docs", row)
        clear = ["chapterIndex"] if "chapterIndex" in before and "chapterIndex" not in fields else []
        if clear or any(before.get(name) != value for name, value in fields.items()):
            self.stats["updated"] += 1
            before = db.patch("docs", before, {**fields, "updatedAt": now, "runId": self.run_id}, clear=clear)
        else:
            self.stats["skipped"] += 1
        self.size_bytes += size_of(before)
        row_id: str = before["_id"]
        return row_id

    def finish(self) -> dict[str, Any]:
        """Delete what the call did not name and note the outcome on the job."""
        for slug, document in self.stored.items():
            if slug not in self.kept:
                self.context.db.delete("docs", document)
                self.stats["deleted"] += 1
        if len(self.kept) > ARRAY_MAX_ITEMS:
            raise FunctionError(Code.TOO_LARGE, f"{len(self.kept)} documents, the limit is {ARRAY_MAX_ITEMS}")
        # Each row gets its id and the time on top; what was accepted must be readable as one list.
        check_size(self.size_bytes + 100 * len(self.kept), RETURN_MAX_BYTES, f"documents of job {self.job['_id']}")
        count = float(len(self.kept))
        changes = {"docsCount": count, "runId": self.run_id, "regenerationStats": self.stats}
        self.context.db.patch("jobs", self.job, {**changes, "updatedAt": self.context.now})
        return {"docsCount": count, "docIds": list(self.kept.values()), "stats": self.stats}


def upsert_from_job(context: MutationContext, args: Args) -> dict[str, Any]:
    """Make the job's documents exactly those given; `runId` must be the live attempt's workerId."""
    job = load_attempt(context, args["jobId"], args.get("runId"))
    if job["repositoryId"] != args["repositoryId"]:
        raise FunctionError(
            Code.INVALID, f"job {job['_id']} is of repository {job['repositoryId']}, not {args['repositoryId']}"
        )
    stored = {document["slug"]: document for document in context.db.find("docs", "jobId", job["_id"])}
    publication = _Publication(context=context, job=job, run_id=args["runId"], stored=stored)
    for file in args["files"]:
        publication.take(file)
    return publication.finish()


def purge_older_courses(context: MutationContext, *, repository_id: str, keep: str) -> None:
    """Delete the documents of the repository's other finished jobs."""
    for job in context.db.find("jobs", "repositoryId", repository_id):
        if job["_id"] == keep or JobStatus(job["status"]) not in TERMINAL or not job.get("docsCount"):
            continue
        shown_text.forget(context.db, job["_id"])
        for document in context.db.find("docs", "jobId", job["_id"]):
            context.db.delete("docs", document)
        # A job without documents must not be offered as a course.
        context.db.patch("jobs", job, {"docsCount": 0.0})


def list_by_job(context: QueryContext, args: Args) -> list[Document]:
    """Return the job's documents in the order they were made."""
    return context.db.find("docs", "jobId", args["jobId"])


def get_by_slug(context: QueryContext, args: Args) -> Document | None:
    """Return one document or null."""
    documents = context.db.select(
        "docs", "WHERE jobId = ? AND slug = ?", (args["jobId"], args["slug"]), tag=f"docs.jobId={args['jobId']}"
    )
    return documents[0] if documents else None


def list_by_repository(context: QueryContext, args: Args) -> list[Document]:
    """Return the repository's course: the documents of its newest completed job."""
    job = latest_completed(context.db, args["repositoryId"])
    return [] if job is None else context.db.find("docs", "jobId", job["_id"])
