"""A published course on the operator's machine: shown, saved, or proved against its repository."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from course.documents import Document
from ops.context import Context, Line
from ops.errors import CheckError, NotFoundError
from ops.jobs import git
from ops.jobs.course_check import Source, analysed_commit, check_course
from ops.jobs.jobs import Jobs, line_of
from ops.jobs.local_repositories import export_repository
from ops.stack.stack import Stack


def show(context: Context, job_id: str, *, check: bool, output: Path | None) -> None:
    """Show a course's documents; write them to a folder, or check them, when asked to.

    Raises:
        NotFoundError: There is no such job, or it has published nothing, or its repository is gone.
        CheckError: Something in the course does not resolve; each failure was shown.
    """
    jobs = Jobs(Stack(context.folders, context.stack).convex())
    job = jobs.job(job_id)
    documents = jobs.documents(job_id)
    repository = jobs.repository(job.repository_id)
    if not documents:
        raise NotFoundError(f"job {job_id} has no documents: it is {line_of(job)}")
    if output is not None:
        save(documents, output)
        context.say(f"{len(documents)} documents written to {output}")
    if check:
        if repository is None:
            raise NotFoundError(
                f"the repository of job {job_id} is gone from the backend: its course cannot be checked"
            )
        prove(documents, repository.clone_url, stack_name=context.stack, say=context.say)
    elif output is None:
        for document in documents:
            context.say(f"{document.kind.value:9} {document.slug}  {document.title}")


def save(documents: Sequence[Document], folder: Path) -> None:
    """Write documents below a folder, each at its slug.

    Raises:
        CheckError: A slug leads out of the folder.
    """
    for document in documents:
        file = folder / document.slug
        if not file.resolve().is_relative_to(folder.resolve()):
            raise CheckError(f"the document {document.slug!r} would be written outside {folder}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document.content, encoding="utf-8")


def prove(documents: Sequence[Document], url: str, *, stack_name: str, say: Line) -> None:
    """Check every citation, excerpt and link of a course against its repository at the analysed commit.

    Raises:
        CheckError: Some do not resolve; each was shown.
        NotFoundError: The repository, or the commit, is gone.
    """
    commit = analysed_commit(documents)
    with tempfile.TemporaryDirectory(prefix="fondation-check-") as temporary:
        clone = Path(temporary) / "repository"
        if url.startswith("file://"):
            export_repository(url, clone, stack=stack_name)
            git.require_commit(clone, commit, name=url)
        else:
            git.fetch_commit(url, commit, clone)
        result = check_course(documents, Source(clone, commit))
    for failure in result.failures:
        say(failure)
    say(f"at commit {commit[:12]}: {result.summary}")
    if result.failures:
        raise CheckError(f"{len(result.failures)} citations or links of the course do not resolve")
