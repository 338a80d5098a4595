"""Operator commands against the real backend."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from course.documents import DocumentKind
from course.repository import RepositoryUrl, UrlPolicy, parse_repository_url
from course.rows import Repository, row
from ops.errors import BackendError, JobError, NotFoundError, RefusedError
from ops.jobs.course_check import analysed_commit
from ops.jobs.first_course import NAME, course_of, ensure_first_course
from ops.jobs.jobs import Jobs, line_of
from ops.jobs.local_repositories import FOLDER, local_url
from ops.stack.convex import Convex
from tests.contract.ops.conftest import Deployment
from tests.https_endpoint import authority_file, https_endpoint

COMMIT = "c0ffee" + "0" * 34


def repository(name: str) -> RepositoryUrl:
    return parse_repository_url(f"https://example.com/team/{name}.git", UrlPolicy())


def finish(convex: Convex, commit: str) -> None:
    """Do a worker's part of the oldest job."""
    claimed = row(convex.mutation("queue:claimOne", workerId="w:1"))
    job = {"jobId": claimed["id"]}
    files = [
        {
            "slug": "step2_relationships.yaml",
            "title": "Relationships",
            "kind": "yaml",
            "content": json.dumps({"commit": commit}),
        },
        {"slug": "chapters/chapter_0_a.md", "title": "A", "kind": "chapter", "content": "# A\n", "chapterIndex": 0},
    ]
    for message in ("Step 1/6: Extracting core abstractions from codebase", "About 15 calls are expected"):
        convex.mutation("jobs:appendLog", **job, level="info", msg=message)
    convex.mutation(
        "docs:upsertFromJob",
        **job,
        repositoryId=claimed["repositoryId"],
        runId="w:1",
        files=files,
        summary={"chaptersCount": 1, "tutorialsCount": 0, "generatedAt": 1.0},
    )
    convex.mutation("queue:complete", **job, workerId="w:1", docsCount=2)


def test_a_job_is_followed_to_its_course(convex: Convex) -> None:
    jobs = Jobs(convex)
    job = jobs.submit(repository("done"))
    assert line_of(job) == "pending - Initializing..."
    shown: list[str] = []
    completed = jobs.wait(job.id, show=shown.append, sleep=lambda _: finish(convex, COMMIT))
    assert shown == ["pending - Initializing...", "About 15 calls are expected", "completed - 2 documents"]
    documents = jobs.documents(completed.id)
    assert [document.kind for document in documents] == [DocumentKind.YAML, DocumentKind.CHAPTER]
    assert analysed_commit(documents) == COMMIT
    assert job.id in [listed.id for listed in jobs.all()]
    assert jobs.repository(job.repository_id) == Repository(
        id=job.repository_id, full_name="team/done", clone_url="https://example.com/team/done.git"
    )


def test_a_course_is_found_by_its_commit_only(convex: Convex) -> None:
    jobs = Jobs(convex)
    job = jobs.submit(repository("found"))
    assert course_of(jobs, job.repository_id, COMMIT) is None
    finish(convex, COMMIT)
    found = course_of(jobs, job.repository_id, COMMIT)
    assert found is not None
    assert found.id == job.id
    assert course_of(jobs, job.repository_id, "b" * 40) is None


def test_a_repository_that_is_at_work_is_not_submitted_twice(convex: Convex) -> None:
    jobs = Jobs(convex)
    first = jobs.submit(repository("twice"))
    assert jobs.submit(repository("twice")).id == first.id
    convex.mutation("jobs:requestCancel", jobId=first.id)


def test_a_job_that_ends_without_a_course_is_an_error_with_its_cause(convex: Convex) -> None:
    jobs = Jobs(convex)
    job = jobs.submit(repository("gone"))
    convex.mutation("jobs:requestCancel", jobId=job.id)
    with pytest.raises(JobError, match=rf"job {job.id} ended as canceled: .*`bin/fondation logs {job.id}`"):
        jobs.wait(job.id, show=lambda _: None)


