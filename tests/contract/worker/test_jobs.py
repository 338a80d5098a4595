"""One job at a time in a real worker process on a real backend."""

import os
from pathlib import Path

import pytest

from tests.processes.worker import MakeRepository, StartWorker, Submissions, WorkerProcess, eventually


def left_over(worker: WorkerProcess) -> list[str]:
    return sorted(str(path.relative_to(worker.data)) for path in (worker.data / "work").glob("*/*") if path.is_dir())


def kept(worker: WorkerProcess) -> list[Path]:
    return sorted((worker.data / "kept").iterdir())


def only_the_subscription_runs(worker: WorkerProcess) -> bool:
    return worker.programs() == []


def test_a_repository_becomes_a_published_course(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker()
    job_id = submissions.submit(make_repository())
    job = submissions.until(job_id, "completed", "failed", "dead", timeout_s=60)
    documents = submissions.documents(job_id)
    assert job["status"] == "completed", job
    assert [document["slug"] for document in documents[:3]] == [
        "step1_abstractions.yaml",
        "step2_relationships.yaml",
        "step3_order.yaml",
    ]
    assert {document["kind"] for document in documents} == {"yaml", "chapter", "tutorial"}
    assert job["docsCount"] == len(documents)
    assert job["result"]["message"] == f"Generated {len(documents)} documents successfully"
    assert job["currentStep"] == 6
    lines = submissions.log(job_id)
    assert [line for line in lines if "Step " in line] == [
        "info: Step 1/6: Extracting core abstractions from codebase",
        "info: Step 2/6: Analyzing relationships between components",
        "info: Step 3/6: Determining optimal chapter order",
        "info: Step 4/6: Generating chapter content",
        "info: Step 5/6: Reviewing and enhancing chapters",
        "info: Step 6/6: Generating interactive tutorials",
    ]
    assert not [line for line in lines if line.startswith("error")]
    eventually(lambda: not left_over(worker), what="the job's folder is gone")
    assert kept(worker) == []
    metrics = worker.health("/metrics")[1]
    assert 'fondation_jobs_total{outcome="completed"} 1.0' in metrics
    assert f"fondation_documents_published_total {len(documents)}.0" in metrics
    assert 'fondation_step_duration_seconds_count{step="review-chapters"} 1.0' in metrics
    assert job_id not in metrics


def test_the_subscription_wakes_an_idle_worker_long_before_it_polls(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("course", FONDATION_POLL_S="600")
    eventually(lambda: worker.health("/health/ready")[0] == 200, what="the worker is ready")
    first, second = make_repository("first"), make_repository("second")
    submissions.until(submissions.submit(first), "completed")
    submissions.until(submissions.submit(second), "completed")


@pytest.mark.parametrize(
    ("behaviour", "status", "error"),
    [
        ("nothing", "failed", "the repository holds nothing to analyse: no file of a known kind; submit a repository"),
        ("empty", "failed", "the analysis left no readable document"),
        ("linked", "failed", "the analysis left no readable document (output: there is no such folder)"),
        ("flood", "failed", "the course is too large: the CLI wrote more than"),
        ("crash", "pending", "the CLI was ended by SIGSEGV"),
        ("hungry", "pending", "the CLI ended with code 1: MemoryError"),
    ],
)
def test_an_end_without_a_course_is_told_and_loses_nothing(  # noqa: PLR0917 - three parameters and three fixtures
    behaviour: str,
    status: str,
    error: str,
    submissions: Submissions,
    make_repository: MakeRepository,
    start_worker: StartWorker,
) -> None:
    worker = start_worker(behaviour)
    job_id = submissions.submit(make_repository())
    job = eventually(lambda: (job := submissions.job(job_id)).get("lastError") and job, what="the job ended")
    assert job["status"] == status
    assert error in job["lastError"]
    assert len(job["lastError"]) < 2500
    assert submissions.documents(job_id) == []
    assert job["attempts"] == (1 if status == "pending" else 0)
    eventually(lambda: not left_over(worker) and only_the_subscription_runs(worker), what="nothing is left")
    if behaviour in {"flood", "crash"}:
        (folder,) = kept(worker)
        assert error in (folder / "reason.txt").read_text()
        assert any((folder / "output").iterdir())
    assert any(line.startswith("error: ") and error in line for line in submissions.log(job_id))
    assert worker.health("/health/ready")[0] == 200


def test_a_document_that_is_too_large_costs_no_course(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    start_worker("huge")
    job_id = submissions.submit(make_repository())
    submissions.until(job_id, "completed")
    assert submissions.documents(job_id)
    assert any("Not published: chapters/chapter_0_a.md: " in line for line in submissions.log(job_id))


def test_what_can_be_read_is_published_and_the_rest_is_named(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("partial")
    job_id = submissions.submit(make_repository())
    job = submissions.until(job_id, "completed", "failed")
    slugs = [document["slug"] for document in submissions.documents(job_id)]
    assert job["status"] == "completed"
    assert slugs[:4] == ["step3_order.yaml", *(f"chapters/chapter_{index}_a.md" for index in (0, 1, 2))]
    assert slugs.index("chapters/chapter_2_a.md") < slugs.index("chapters/chapter_10_a.md")
    problems = [line for line in submissions.log(job_id) if "Not published" in line]
    assert [line.split(": ")[2] for line in problems] == [
        "step1_abstractions.yaml",
        "step2_relationships.yaml",
        "chapters/chapter_3_a.md",
        "chapters/chapter_4_a.md",
        "chapters/chapter_5_a.md",
    ]
    assert "fondation_parse_problems_total 5.0" in worker.health("/metrics")[1]


@pytest.mark.parametrize("behaviour", ["noisy", "orphans"])
def test_a_cli_that_misbehaves_and_still_writes_a_course_is_served(
    behaviour: str, submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker(behaviour)
    job_id = submissions.submit(make_repository())
    submissions.until(job_id, "completed")
    eventually(lambda: only_the_subscription_runs(worker), what="no process is left")
    resident_kib = next(
        int(line.split()[1])
        for line in Path(f"/proc/{worker.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    assert resident_kib < 120_000
    assert worker.log_file.stat().st_size < 100_000


def test_a_job_beyond_its_deadline_goes_back_and_its_processes_end(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("grandchildren", FONDATION_JOB_DEADLINE_S="1")
    job_id = submissions.submit(make_repository())
    job = eventually(lambda: (job := submissions.job(job_id)).get("lastError") and job, what="the job ended")
    assert job["lastError"] == "the job did not end within 1 s"
    assert job["status"] == "pending"
    eventually(lambda: only_the_subscription_runs(worker), what="the whole family has ended")


def test_a_canceled_job_stops_within_seconds(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("grandchildren", FONDATION_HEARTBEAT_S="0.5")
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 1)
    assert len(worker.descendants()) > 3
    submissions.cancel(job_id)
    eventually(
        lambda: only_the_subscription_runs(worker) and not left_over(worker), what="the job stopped", timeout_s=5
    )
    assert submissions.job(job_id)["status"] == "canceled"
    assert submissions.documents(job_id) == []
    assert 'fondation_jobs_total{outcome="canceled"} 1.0' in worker.health("/metrics")[1]


def test_two_jobs_run_side_by_side_and_a_third_waits(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    worker = start_worker("gated", str(gate), FONDATION_CONCURRENCY="2")
    ids = [submissions.submit(make_repository(name)) for name in ("one", "two", "three")]
    for job_id in ids[:2]:
        submissions.until_step(job_id, 2)
    assert submissions.job(ids[2])["status"] == "pending"
    assert "fondation_worker_active_jobs 2.0" in worker.health("/metrics")[1]
    gate.touch()
    for job_id in ids:
        submissions.until(job_id, "completed")


def test_a_full_disk_sends_the_job_back_and_says_so(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker, small_disk: Path
) -> None:
    worker = start_worker("full", FONDATION_DATA_DIR=str(small_disk))
    job_id = submissions.submit(make_repository())
    job = eventually(lambda: (job := submissions.job(job_id)).get("lastError") and job, what="the job ended")
    assert job["status"] == "pending"
    assert "cannot be written: No space left on device; free some space" in job["lastError"]
    assert worker.health("/health/ready")[0] == 200


def test_a_clone_that_does_not_fit_on_the_disk_sends_the_job_back(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker, small_disk: Path
) -> None:
    start_worker("course", FONDATION_DATA_DIR=str(small_disk))
    job_id = submissions.submit(make_repository("large", {"data.bin": os.urandom(12 << 20)}))
    job = eventually(lambda: (job := submissions.job(job_id)).get("lastError") and job, what="the job ended")
    assert job["status"] == "pending"
    assert "no space is left for the clone" in job["lastError"]
