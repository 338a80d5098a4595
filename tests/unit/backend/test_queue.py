"""Claiming, leases, finishing, retrying, handing back, cancelling, reclaiming."""

import pytest

from backend.errors import Code
from course.jobs import BACKOFF_JITTER_MS, LEASE_MS, MAX_ATTEMPTS
from tests.unit.backend.conftest import Deployment

ATTEMPT_CALLS: list[tuple[str, dict[str, object]]] = [
    ("queue:heartbeat", {"status": "running"}),
    ("queue:complete", {"docsCount": 1}),
    ("queue:retryOrFail", {"error": "x"}),
    ("queue:release", {"reason": "x"}),
]


def test_a_claim_takes_the_job_that_is_due_the_longest(deployment: Deployment) -> None:
    first, second = deployment.job("alpha"), deployment.job("beta")
    assert deployment.mutate("queue:claimOne", workerId="w:1")["id"] == first
    claim = deployment.mutate("queue:claimOne", workerId="w:2")
    assert claim["id"] == second
    assert set(claim) == {"id", "repositoryId", "userId", "prompt", "callbackToken", "attempts"}
    assert deployment.mutate("queue:claimOne", workerId="w:3") is None


def test_a_claim_sets_lock_and_lease_and_spends_no_attempt(deployment: Deployment) -> None:
    job = deployment.row(deployment.claimed())
    assert (job["status"], job["lockedBy"], job["attempts"]) == ("claimed", "w:1", 0)
    assert job["leaseUntil"] == deployment.now + LEASE_MS


def test_the_lease_may_be_chosen_within_bounds(deployment: Deployment) -> None:
    job_id = deployment.job()
    assert deployment.refusal("queue:claimOne", workerId="w:1", leaseMs=10) is Code.INVALID
    assert deployment.refusal("queue:claimOne", workerId="w:1", leaseMs=1e12) is Code.INVALID
    deployment.mutate("queue:claimOne", workerId="w:1", leaseMs=300_000)
    assert deployment.row(job_id)["leaseUntil"] == deployment.now + 300_000


def test_an_empty_worker_id_is_refused(deployment: Deployment) -> None:
    assert deployment.refusal("queue:claimOne", workerId="") is Code.INVALID


