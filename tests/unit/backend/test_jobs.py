"""Jobs as people and pages see them, users, repositories and log lines."""

import pytest

from backend.errors import Code
from course.jobs import JobStatus
from tests.unit.backend.conftest import Deployment


def test_a_new_job_has_the_contracts_shape(deployment: Deployment) -> None:
    job = deployment.row(deployment.job())
    assert (job["status"], job["attempts"], job["maxAttempts"]) == ("pending", 0, 5)
    assert (job["currentStep"], job["totalSteps"], job["progress"]) == (0, 6, "Initializing...")
    assert job["runAt"] == job["createdAt"] == job["updatedAt"] == job["_creationTime"] == deployment.now
    assert not {"leaseUntil", "lockedBy", "error", "result", "docsCount", "completedAt"} & job.keys()


def test_ids_are_32_lower_case_letters_and_digits(deployment: Deployment) -> None:
    job_id = deployment.job()
    assert len(job_id) == 32
    assert job_id.isalnum()
    assert job_id.islower()


def test_a_repository_has_one_active_job(deployment: Deployment) -> None:
    job_id = deployment.job()
    args = {"userId": deployment.user(), "repositoryId": deployment.repository(), "prompt": "again"}
    assert deployment.refusal("jobs:create", **args) is Code.CONFLICT
    deployment.mutate("jobs:requestCancel", jobId=job_id)
    assert deployment.mutate("jobs:create", **args)["jobId"] != job_id


def test_a_job_needs_its_user_and_repository(deployment: Deployment) -> None:
    user_id, repository_id = deployment.user(), deployment.repository()
    nobody, nothing = "u" + "0" * 31, "r" + "0" * 31
    assert deployment.refusal("jobs:create", userId=nobody, repositoryId=repository_id, prompt="p") is Code.NOT_FOUND
    assert deployment.refusal("jobs:create", userId=user_id, repositoryId=nothing, prompt="p") is Code.NOT_FOUND


def test_regenerate_really_cancels_the_running_job(deployment: Deployment) -> None:
    old = deployment.claimed()
    new = deployment.mutate(
        "jobs:regenerate", repositoryId=deployment.repository(), userId=deployment.user(), prompt="again"
    )["jobId"]
    assert deployment.row(old)["status"] == "canceled"
    assert deployment.row(new)["status"] == "pending"
    assert deployment.refusal("queue:heartbeat", jobId=old, workerId="w:1") is Code.CANCELED


