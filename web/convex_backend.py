"""The backend over Convex's HTTP function API, and over its sync protocol for what must be live.

Function names, arguments and replies are those of the contract (§1 and §2). Only connecting is tried again, for the
seconds in which a deployment replaces the backend; a request that was sent is never repeated.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from convex import ConvexClient, QuerySubscription

from course import function_api
from course.documents import Document
from course.function_api import Arguments, FunctionClient, Kind
from course.prompts import course_prompt
from course.repository import RepositoryUrl
from course.rows import (
    FoundText,
    Job,
    JobId,
    LogLine,
    Repository,
    RepositoryId,
    RowError,
    document_from,
    found_text_from,
    job_from,
    log_line_from,
    repository_from,
    row,
    rows,
)
from course.steps import Language
from web.errors import (
    ActiveJobError,
    BackendKeyError,
    BackendRefusedError,
    BackendUnreachableError,
    FunctionMissingError,
)
from web.feed import JobFeed, Subscription
from web.settings import Secret

T = TypeVar("T")

# A deployment replaces the backend in a few seconds.
CONNECT_PAUSES_S: Final = (0.0, 0.5, 1.0, 2.0)
_NAME: Final = "fondation-web"
# Calls under way at once; each takes a thread while it waits.
_THREADS: Final = 32
_READY_TIMEOUT_S: Final = 1.0
_USER: Final = "fondation"
_MAX_NAMES: Final = 1024
_FOUND_MAX: Final = 10.0


class ConvexBackend:
    """A backend behind a Convex URL; see `web.backend.Backend`."""

    def __init__(self, url: str, key: Secret | None) -> None:
        self._url = url
        self._key = key
        self._functions = FunctionClient(
            url, None if key is None else key.value, name=_NAME, connect_pauses_s=CONNECT_PAUSES_S
        )
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="backend")
        self._feed = JobFeed(subscribe=self._subscribe, parse=_job_or_none, poll=self.job)
        self._client: ConvexClient | None = None
        self._client_lock = threading.Lock()
        self._user_id: str | None = None
        self._repositories: dict[RepositoryId, Repository] = {}

    async def register(self, repository: RepositoryUrl) -> RepositoryId:
        """Return the repository's id, registering it when it is new."""
        arguments = {
            "userId": await self._user(),
            "url": repository.url,
            "fullName": repository.full_name,
            "name": repository.full_name.rpartition("/")[2],
        }
        return RepositoryId(str(await self._mutation("repositories:register", arguments)))

    async def create_job(self, repository_id: RepositoryId, full_name: str, language: Language) -> JobId:
        """Queue a job for a course in a language; raises `ActiveJobError` when the repository has an unfinished one."""
        arguments = {
            "userId": await self._user(),
            "repositoryId": repository_id,
            "prompt": course_prompt(full_name, language),
        }
        try:
            created = await self._mutation("jobs:create", arguments)
        except BackendRefusedError:
            # The message of a production deployment says nothing (contract §2): look for the usual reason.
            newest = _job_or_none(await self._query("jobs:getJobByRepository", {"repositoryId": repository_id}))
            if newest is None or not newest.is_active:
                raise
            raise ActiveJobError(newest.id) from None
        return JobId(str(_read(row, created)["jobId"]))

    async def jobs(self) -> Sequence[Job]:
        """Return the jobs, newest first."""
        found = await self._query("jobs:listUserJobs", {"userId": await self._user()})
        return [_read(job_from, item) for item in _read(rows, found)]

    async def job(self, job_id: JobId) -> Job | None:
        """Return a job, or None when there is none of that id."""
        try:
            return _job_or_none(await self._query("jobs:getById", {"id": job_id}))
        except BackendRefusedError:
            return None  # A text that is no id of this deployment fails its validator.

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository, or None when there is none of that id."""
        known = self._repositories.get(repository_id)
        if known is not None:
            return known
        found = await self._query("repositories:getByRepositoryId", {"repositoryId": repository_id})
        if found is None:
            return None
        if len(self._repositories) >= _MAX_NAMES:
            self._repositories.clear()
        repository = self._repositories[repository_id] = _read(repository_from, found)
        return repository

    async def documents(self, job_id: JobId) -> Sequence[Document]:
        """Return the published documents of a job in publishing order."""
        found = await self._query("docs:listByJobId", {"jobId": job_id})
        return [_read(document_from, item) for item in _read(rows, found)]

    async def search(self, query: str) -> Sequence[FoundText]:
        """Return the texts of the newest courses that have the words of a query, the best first."""
        found = await self._query("search:courses", {"query": query, "limit": _FOUND_MAX})
        return [_read(found_text_from, item) for item in _read(rows, found)]

    async def logs(self, job_id: JobId) -> Sequence[LogLine]:
        """Return the log of a job, oldest line first."""
        found = await self._query("jobs:getLogs", {"jobId": job_id})
        return [_read(log_line_from, item) for item in _read(rows, found)]

    async def cancel(self, job_id: JobId) -> None:
        """Ask for the job to stop; raises `BackendRefusedError` when it is finished."""
        await self._mutation("jobs:cancelJob", {"jobId": job_id, "userId": await self._user()})

    async def delete_job(self, job_id: JobId) -> None:
        """Delete a job with its documents and its log for good."""
        await self._mutation("jobs:delete", {"jobId": job_id})

    async def delete_repository(self, repository_id: RepositoryId) -> None:
        """Delete a repository with all of its jobs for good."""
        await self._mutation("repositories:delete", {"repositoryId": repository_id})
        self._repositories.pop(repository_id, None)

    def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change, until closed by the caller."""
        return self._feed.watch(job_id)

    async def is_ready(self) -> bool:
        """Return whether the backend answers."""
        ready = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._functions.is_ready(timeout_s=_READY_TIMEOUT_S)
        )
        try:
            # Who asks is a health check, which gives up after 3 s.
            return await asyncio.wait_for(ready, _READY_TIMEOUT_S)
        except TimeoutError:
            return False

    async def aclose(self) -> None:
        """Stop; watchers end, and calls still under way end by their own time-outs."""
        await self._feed.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client = None

    async def _user(self) -> str:
        if self._user_id is None:
            arguments = {"githubId": _USER, "username": _USER}
            self._user_id = str(await self._mutation("users:createOrUpdateUser", arguments))
        return self._user_id

    async def _query(self, path: str, arguments: Arguments) -> object:
        return await self._call("query", path, arguments)

    async def _mutation(self, path: str, arguments: Arguments) -> object:
        return await self._call("mutation", path, arguments)

    async def _call(self, kind: Kind, path: str, arguments: Arguments) -> object:
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._functions.call(kind, path, arguments)
            )
        except function_api.KeyRefusedError as error:
            raise BackendKeyError(f"{error}; check FONDATION_BACKEND_KEY_FILE") from error
        except function_api.FunctionMissingError as error:
            raise FunctionMissingError(str(error)) from error
        except function_api.RefusedError as error:
            raise BackendRefusedError(str(error)) from error
        except function_api.FunctionError as error:
            raise BackendUnreachableError(str(error)) from error

    def _subscribe(self, job_id: JobId) -> Subscription:
        with self._client_lock:
            if self._client is None:
                client = ConvexClient(self._url)
                if self._key is not None:
                    client.set_admin_auth(self._key.value)
                self._client = client
        return _JobSubscription(self._client.subscribe("jobs:getById", {"id": job_id}))


class _JobSubscription:
    """The official client's subscription, which must not be ended twice: it would subscribe again to do so."""

    def __init__(self, subscription: QuerySubscription) -> None:
        self._subscription = subscription

    def __aiter__(self) -> AsyncIterator[object]:
        return self._subscription

    def unsubscribe(self) -> None:
        # A cancelled wait has dropped the subscription already.
        if self._subscription.inner.exists():
            self._subscription.unsubscribe()


def _job_or_none(value: object) -> Job | None:
    return None if value is None else _read(job_from, value)


def _read(parse: Callable[[object], T], value: object) -> T:
    try:
        return parse(value)
    except RowError as error:
        raise BackendUnreachableError(str(error)) from error