def test_a_heartbeat_renews_the_lease_and_reports_progress(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.now += LEASE_MS - 1
    deployment.mutate(
        "queue:heartbeat",
        jobId=job_id,
        workerId="w:1",
        status="analyzing",
        progress="Step 2/6",
        currentStep=2,
        totalSteps=6,
    )
    job = deployment.row(job_id)
    assert (job["status"], job["progress"], job["currentStep"]) == ("analyzing", "Step 2/6", 2)
    assert job["leaseUntil"] == deployment.now + LEASE_MS


def test_an_empty_progress_is_ignored(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.mutate("queue:heartbeat", jobId=job_id, workerId="w:1", progress="")
    assert deployment.row(job_id)["progress"] == "Initializing..."


@pytest.mark.parametrize(("path", "args"), ATTEMPT_CALLS)
def test_another_worker_is_refused(deployment: Deployment, path: str, args: dict[str, object]) -> None:
    job_id = deployment.claimed()
    before = deployment.row(job_id)
    assert deployment.refusal(path, jobId=job_id, workerId="w:2", **args) is Code.LEASE_LOST
    assert deployment.row(job_id) == before


@pytest.mark.parametrize(("path", "args"), ATTEMPT_CALLS)
def test_a_late_worker_is_refused_even_before_its_job_is_reclaimed(
    deployment: Deployment, path: str, args: dict[str, object]
) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    deployment.now += LEASE_MS
    before = deployment.row(job_id)
    assert deployment.refusal(path, jobId=job_id, workerId="w:1", **args) is Code.LEASE_LOST
    assert deployment.row(job_id) == before


@pytest.mark.parametrize(("path", "args"), ATTEMPT_CALLS)
def test_the_worker_of_a_canceled_job_is_told_so(deployment: Deployment, path: str, args: dict[str, object]) -> None:
    job_id = deployment.claimed()
    deployment.mutate("jobs:requestCancel", jobId=job_id)
    assert deployment.refusal(path, jobId=job_id, workerId="w:1", **args) is Code.CANCELED
    job = deployment.row(job_id)
    assert (job["status"], job["cancelRequested"]) == ("canceled", True)
    assert "lockedBy" not in job
    assert "leaseUntil" not in job


@pytest.mark.parametrize(("path", "args"), ATTEMPT_CALLS)
def test_a_job_that_does_not_exist_is_not_found(deployment: Deployment, path: str, args: dict[str, object]) -> None:
    assert deployment.refusal(path, jobId="j" + "0" * 31, workerId="w:1", **args) is Code.NOT_FOUND


def test_complete_counts_the_documents_itself_and_gives_up_the_lock(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    result = {"success": True, "message": "Generated 7 documents successfully"}
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1", docsCount=7, result=result)
    job = deployment.row(job_id)
    assert (job["status"], job["docsCount"], job["result"]) == ("completed", 1, result)
    assert job["completedAt"] == deployment.now
    assert "lockedBy" not in job


def test_complete_accepts_a_null_result(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1", result=None)
    assert deployment.row(job_id)["result"] is None


def test_complete_without_documents_is_refused(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    assert deployment.refusal("queue:complete", jobId=job_id, workerId="w:1", docsCount=9) is Code.NO_DOCUMENTS
    assert deployment.row(job_id)["status"] == "claimed"


def test_complete_may_be_repeated_by_its_worker_only(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1")
    before = deployment.row(job_id)
    deployment.now += 5
    assert deployment.mutate("queue:complete", jobId=job_id, workerId="w:1") == {"success": True}
    assert deployment.refusal("queue:complete", jobId=job_id, workerId="w:2") is Code.LEASE_LOST
    assert deployment.row(job_id) == before


def test_a_failed_attempt_is_retried_with_growing_pauses_and_dies_at_the_last(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    for attempt in range(1, MAX_ATTEMPTS):
        answer = deployment.mutate("queue:retryOrFail", jobId=job_id, workerId="w:1", error=f"cause {attempt}")
        assert (answer["status"], answer["attempts"]) == ("retrying", attempt)
        job = deployment.row(job_id)
        pause_ms = job["runAt"] - deployment.now
        assert 5000 * 2 ** (attempt - 1) <= pause_ms <= 5000 * 2 ** (attempt - 1) + BACKOFF_JITTER_MS
        assert (job["status"], job["lastError"]) == ("pending", f"cause {attempt}")
        assert "error" not in job
        assert deployment.mutate("queue:claimOne", workerId="w:1") is None
        deployment.now = job["runAt"]
        assert deployment.mutate("queue:claimOne", workerId="w:1")["attempts"] == attempt
    answer = deployment.mutate("queue:retryOrFail", jobId=job_id, workerId="w:1", error="the last cause")
    assert answer == {"status": "dead", "attempts": MAX_ATTEMPTS}
    job = deployment.row(job_id)
    assert (job["status"], job["error"], job["lastError"]) == ("dead", "the last cause", "the last cause")


def test_a_huge_error_text_is_stored_by_its_end(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.mutate("queue:retryOrFail", jobId=job_id, workerId="w:1", error="x" * 2_000_000 + "the cause")
    stored = deployment.row(job_id)["lastError"]
    assert len(stored) < 10_000
    assert stored.endswith("the cause")


def test_a_released_job_is_claimable_at_once_and_spent_no_attempt(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    answer = deployment.mutate("queue:release", jobId=job_id, workerId="w:1", reason="draining")
    assert answer == {"status": "pending"}
    assert deployment.row(job_id)["attempts"] == 0
    assert deployment.mutate("queue:claimOne", workerId="w:2")["id"] == job_id
    assert deployment.refusal("queue:heartbeat", jobId=job_id, workerId="w:1") is Code.LEASE_LOST


def test_an_expired_lease_is_reclaimed_with_the_cause(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.now += LEASE_MS - 1
    assert deployment.reclaim() == 0
    deployment.now += 1
    assert deployment.reclaim() == 1
    job = deployment.row(job_id)
    assert (job["status"], job["attempts"], job["runAt"]) == ("pending", 1, deployment.now)
    assert "w:1" in job["lastError"]
    assert deployment.mutate("queue:claimOne", workerId="w:2")["id"] == job_id


def test_a_job_that_kills_its_workers_dies_after_the_last_attempt(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    for _ in range(MAX_ATTEMPTS):
        assert deployment.row(job_id)["status"] == "claimed"
        deployment.now += LEASE_MS
        deployment.reclaim()
        deployment.mutate("queue:claimOne", workerId="w:1")
    job = deployment.row(job_id)
    assert (job["status"], job["attempts"]) == ("dead", MAX_ATTEMPTS)
    assert "stopped renewing" in job["error"]


def test_create_job_returns_an_active_twin(deployment: Deployment) -> None:
    args = {"userId": deployment.user(), "repositoryId": deployment.repository(), "prompt": "p", "callbackToken": "t"}
    first = deployment.mutate("queue:createJob", **args, dedupeKey="k")
    assert first["duplicate"] is False
    assert deployment.mutate("queue:createJob", **args, dedupeKey="k") == first | {"duplicate": True}
    assert deployment.refusal("queue:createJob", **args, dedupeKey="other") is Code.CONFLICT
    deployment.mutate("jobs:requestCancel", jobId=first["jobId"])
    assert deployment.mutate("queue:createJob", **args, dedupeKey="k")["duplicate"] is False


def test_metrics_are_exact(deployment: Deployment) -> None:
    for number in range(130):
        deployment.job(f"r{number}")
    deployment.mutate("queue:claimOne", workerId="w:1")
    job_id = deployment.mutate("queue:claimOne", workerId="w:2")["id"]
    deployment.mutate("queue:heartbeat", jobId=job_id, workerId="w:2", status="analyzing")
    done = deployment.mutate("queue:claimOne", workerId="w:3")["id"]
    deployment.publish(done, "w:3")
    deployment.mutate("queue:complete", jobId=done, workerId="w:3")
    metrics = deployment.query("queue:getMetrics")
    assert metrics["counts"] == {"pending": 127, "processing": 2, "completed": 1, "failed": 0, "dead": 0}
    assert metrics["recentActivity"] == {"total": 130, "completed": 1, "failed": 0}
    assert metrics["timestamp"] == deployment.now
    deployment.now += 3_600_001
    assert deployment.query("queue:getMetrics")["recentActivity"] == {"total": 0, "completed": 0, "failed": 0}