def test_only_the_owner_cancels_a_job(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    other = deployment.mutate("users:createOrUpdateUser", githubId="other", username="other")
    assert deployment.refusal("jobs:cancelJob", jobId=job_id, userId=other) is Code.UNAUTHORIZED
    answer = deployment.mutate("jobs:cancelJob", jobId=job_id, userId=deployment.user())
    assert answer == {"success": True, "jobId": job_id}
    assert deployment.refusal("jobs:cancelJob", jobId=job_id, userId=deployment.user()) is Code.CONFLICT


@pytest.mark.parametrize("status", ["pending", "claimed", "completed", "dead"])
def test_only_the_queue_sets_its_own_states(deployment: Deployment, status: str) -> None:
    job_id = deployment.claimed()
    token = deployment.row(job_id)["callbackToken"]
    assert deployment.refusal("jobs:updateStatus", jobId=job_id, status=status, callbackToken=token) is Code.CONFLICT


def test_update_status_needs_the_callback_token(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    refused = deployment.refusal("jobs:updateStatus", jobId=job_id, status="canceled", callbackToken="wrong")
    assert refused is Code.UNAUTHORIZED
    token = deployment.row(job_id)["callbackToken"]
    deployment.mutate("jobs:updateStatus", jobId=job_id, status="failed", callbackToken=token, error="bad repository")
    job = deployment.row(job_id)
    assert (job["status"], job["error"], job["lastError"]) == ("failed", "bad repository", "bad repository")
    assert "lockedBy" not in job


@pytest.mark.parametrize("final", [JobStatus.CANCELED, JobStatus.FAILED])
def test_a_final_state_is_final(deployment: Deployment, final: JobStatus) -> None:
    job_id = deployment.claimed()
    token = deployment.row(job_id)["callbackToken"]
    deployment.mutate("jobs:updateStatus", jobId=job_id, status=final, callbackToken=token)
    before = deployment.row(job_id)
    for status in ("running", "canceled", "failed"):
        refused = deployment.refusal("jobs:updateStatus", jobId=job_id, status=status, callbackToken=token)
        assert refused is Code.CONFLICT
    assert deployment.refusal("jobs:requestCancel", jobId=job_id) is Code.CONFLICT
    assert deployment.row(job_id) == before


def test_a_pending_job_does_not_start_without_a_claim(deployment: Deployment) -> None:
    job_id = deployment.job()
    token = deployment.row(job_id)["callbackToken"]
    refused = deployment.refusal("jobs:updateStatus", jobId=job_id, status="running", callbackToken=token)
    assert refused is Code.CONFLICT


@pytest.mark.parametrize(
    "path",
    [
        "jobs:getById",
        "jobs:getJob",
        "jobs:listUserJobs",
        "jobs:getJobByRepository",
        "jobs:getLatestCompletedByRepository",
    ],
)
def test_no_read_without_the_key_shows_the_callback_token(deployment: Deployment, path: str) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1")
    job = deployment.row(job_id)
    args = {
        "jobs:getById": {"id": job_id},
        "jobs:getJob": {"jobId": job_id},
        "jobs:listUserJobs": {"userId": job["userId"]},
    }.get(path, {"repositoryId": job["repositoryId"]})
    for authorized in (True, False):
        shown = deployment.query(path, authorized=authorized, **args)
        shown = shown[0] if isinstance(shown, list) else shown
        assert shown["_id"] == job_id
        assert ("callbackToken" in shown) is authorized


def test_jobs_are_listed_newest_first(deployment: Deployment) -> None:
    jobs = [deployment.job(f"r{number}") for number in range(3)]
    listed = deployment.query("jobs:listUserJobs", userId=deployment.user())
    assert [job["_id"] for job in listed] == jobs[::-1]


def test_what_is_missing_reads_as_null(deployment: Deployment) -> None:
    assert deployment.query("jobs:getById", id="j" + "0" * 31) is None
    assert deployment.query("jobs:getJobByRepository", repositoryId=deployment.repository()) is None
    assert deployment.query("users:getUserByGithubId", githubId="nobody") is None
    assert deployment.query("repositories:getByRepositoryId", repositoryId="r" + "0" * 31) is None


def test_a_user_is_made_once_and_updated(deployment: Deployment) -> None:
    user_id = deployment.user()
    again = deployment.mutate("users:createOrUpdateUser", githubId="fondation", username="renamed", email="a@b.example")
    assert again == user_id
    user = deployment.query("users:getUserById", userId=user_id)
    assert (user["username"], user["email"]) == ("renamed", "a@b.example")
    assert deployment.query("users:getUserByGithubId", githubId="fondation") == user


def test_a_repository_is_registered_once_per_url(deployment: Deployment) -> None:
    repository_id = deployment.repository()
    args = {"userId": deployment.user(), "url": "https://git.example/team/alpha.git", "fullName": "team/alpha"}
    again = deployment.mutate("repositories:register", **args, name="alpha", defaultBranch="main")
    assert again == repository_id
    repository = deployment.query("repositories:getByRepositoryId", repositoryId=repository_id)
    assert (repository["cloneUrl"], repository["defaultBranch"]) == (args["url"], "main")
    assert deployment.query("repositories:getByFullName", fullName="team/alpha") == [repository]
    assert deployment.query("repositories:listUserRepositories", userId=args["userId"]) == [repository]


@pytest.mark.parametrize(
    "url",
    ["ssh://git@host/x.git", "https://user:secret@host/x.git", "https://h/\nx", "", "/etc", "https://h/" + "x" * 3000],
)
def test_a_url_that_must_not_be_stored_is_refused(deployment: Deployment, url: str) -> None:
    refused = deployment.refusal("repositories:register", userId=deployment.user(), url=url, fullName="a/b", name="b")
    assert refused is Code.INVALID


def test_metadata_records_the_last_analysis(deployment: Deployment) -> None:
    repository_id = deployment.repository()
    deployment.mutate("github:updateRepositoryMetadata", repositoryId=repository_id, lastAnalyzedAt=5)
    assert deployment.query("repositories:getByRepositoryId", repositoryId=repository_id)["lastAnalyzedAt"] == 5


def test_log_lines_within_one_millisecond_are_all_kept_in_order(deployment: Deployment) -> None:
    job_id = deployment.job()
    for number in range(5):
        deployment.mutate("jobs:appendLog", jobId=job_id, level="info", msg=f"line {number}")
    lines = deployment.query("jobs:getLogs", jobId=job_id)
    assert [line["msg"] for line in lines] == [f"line {number}" for number in range(5)]
    rest = deployment.query("jobs:getLogs", jobId=job_id, afterSeq=lines[2]["seq"])
    assert [line["msg"] for line in rest] == ["line 3", "line 4"]


def test_a_log_line_is_bounded(deployment: Deployment) -> None:
    job_id = deployment.job()
    assert deployment.refusal("jobs:appendLog", jobId=job_id, level="info", msg="x" * 20_000) is Code.TOO_LARGE
