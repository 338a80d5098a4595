"""From a claim to a published course: the straight line of one job, which either returns or raises what went wrong.

Says nothing about what follows from an error: `worker.runner` does.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from course.cited_sources import sources_document
from course.documents import Document
from course.folder import CourseFolder, read_folder
from course.git_credentials import (
    GitCredential,
    GitCredentialError,
    credential_for,
    netlocs_of,
    parse_git_credentials,
)
from course.jobs import JobStatus
from course.limits import ARGS_MAX_BYTES, ARRAY_MAX_ITEMS, DOCUMENT_MAX_BYTES
from course.prompts import language_of_prompt
from course.repository import RepositoryUrl, RepositoryUrlError, UrlPolicy, parse_repository_url, valid_branch
from course.steps import TOTAL_STEPS, Step, progress_text, step_number
from worker import bundle
from worker.checkout import Checkout
from worker.cli import analyze_argv, cli_environment, cli_failure
from worker.convex_queue import arguments_size_bytes, document_size_bytes
from worker.errors import CredentialError, JobError, PermanentError, TryAgainError
from worker.folders import JobFolder
from worker.git import Access
from worker.joblog import JobLog
from worker.lease import Lease, persist
from worker.metrics import Metrics
from worker.model_probe import ModelProbe
from worker.processes import Command, Finished, Limits
from worker.progress import Complaint, Note, StepStarted, StepTracker, Usage, parse_line
from worker.queue import Beat, Claim, Queue, Repository
from worker.settings import Settings
from worker.source_lines import lines_of
from worker.watch import Bounds, TooLargeError, run_watched

_OUTPUT_BOUNDS: Final = Bounds(max_bytes=256 << 20, max_files=20_000)
_PROBLEMS_SHOWN: Final = 20
# A stored document has fields beside the argument's: ids, times, keys.
_DOCUMENT_FIELDS_BYTES: Final = 2048
_ARGUMENTS_FIELDS_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRun:
    """Handles one claimed job."""

    queue: Queue
    checkout: Checkout
    settings: Settings
    metrics: Metrics
    claim: Claim
    folder: JobFolder
    lease: Lease
    journal: JobLog
    answers: Path | None = None
    monotonic_s: Callable[[], float] = time.monotonic

    async def handle(self) -> None:
        """Clone, analyse, read, publish, complete.

        Raises:
            PermanentError, TryAgainError: The job did not come to a course.
            StopError: The job is no longer ours.
            CallRefusedError: The backend refused a call.
        """
        credentials = await asyncio.to_thread(self._credentials)
        url, branch = await self._address(netlocs_of(item.prefix for item in credentials))
        commit = await self._clone(url, branch, self._access(url, credentials))
        await self._analyze()
        self.lease.update(Beat(status=JobStatus.GATHERING, progress="Saving results...", step=TOTAL_STEPS))
        with self._timed("publish"):
            course = await asyncio.to_thread(read_folder, self.folder.output)
            self._report(course)
            documents = await asyncio.to_thread(self._with_sources, publishable(course, self.journal.error))
            stored = await persist(lambda: self.queue.publish(self.claim, documents))
            if stored < 1:
                raise PermanentError("the backend kept none of the documents; the job has no course")
            self.journal.info(f"Published {stored} documents of commit {commit}")
            await self.journal.flush()
            await self.lease.finish(
                lambda: self.queue.complete(self.claim, documents_count=stored, commit=commit),
            )
        self.metrics.documents.inc(stored)

    def _with_sources(self, documents: Sequence[Document]) -> Sequence[Document]:
        """The course with the source that it cites; without it, where there is no room left for that."""
        sources = sources_document(documents, lambda path: lines_of(self.folder.clone, path))
        if sources is None:
            return documents
        try:
            return publishable(CourseFolder(documents=(*documents, sources), problems=()), self.journal.error)
        except PermanentError as error:
            self.journal.info(f"The cited source is not kept: {error}")
            return documents

    def _credentials(self) -> tuple[GitCredential, ...]:
        """What private repositories may be read with, as it is delivered now."""
        if self.settings.git_credentials_file is None:
            return ()
        try:
            return parse_git_credentials(self.settings.git_credentials_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, GitCredentialError) as error:
            raise TryAgainError(f"the credentials for private repositories cannot be read: {error}") from error

    def _access(self, url: RepositoryUrl, credentials: Sequence[GitCredential]) -> Access | None:
        file, credential = self.settings.git_credentials_file, credential_for(credentials, url.url)
        return None if file is None or credential is None else Access(file=file, prefix=credential.prefix)

    async def _address(self, known_hosts: frozenset[str]) -> tuple[RepositoryUrl, str | None]:
        repository = await persist(lambda: self.queue.repository(self.claim.repository_id))
        local = self.settings.local_repositories
        policy = UrlPolicy(local_prefix=None if local is None else str(local), known_hosts=known_hosts)
        return accepted(repository, policy)

    async def _clone(self, url: RepositoryUrl, branch: str | None, access: Access | None) -> str:
        self.lease.update(Beat(status=JobStatus.CLONING, progress="Cloning repository..."))
        self.journal.info(f"Cloning {url.url}" + (f", branch {branch}" if branch else ""))
        with self._timed("clone"):
            commit = await self.checkout.clone(
                url, branch=branch, target=self.folder.clone, scratch=self.folder.scratch, access=access
            )
        self.journal.info(f"Cloned commit {commit}")
        return commit

    async def _analyze(self) -> None:
        self.lease.update(Beat(status=JobStatus.ANALYZING, progress="Analyzing codebase..."))
        listener = _Listener(self)
        output = self.folder.output
        if self.settings.cli_kind == "bundle":
            await asyncio.to_thread(bundle.make_ready, self.folder.clone)
            output = bundle.output_in(self.folder.clone)
        try:
            finished = await run_watched(
                self._command(),
                folder=output,
                bounds=_OUTPUT_BOUNDS,
                timeout_s=None,  # the whole job's deadline holds
                on_line=listener,
            )
        except TooLargeError as error:
            raise PermanentError(f"the course is too large: the CLI wrote {error}") from error
        finally:
            listener.end()
        if self.settings.cli_kind == "bundle":
            await asyncio.to_thread(bundle.collect, self.folder.clone, self.folder.output)
        if finished.code != 0:
            raise await self._failure(finished, listener.complaint)

    async def _failure(self, finished: Finished, complaint: Complaint | None) -> JobError:
        failure = cli_failure(finished, complaint)
        if self.settings.cli_kind == "bundle" and finished.code == bundle.UNTOLD:
            # It ends alike for every cause: whether the credential is one of them, a few words to the model show.
            refusal = await ModelProbe(settings=self.settings)()
            if isinstance(refusal, CredentialError):
                return refusal
        return failure

    def _command(self) -> Command:
        temporary = self.folder.scratch / "tmp"
        temporary.mkdir(exist_ok=True)
        return Command(
            argv=self._argv(),
            directory=self.folder.scratch,
            environment={
                **cli_environment(self.settings.child_environment, home=self.folder.scratch, temporary=temporary),
                **self.settings.model_environment,
                **({"FONDATION_CLAUDE_ANSWERS": str(self.answers)} if self.answers is not None else {}),
            },
            limits=Limits(file_bytes=_OUTPUT_BOUNDS.max_bytes),
        )

    def _argv(self) -> tuple[str, ...]:
        if self.settings.cli_kind == "bundle":
            return bundle.analyze_argv(self.settings.cli, self.folder.clone)
        return analyze_argv(
            self.settings.cli,
            clone=self.folder.clone,
            output=self.folder.output,
            engine=self.settings.engine,
            language=language_of_prompt(self.claim.prompt) or self.settings.course_language,
            sandbox=self.settings.sandbox,
        )

    def _report(self, course: CourseFolder) -> None:
        self.metrics.problems.inc(len(course.problems))
        for problem in course.problems[:_PROBLEMS_SHOWN]:
            self.journal.error(f"Not published: {problem}")
        if len(course.problems) > _PROBLEMS_SHOWN:
            self.journal.error(f"Not published: {len(course.problems) - _PROBLEMS_SHOWN} further files")

    def _timed(self, step: str) -> AbstractContextManager[object]:
        return self.metrics.step_duration.labels(step).time()


class _Listener:
    """Follows the CLI's lines: progress to lease and log, durations to the metrics, the last complaint kept."""

    def __init__(self, run: CourseRun) -> None:
        self._run = run
        self._steps = StepTracker()
        self._since_s = 0.0
        self.complaint: Complaint | None = None

    def __call__(self, line: str) -> None:
        match parse_line(line):
            case StepStarted(step=step):
                ended = self._steps.current
                if self._steps.advance(step):
                    self._observe(ended)
                    self._since_s = self._run.monotonic_s()
                    text = progress_text(step)
                    beat = Beat(status=JobStatus.ANALYZING, progress=text, step=step_number(step))
                    self._run.lease.update(beat)
                    self._run.journal.info(text)
            case Usage() as usage:
                self._run.metrics.count(usage)
                self._run.journal.info(usage.text)
            case Note(text=text):
                self._run.journal.info(text)
            case Complaint() as complaint:
                self.complaint = complaint
                self._run.journal.error(str(complaint))
            case None:
                pass

    def end(self) -> None:
        """Note the end of the current step."""
        self._observe(self._steps.current)

    def _observe(self, step: Step | None) -> None:
        if step is not None:
            self._run.metrics.step_duration.labels(step.value).observe(self._run.monotonic_s() - self._since_s)


