"""What is deleted is gone: rows, bytes, and the workers' reason to keep anything."""

from pathlib import Path

from backend.errors import Code
from tests.unit.backend.conftest import Deployment, chapter

TABLES = ("jobs", "docs", "jobLogs")


def rows(deployment: Deployment) -> dict[str, int]:
    counted = {}
    for table in TABLES:
        ((counted[table],),) = deployment.connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
    return counted


def finished(deployment: Deployment, name: str, text: str = "# Title\n\nText.\n") -> str:
    job_id = deployment.claimed(name=name)
    deployment.publish(job_id, files=[chapter(0, text)])
    deployment.mutate("jobs:appendLog", jobId=job_id, level="info", msg="a line")
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1")
    return job_id


def test_a_repository_goes_with_all_of_its_jobs_and_no_other(deployment: Deployment) -> None:
    finished(deployment, "alpha")
    kept = finished(deployment, "beta")
    active = deployment.claimed(name="alpha")
    alpha = deployment.repository("alpha")
    went = deployment.mutate("repositories:delete", repositoryId=alpha)
    assert went == {"jobs": 2, "documents": 1, "logLines": 1}
    assert rows(deployment) == {"jobs": 1, "docs": 1, "jobLogs": 1}
    assert deployment.row(kept)["docsCount"] == 1
    assert deployment.query("repositories:getByRepositoryId", repositoryId=alpha) is None
    # The worker of the job that was at work is refused whatever it writes.
    assert deployment.refusal("queue:heartbeat", jobId=active, workerId="w:1") is Code.NOT_FOUND
    assert deployment.refusal("repositories:delete", repositoryId=alpha) is Code.NOT_FOUND


def test_a_job_goes_alone(deployment: Deployment) -> None:
    old = finished(deployment, "alpha")
    new = deployment.job("alpha")
    assert deployment.mutate("jobs:delete", jobId=old) == {"jobs": 1, "documents": 1, "logLines": 1}
    assert rows(deployment) == {"jobs": 1, "docs": 0, "jobLogs": 0}
    assert deployment.row(new)["status"] == "pending"


def test_a_worker_learns_what_was_deleted(deployment: Deployment) -> None:
    gone, there = finished(deployment, "alpha"), finished(deployment, "beta")
    alpha, beta = deployment.repository("alpha"), deployment.repository("beta")
    deployment.mutate("repositories:delete", repositoryId=alpha)
    answer = deployment.query("repositories:deleted", repositoryIds=[alpha, beta, "no id at all"], jobIds=[gone, there])
    assert answer == {"repositoryIds": [alpha, "no id at all"], "jobIds": [gone]}


def test_not_a_byte_of_it_stays_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "backend.sqlite3"
    deployment = Deployment(str(file))
    secret = "the-secret-recipe " * 500
    finished(deployment, "alpha", f"# Title\n\n{secret}\n")
    deployment.mutate("repositories:delete", repositoryId=deployment.repository("alpha"))
    deployment.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"the-secret-recipe" not in file.read_bytes()
    deployment.database.close()
