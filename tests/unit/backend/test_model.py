"""The queue against a model: several workers, crashes, lapsed leases, late and repeated messages, cancels.

After every step: one live attempt per job, no job lost, final states final, attempts bounded, stale writes refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from backend.errors import Code, FunctionError
from course.jobs import IN_FLIGHT, LEASE_MS, MAX_ATTEMPTS, TERMINAL, JobStatus
from tests.unit.backend.conftest import Deployment, chapter

NAMES = ("alpha", "beta", "gamma")
STALE = {Code.LEASE_LOST, Code.CANCELED}


def said(call: Callable[[], object]) -> object:
    """Return what a call answered: its value or its refusal."""
    try:
        return call()
    except FunctionError as error:
        return error


@dataclass
class Known:
    """What the model believes of one job."""

    repository: str
    state: str = "pending"  # pending, live, or a final state
    attempts: int = 0
    holder: str | None = None
    lease_until: float = 0.0
    published_by: str | None = None
    final_row: dict[str, object] | None = field(default=None)


class QueueMachine(RuleBasedStateMachine):
    """Messages in any order."""

    attempts = Bundle("attempts")  # (job, workerId) of every claim ever made: a message may come late

    def __init__(self) -> None:
        super().__init__()
        self.deployment = Deployment(":memory:")
        self.jobs: dict[str, Known] = {}
        self.claims = 0
        self.courses: dict[str, str] = {}

    def teardown(self) -> None:
        self.deployment.database.close()

    def live(self, job_id: str, worker: str) -> bool:
        job = self.jobs[job_id]
        return job.state == "live" and job.holder == worker and self.deployment.now < job.lease_until

    def attempt(self, path: str, job_id: str, worker: str, **args: object) -> object | None:
        """Call as this attempt; None when it was refused, which must be exactly when it is stale."""
        before = self.deployment.row(job_id)
        answer = said(lambda: self.deployment.mutate(path, jobId=job_id, workerId=worker, **args))
        if isinstance(answer, FunctionError):
            assert not self.live(job_id, worker)
            assert answer.code in STALE
            assert (answer.code is Code.CANCELED) == (self.jobs[job_id].state == "canceled")
            assert self.deployment.row(job_id) == before
            return None
        assert self.live(job_id, worker)
        return answer

    @rule(name=st.sampled_from(NAMES))
    def create(self, name: str) -> None:
        active = [job for job in self.jobs.values() if job.repository == name and job.state in {"pending", "live"}]
        job_id = said(lambda: self.deployment.job(name))
        if isinstance(job_id, FunctionError):
            assert job_id.code is Code.CONFLICT
            assert active
            return
        assert not active
        self.jobs[str(job_id)] = Known(repository=name)

    @rule(target=attempts)
    def claim(self) -> object:
        self.claims += 1
        worker = f"w:{self.claims}"
        claim = self.deployment.mutate("queue:claimOne", workerId=worker)
        due = [
            job_id
            for job_id, job in self.jobs.items()
            if job.state == "pending" and self.deployment.row(job_id)["runAt"] <= self.deployment.now
        ]
        if claim is None:
            assert not due
            return multiple()
        job = self.jobs[claim["id"]]
        assert job.state == "pending"
        job.state, job.holder, job.lease_until = "live", worker, self.deployment.now + LEASE_MS
        return (claim["id"], worker)

    @rule(attempt=attempts, status=st.sampled_from(["running", "cloning", "analyzing", "gathering", None]))
    def heartbeat(self, attempt: tuple[str, str], status: str | None) -> None:
        job_id, worker = attempt
        more = {} if status is None else {"status": status}
        if self.attempt("queue:heartbeat", job_id, worker, **more) is not None:
            self.jobs[job_id].lease_until = self.deployment.now + LEASE_MS

    @rule(attempt=attempts)
    def publish(self, attempt: tuple[str, str]) -> None:
        job_id, worker = attempt
        answer = said(lambda: self.deployment.publish(job_id, worker, [chapter(0, f"# By {worker}\n")]))
        if isinstance(answer, FunctionError):
            assert not self.live(job_id, worker)
            assert answer.code in STALE
            return
        assert self.live(job_id, worker)
        self.jobs[job_id].published_by = worker

    @rule(attempt=attempts)
    def complete(self, attempt: tuple[str, str]) -> None:
        job_id, worker = attempt
        job = self.jobs[job_id]
        if job.published_by is None and self.live(job_id, worker):
            assert self.deployment.refusal("queue:complete", jobId=job_id, workerId=worker) is Code.NO_DOCUMENTS
            return
        if job.state == "completed" and job.published_by == worker:
            assert self.deployment.mutate("queue:complete", jobId=job_id, workerId=worker) == {"success": True}
            return
        if self.attempt("queue:complete", job_id, worker) is not None:
            self.finish(job_id, "completed")
            self.courses[job.repository] = job_id

    @rule(attempt=attempts)
    def fail(self, attempt: tuple[str, str]) -> None:
        job_id, worker = attempt
        if self.attempt("queue:retryOrFail", job_id, worker, error="broken") is not None:
            self.spend(job_id)

    @rule(attempt=consumes(attempts))
    def release(self, attempt: tuple[str, str]) -> None:
        job_id, worker = attempt
        if self.attempt("queue:release", job_id, worker, reason="drain") is not None:
            self.jobs[job_id].state = "pending"

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if not self.jobs:
            return
        job_id = data.draw(st.sampled_from(sorted(self.jobs)))
        job = self.jobs[job_id]
        if job.state in {"pending", "live"}:
            self.deployment.mutate("jobs:requestCancel", jobId=job_id)
            self.finish(job_id, "canceled")
        else:
            assert self.deployment.refusal("jobs:requestCancel", jobId=job_id) is Code.CONFLICT

    @rule(step_ms=st.sampled_from([1, 1000, LEASE_MS - 1, LEASE_MS, 700_000, -60_000]))
    def wait(self, step_ms: int) -> None:
        self.deployment.now += step_ms

    @rule()
    def reclaim(self) -> None:
        lapsed = [i for i, job in self.jobs.items() if job.state == "live" and job.lease_until <= self.deployment.now]
        assert self.deployment.reclaim() == len(lapsed)
        for job_id in lapsed:
            self.spend(job_id)

    def spend(self, job_id: str) -> None:
        job = self.jobs[job_id]
        job.attempts += 1
        if job.attempts == MAX_ATTEMPTS:
            self.finish(job_id, "dead")
        else:
            job.state = "pending"

    def finish(self, job_id: str, state: str) -> None:
        job = self.jobs[job_id]
        job.state = state
        if job.attempts == MAX_ATTEMPTS:
            assert state == "dead"

    @invariant()
    def every_job_is_where_the_model_says(self) -> None:
        for job_id, job in self.jobs.items():
            row = self.deployment.row(job_id)
            status = JobStatus(row["status"])
            assert row["attempts"] == job.attempts <= MAX_ATTEMPTS
            if job.state == "live":
                assert status in IN_FLIGHT
                assert (row["lockedBy"], row["leaseUntil"]) == (job.holder, job.lease_until)
            else:
                assert status == job.state
                assert "lockedBy" not in row

    @invariant()
    def a_final_state_is_final(self) -> None:
        for job_id, job in self.jobs.items():
            if job.state not in {status.value for status in TERMINAL}:
                continue
            # Only the purge of an older course may still touch it.
            row = {name: value for name, value in self.deployment.row(job_id).items() if name != "docsCount"}
            job.final_row = job.final_row or row
            assert row == job.final_row

    @invariant()
    def courses_are_whole_and_by_their_last_publisher(self) -> None:
        for name, job_id in self.courses.items():
            repository_id = self.deployment.row(job_id)["repositoryId"]
            documents = self.deployment.query("docs:listByRepository", repositoryId=repository_id)
            assert [(one["jobId"], one["runId"]) for one in documents] == [(job_id, self.jobs[job_id].published_by)], (
                name
            )


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
