"""The queue on a Convex deployment: ours, or an existing one (contract, section 1.1).

Sends documented arguments only. The extensions of our own backends (`queue:release`, `cloneUrl`) are used where the
deployment has them.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, Protocol

from course.documents import Document, DocumentKind
from course.function_version import NAME, VERSION
from course.jobs import TERMINAL, JobStatus
from worker.errors import (
    BackendError,
    CallRefusedError,
    FunctionMissingError,
    JobCanceledError,
    LeaseLostError,
    StopError,
    UnreachableError,
)
from worker.functions import Arguments, FunctionClient, Kind
from worker.queue import Beat, Claim, Held, JobId, LogLevel, Repository, RepositoryId, WorkerId

_CALL_TIMEOUT_S: Final = 10.0
_PUBLISH_TIMEOUT_S: Final = 60.0
_THREADS: Final = 8


class WakeUp(Protocol):
    """A source of signs that the queue may have changed."""

    async def wake(self) -> None:
        """Return at the next sign."""

    async def close(self) -> None:
        """Stop."""


class ConvexQueue:
    """Implements `worker.queue.Queue` over the HTTP function API."""

    def __init__(
        self, client: FunctionClient, wake_up: WakeUp, *, lease_s: float, now_s: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._wake_up = wake_up
        self._lease_ms = round(lease_s * 1000)
        self._now_s = now_s
        self._knows_functions = False
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="backend")

    async def claim(self, worker_id: WorkerId) -> Claim | None:
        """Claim, then ask when the job became due; an unanswered question leaves `due_ms` unknown."""
        if not self._knows_functions:
            await self._require_functions()
        value = await self._call("mutation", "queue:claimOne", {"workerId": worker_id, "leaseMs": self._lease_ms})
        if value is None:
            return None
        fields = _mapping("queue:claimOne", value)
        claim = Claim(
            job_id=JobId(str(fields["id"])),
            repository_id=RepositoryId(str(fields["repositoryId"])),
            worker_id=worker_id,
            callback_token=str(fields["callbackToken"]),
            attempts=int(_number(fields.get("attempts")) or 0),
            prompt=str(fields.get("prompt") or ""),
        )
        with contextlib.suppress(BackendError, StopError):
            claim = replace(claim, due_ms=_number((await self._job(claim)).get("runAt")))
        return claim

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Read a repository; one without `cloneUrl` (an older deployment) is on github.com."""
        path = "repositories:getByRepositoryId"
        value = await self._call("query", path, {"repositoryId": repository_id})
        if value is None:
            return None
        fields = _mapping(path, value)
        full_name = str(fields.get("fullName") or "")
        branch = str(fields.get("defaultBranch") or "")
        return Repository(
            full_name=full_name,
            url=str(fields.get("cloneUrl") or full_name),
            branch=None if branch in {"", "HEAD"} else branch,
        )

    async def heartbeat(self, claim: Claim, beat: Beat) -> None:
        """Look for a cancellation, then renew: an older deployment lets a heartbeat revive a canceled job."""
        job = await self._job(claim)
        if job.get("status") in TERMINAL:
            raise JobCanceledError(f"job {claim.job_id} is {job.get('status')}")
        arguments: dict[str, object] = {
            "jobId": claim.job_id,
            "workerId": claim.worker_id,
            "leaseMs": self._lease_ms,
            "status": beat.status.value,
            "progress": beat.progress,
        }
        if beat.step is not None:
            arguments["currentStep"] = beat.step
        await self._call("mutation", "queue:heartbeat", arguments)

    async def log(self, claim: Claim, level: LogLevel, message: str) -> None:
        """Append to `jobLogs`."""
        await self._call("mutation", "jobs:appendLog", {"jobId": claim.job_id, "level": level, "msg": message})

    async def publish(self, claim: Claim, documents: Sequence[Document]) -> int:
        """Send all documents in one call, as the contract does."""
        value = await self._call(
            "mutation",
            "docs:upsertFromJob",
            publish_arguments(claim, documents, now_ms=self._now_s() * 1000),
            timeout_s=_PUBLISH_TIMEOUT_S,
        )
        return int(_number(_mapping("docs:upsertFromJob", value).get("docsCount")) or 0)

    async def complete(self, claim: Claim, *, documents_count: int, commit: str) -> None:
        """Complete; a refusal is success when an earlier, unanswered call of ours has done it already."""
        arguments = {
            "jobId": claim.job_id,
            "workerId": claim.worker_id,
            "docsCount": documents_count,
            "result": {
                "success": True,
                "message": f"Generated {documents_count} documents successfully",
                "data": f"{documents_count} documents" + (f" at commit {commit}" if commit else ""),
            },
        }
        try:
            await self._call("mutation", "queue:complete", arguments)
        except (LeaseLostError, JobCanceledError, CallRefusedError):
            job = await self._job(claim)
            if job.get("status") != JobStatus.COMPLETED or job.get("runId") != claim.worker_id:
                raise

    async def retry_or_fail(self, claim: Claim, error: str) -> JobStatus:
        """Spend an attempt."""
        path = "queue:retryOrFail"
        arguments = {"jobId": claim.job_id, "workerId": claim.worker_id, "error": error}
        value = _mapping(path, await self._call("mutation", path, arguments))
        return JobStatus.DEAD if value.get("status") == "dead" else JobStatus.PENDING

    async def fail(self, claim: Claim, error: str) -> None:
        """Use the job's callback token: the queue has no function that fails a job without retries.

        The token is the job's, not the claim's, so whether the job is still ours is asked first.
        """
        job = await self._job(claim)
        if job.get("status") == JobStatus.FAILED and job.get("error") == error:
            return  # an earlier call of ours whose answer was lost
        if job.get("status") in TERMINAL:
            raise JobCanceledError(f"job {claim.job_id} is {job.get('status')}")
        if job and job.get("lockedBy") != claim.worker_id:
            raise LeaseLostError(f"job {claim.job_id} is held by {job.get('lockedBy') or 'nobody'}")
        arguments = {
            "jobId": claim.job_id,
            "status": JobStatus.FAILED.value,
            "callbackToken": claim.callback_token,
            "error": error,
        }
        await self._call("mutation", "jobs:updateStatus", arguments)

    async def release(self, claim: Claim, reason: str) -> None:
        """Hand back; an older deployment has no such function, there the lease runs out."""
        arguments = {"jobId": claim.job_id, "workerId": claim.worker_id, "reason": reason}
        await self._call("mutation", "queue:release", arguments)

    async def deleted(self, held: Held) -> Held:
        """Ask; an older deployment deletes nothing."""
        path = "repositories:deleted"
        arguments = {"repositoryIds": sorted(held.repositories), "jobIds": sorted(held.jobs)}
        try:
            fields = _mapping(path, await self._call("query", path, arguments))
        except FunctionMissingError:
            return Held()
        return Held(
            repositories=held.repositories & frozenset(map(RepositoryId, _strings(fields.get("repositoryIds")))),
            jobs=held.jobs & frozenset(map(JobId, _strings(fields.get("jobIds")))),
        )

    async def wake(self) -> None:
        """Wait for the subscription."""
        await self._wake_up.wake()

    async def close(self) -> None:
        """Stop the subscription; calls still under way end by their own time-outs."""
        await self._wake_up.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _require_functions(self) -> None:
        """Find out, before the first claim, whose functions the deployment has; the older system's know no version.

        Raises:
            CallRefusedError: They are another project's, or newer than this worker.
        """
        path = "system:version"
        with contextlib.suppress(FunctionMissingError):
            fields = _mapping(path, await self._call("query", path, {}))
            name, version = fields.get("name"), _number(fields.get("version")) or 0
            if name != NAME:
                raise CallRefusedError(f"{path}: the deployment has another project's functions: {name!r}")
            if version > VERSION:
                raise CallRefusedError(
                    f"{path}: the deployment has version {version:g} of the functions, this worker works with"
                    f" {VERSION}: deploy the stack from the checkout that they came from"
                )
        self._knows_functions = True

    async def _job(self, claim: Claim) -> Mapping[str, object]:
        try:
            value = await self._call("query", "jobs:getById", {"id": claim.job_id})
        except FunctionMissingError:
            return {}
        if value is None:
            raise LeaseLostError(f"job {claim.job_id} was deleted")
        return _mapping("jobs:getById", value)

    async def _call(self, kind: Kind, path: str, arguments: Arguments, *, timeout_s: float = _CALL_TIMEOUT_S) -> object:
        call = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._client.call(kind, path, arguments, timeout_s=timeout_s)
        )
        try:
            # The socket's own time-out comes first; this one bounds an answer that trickles.
            return await asyncio.wait_for(call, timeout_s * 2)
        except TimeoutError as error:
            raise UnreachableError(f"{path}: no complete answer within {timeout_s * 2:g} s") from error


def publish_arguments(claim: Claim, documents: Sequence[Document], *, now_ms: float) -> dict[str, object]:
    """Return the arguments of `docs:upsertFromJob`; the claim's fencing token is the `runId`."""
    kinds = [document.kind for document in documents]
    return {
        "jobId": claim.job_id,
        "repositoryId": claim.repository_id,
        "runId": claim.worker_id,
        "files": [document.to_argument() for document in documents],
        "summary": {
            "chaptersCount": kinds.count(DocumentKind.CHAPTER),
            "tutorialsCount": kinds.count(DocumentKind.TUTORIAL),
            "generatedAt": now_ms,
        },
    }


def arguments_size_bytes(documents: Sequence[Document]) -> int:
    """Return the size of the documents as `docs:upsertFromJob` takes them."""
    return sum(document_size_bytes(document) for document in documents)


def document_size_bytes(document: Document) -> int:
    """Return the size of one document as an argument object."""
    return len(json.dumps(document.to_argument(), ensure_ascii=False).encode())


def _mapping(path: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise CallRefusedError(f"{path}: answered {type(value).__name__} where an object is documented")
    return value


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