def accepted(repository: Repository | None, policy: UrlPolicy) -> tuple[RepositoryUrl, str | None]:
    """Return the URL and branch of a repository that this stack clones.

    Raises:
        PermanentError: The repository is gone, or its URL or branch is not accepted.
    """
    if repository is None:
        raise PermanentError("the repository of this job no longer exists; submit it again")
    try:
        url = parse_repository_url(repository.url, policy)
    except RepositoryUrlError as error:
        raise PermanentError(str(error)) from error
    if repository.branch is not None and not valid_branch(repository.branch):
        raise PermanentError(f"{repository.branch!r} is not the name of a branch; choose one that exists")
    return url, repository.branch


def publishable(course: CourseFolder, report: Callable[[str], None]) -> Sequence[Document]:
    """Return the documents that the backend takes; one that is too large is reported and costs nothing else.

    Raises:
        PermanentError: There is no document, or all of them together exceed Convex's limits.
    """
    documents: list[Document] = []
    for document in course.documents:
        size = document_size_bytes(document) + _DOCUMENT_FIELDS_BYTES
        if size > DOCUMENT_MAX_BYTES:
            report(f"Not published: {document.slug}: {size} bytes, at most {DOCUMENT_MAX_BYTES}")
        else:
            documents.append(document)
    if not documents:
        shown = "; ".join(str(problem) for problem in course.problems[:3])
        raise PermanentError(f"the analysis left no readable document ({shown or 'its folder is empty'})")
    if len(documents) > ARRAY_MAX_ITEMS:
        raise PermanentError(f"the course has {len(documents)} documents, more than {ARRAY_MAX_ITEMS}")
    total = arguments_size_bytes(documents) + _ARGUMENTS_FIELDS_BYTES
    if total > ARGS_MAX_BYTES:
        raise PermanentError(f"the course is too large to store: {total} bytes, at most {ARGS_MAX_BYTES}")
    return documents