def test_waiting_ends_and_says_that_the_job_goes_on(convex: Convex) -> None:
    jobs = Jobs(convex)
    job = jobs.submit(repository("slow"))
    times = iter([0.0, 1.0, 99.0])
    with pytest.raises(JobError, match=r"still pending .* after 10 s: it goes on without us"):
        jobs.wait(job.id, show=lambda _: None, clock=lambda: next(times), sleep=lambda _: None, timeout_s=10)
    convex.mutation("jobs:requestCancel", jobId=job.id)


@pytest.mark.parametrize("job_id", ["nonsense", "", "../../etc"])
def test_an_unknown_job_is_named(job_id: str, convex: Convex) -> None:
    with pytest.raises(NotFoundError, match="there is no job"):
        Jobs(convex).job(job_id)


def test_another_key_is_told_apart_from_a_silent_backend(deployment: Deployment) -> None:
    stranger = Convex(deployment.url, "another-key-0123456789")
    with pytest.raises(BackendError, match="the key is"):
        Jobs(stranger).submit(repository("refused"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(BackendError, match=r"does not answer .* is the stack up"):
            Convex(url, None).query("queue:getMetrics")


def test_https_is_trusted_through_the_stacks_own_bundle(deployment: Deployment, tmp_path: Path) -> None:
    port = int(deployment.url.rpartition(":")[2])
    with https_endpoint(tmp_path, address="127.0.0.1", target_port=port) as url:
        assert Convex(url, deployment.key, ca_bundle=authority_file(tmp_path)).query("queue:getMetrics")
        with pytest.raises(BackendError, match="certificate verify failed"):
            Convex(url, deployment.key).query("queue:getMetrics")
        with pytest.raises(BackendError, match=r"fondation:caBundle is .*: it cannot be used"):
            Convex(url, deployment.key, ca_bundle=tmp_path / "nothing.pem")


def test_a_refusal_carries_what_the_function_said(convex: Convex) -> None:
    with pytest.raises(RefusedError, match="jobs:create"):
        convex.mutation("jobs:create", userId="nobody", repositoryId="nothing", prompt="x")


def test_without_a_git_repository_the_first_course_is_left_out_and_said_so(convex: Convex, tmp_path: Path) -> None:
    lines: list[str] = []
    made = ensure_first_course(tmp_path, Jobs(convex), stack="none", report=lambda _, text: lines.append(text))
    assert made is None
    assert lines[0].startswith("skipped: ")
    assert "is not a git repository" in lines[0]


def test_a_first_course_that_is_there_is_not_made_again(convex: Convex, tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "empty"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    jobs = Jobs(convex)
    job = jobs.submit(parse_repository_url(local_url(NAME), UrlPolicy(local_prefix=FOLDER)))
    finish(convex, commit)
    lines: list[str] = []
    # The stack of that name has no worker: importing again would fail.
    made = ensure_first_course(tmp_path, jobs, stack="none", report=lambda _, text: lines.append(text))
    assert made is not None
    assert made.id == job.id
    assert lines == [f"is there, of commit {commit[:12]}"]


def test_a_repository_is_found_by_name_or_address_and_deleted_with_its_course(convex: Convex) -> None:
    jobs = Jobs(convex)
    wanted = repository("unwanted")
    job = jobs.submit(wanted)
    finish(convex, COMMIT)
    (by_name,), (by_address,) = jobs.named("team/unwanted"), jobs.named(wanted.url)
    assert by_name == by_address
    assert jobs.delete_repository(by_name.id) == "1 jobs, 2 documents, 2 lines of log"
    assert jobs.named("team/unwanted") == []
    with pytest.raises(NotFoundError, match="no job"):
        jobs.job(job.id)


def test_a_job_is_canceled_and_deleted(convex: Convex) -> None:
    jobs = Jobs(convex)
    job = jobs.submit(repository("canceled"))
    jobs.cancel(job.id)
    assert line_of(jobs.job(job.id)) == "canceled - Canceled on request"
    assert jobs.delete_job(job.id) == "1 jobs, 0 documents, 0 lines of log"
    assert len(jobs.named("team/canceled")) == 1
