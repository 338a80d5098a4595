"""The backend over Convex's HTTP function API, and over its sync protocol for what must be live.

Function names, arguments and replies are those of the contract (§1 and §2). Only connecting is tried again, for the
seconds in which a deployment replaces the backend; a request that was sent is never repeated.
"""

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Final

import httpx
from convex import ConvexClient, QuerySubscription

from course.documents import Document
from course.repository import RepositoryUrl
from web.backend import (
    Job,
    JobId,
    LogLine,
    Repository,
    RepositoryId,
    document_from,
    job_from,
    log_line_from,
    repository_from,
)
from web.errors import ActiveJobError, BackendKeyError, BackendRefusedError, BackendUnreachableError
from web.feed import JobFeed, Subscription
from web.settings import Secret

TIMEOUT_S: Final = 10.0
# httpx waits 0, 0.5, 1 and 2 s before them.
CONNECT_RETRIES: Final = 4
FUNCTION_FAILED: Final = 560
_READY_TIMEOUT_S: Final = 1.0
_USER: Final = "fondation"
_MAX_NAMES: Final = 1024


class ConvexBackend:
    """A backend behind a Convex URL; see `web.backend.Backend`."""

    def __init__(self, url: str, key: Secret | None, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"Convex-Client": "fondation-web"}
        if key is not None:
            headers["Authorization"] = f"Convex {key.value}"
        self._url = url
        self._key = key
        # httpx would trust a list of its own, which does not have what `fondation:caBundle` adds to the image's.
        authorities = ssl.create_default_context()
        used = transport or httpx.AsyncHTTPTransport(retries=CONNECT_RETRIES, verify=authorities)
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S, transport=used)
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

    async def create_job(self, repository_id: RepositoryId, full_name: str) -> JobId:
        """Queue a job; raises `ActiveJobError` when the repository has an unfinished one."""
        arguments = {
            "userId": await self._user(),
            "repositoryId": repository_id,
            "prompt": f"Generate comprehensive course documentation for {full_name}",
        }
        try:
            created = await self._mutation("jobs:create", arguments)
        except BackendRefusedError:
            # The message of a production deployment says nothing (contract §2): look for the usual reason.
            newest = _job_or_none(await self._query("jobs:getJobByRepository", {"repositoryId": repository_id}))
            if newest is None or not newest.is_active:
                raise
            raise ActiveJobError(newest.id) from None
        return JobId(str(_row(created)["jobId"]))

    async def jobs(self) -> Sequence[Job]:
        """Return the jobs, newest first."""
        rows = _rows(await self._query("jobs:listUserJobs", {"userId": await self._user()}))
        return [job_from(row) for row in rows]

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
        row = await self._query("repositories:getByRepositoryId", {"repositoryId": repository_id})
        if row is None:
            return None
        if len(self._repositories) >= _MAX_NAMES:
            self._repositories.clear()
        repository = self._repositories[repository_id] = repository_from(_row(row))
        return repository

    async def documents(self, job_id: JobId) -> Sequence[Document]:
        """Return the published documents of a job in publishing order."""
        return [document_from(row) for row in _rows(await self._query("docs:listByJobId", {"jobId": job_id}))]

    async def logs(self, job_id: JobId) -> Sequence[LogLine]:
        """Return the log of a job, oldest line first."""
        return [log_line_from(row) for row in _rows(await self._query("jobs:getLogs", {"jobId": job_id}))]

    async def cancel(self, job_id: JobId) -> None:
        """Ask for the job to stop; raises `BackendRefusedError` when it is finished."""
        await self._mutation("jobs:cancelJob", {"jobId": job_id, "userId": await self._user()})

    def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change, until closed by the caller."""
        return self._feed.watch(job_id)

    async def is_ready(self) -> bool:
        """Return whether the backend answers."""
        try:
            # The connection's retries included: who asks is a health check, which gives up after 3 s.
            async with asyncio.timeout(_READY_TIMEOUT_S):
                response = await self._http.get("/version")
        except (httpx.HTTPError, TimeoutError):
            return False
        return response.is_success

    async def aclose(self) -> None:
        """Release connections; watchers end."""
        await self._feed.aclose()
        await self._http.aclose()
        self._client = None

    async def _user(self) -> str:
        if self._user_id is None:
            arguments = {"githubId": _USER, "username": _USER}
            self._user_id = str(await self._mutation("users:createOrUpdateUser", arguments))
        return self._user_id

    async def _query(self, path: str, arguments: Mapping[str, object]) -> object:
        return await self._call("query", path, arguments)

    async def _mutation(self, path: str, arguments: Mapping[str, object]) -> object:
        return await self._call("mutation", path, arguments)

    async def _call(self, kind: str, path: str, arguments: Mapping[str, object]) -> object:
        body = {"path": path, "args": arguments, "format": "json"}
        try:
            response = await self._http.post(f"/api/{kind}", json=body)
        except httpx.HTTPError as error:
            raise BackendUnreachableError(f"{self._url} does not answer ({error or type(error).__name__})") from error
        return _value(path, response)

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


def _value(path: str, response: httpx.Response) -> object:
    if response.status_code in {401, 403}:
        raise BackendKeyError(f"{path}: the backend refused the key of FONDATION_BACKEND_KEY_FILE")
    try:
        reply = response.json()
    except ValueError:
        reply = None
    if isinstance(reply, dict) and reply.get("status") == "success":
        return reply.get("value")
    if isinstance(reply, dict) and reply.get("status") == "error":
        raise BackendRefusedError(f"{path}: {str(reply.get('errorMessage'))[:500]}")
    text = f"{path}: HTTP {response.status_code}: {response.text[:200]}"
    if response.is_server_error or response.is_success:
        raise BackendUnreachableError(text)
    raise BackendRefusedError(text)


def _job_or_none(row: object) -> Job | None:
    return None if row is None else job_from(_row(row))


def _row(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BackendUnreachableError(f"the backend answered {type(value).__name__} where an object was due")
    return value


def _rows(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        raise BackendUnreachableError(f"the backend answered {type(value).__name__} where a list was due")
    return [_row(item) for item in value]
