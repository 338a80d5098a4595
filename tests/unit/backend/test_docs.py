"""Publishing documents."""

import pytest

from backend.errors import Code
from backend.values import size_of
from course.jobs import LEASE_MS
from course.limits import DOCUMENT_MAX_BYTES
from tests.unit.backend.conftest import Deployment, chapter


def slugs(deployment: Deployment, job_id: str) -> list[str]:
    return [document["slug"] for document in deployment.query("docs:listByJobId", jobId=job_id)]


def test_documents_are_stored_in_order_and_counted(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    yaml: dict[str, object] = {
        "slug": "step1_abstractions.yaml",
        "title": "Abstractions",
        "kind": "yaml",
        "content": "- a",
    }
    answer = deployment.publish(job_id, files=[yaml, chapter(2), chapter(10)])
    assert answer["docsCount"] == 3
    assert answer["stats"] == {"inserted": 3, "updated": 0, "skipped": 0, "rejected": 0, "deleted": 0}
    documents = deployment.query("docs:listByJobId", jobId=job_id)
    assert [document["_id"] for document in documents] == answer["docIds"]
    assert [document.get("chapterIndex") for document in documents] == [None, 2, 10]
    assert documents[0]["content"] == "- a"
    assert deployment.row(job_id)["docsCount"] == 3


def test_publishing_again_updates_skips_and_deletes(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    first = deployment.publish(job_id, files=[chapter(0), chapter(1), chapter(2)])
    answer = deployment.publish(job_id, files=[chapter(0), chapter(1, "# New\n"), chapter(3)])
    assert answer["stats"] == {"inserted": 1, "updated": 1, "skipped": 1, "rejected": 0, "deleted": 1}
    assert answer["docIds"][:2] == first["docIds"][:2]
    assert slugs(deployment, job_id) == [chapter(index)["slug"] for index in (0, 1, 3)]


def test_an_index_that_is_left_out_is_removed(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id)
    without = {name: value for name, value in chapter(0).items() if name != "chapterIndex"}
    assert deployment.publish(job_id, files=[without])["stats"]["updated"] == 1
    assert "chapterIndex" not in deployment.query("docs:listByJobId", jobId=job_id)[0]


def test_blank_chapters_are_rejected_and_repeated_slugs_skipped(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    answer = deployment.publish(job_id, files=[chapter(0), chapter(1, "  \n"), chapter(0, "# Other\n")])
    assert answer["stats"] == {"inserted": 1, "updated": 0, "skipped": 1, "rejected": 1, "deleted": 0}


def test_a_raw_and_a_reviewed_chapter_with_the_same_name_are_both_kept(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    files = [chapter(0), chapter(0, slug="reviewed-chapters/chapter_0_x.md", title="Chapter 0")]
    assert deployment.publish(job_id, files=files)["docsCount"] == 2


@pytest.mark.parametrize("run_id", ["w:2", None])
def test_only_the_live_attempt_publishes(deployment: Deployment, run_id: str | None) -> None:
    job_id = deployment.claimed()
    summary = {"chaptersCount": 1, "tutorialsCount": 0, "generatedAt": 0}
    args = {"jobId": job_id, "repositoryId": deployment.repository(), "files": [chapter(0)], "summary": summary}
    args |= {} if run_id is None else {"runId": run_id}
    assert deployment.refusal("docs:upsertFromJob", **args) is Code.LEASE_LOST
    deployment.now += LEASE_MS
    assert deployment.refusal("docs:upsertFromJob", **args | {"runId": "w:1"}) is Code.LEASE_LOST
    assert slugs(deployment, job_id) == []


def test_documents_of_another_repository_are_refused(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    summary = {"chaptersCount": 0, "tutorialsCount": 0, "generatedAt": 0}
    other = deployment.repository("beta")
    args = {"jobId": job_id, "repositoryId": other, "files": [], "summary": summary, "runId": "w:1"}
    assert deployment.refusal("docs:upsertFromJob", **args) is Code.INVALID


def test_the_old_course_stays_until_the_new_one_completes(deployment: Deployment) -> None:
    old = deployment.claimed()
    repository_id = deployment.row(old)["repositoryId"]
    deployment.publish(old)
    deployment.mutate("queue:complete", jobId=old, workerId="w:1")
    new = deployment.claimed("w:2")
    deployment.publish(new, "w:2", [chapter(7)])
    assert [
        document["jobId"] for document in deployment.query("docs:listByRepository", repositoryId=repository_id)
    ] == [old]
    deployment.mutate("queue:complete", jobId=new, workerId="w:2")
    assert [
        document["jobId"] for document in deployment.query("docs:listByRepository", repositoryId=repository_id)
    ] == [new]
    assert slugs(deployment, old) == []
    assert deployment.row(old)["docsCount"] == 0
    assert deployment.query("jobs:getLatestCompletedByRepository", repositoryId=repository_id)["_id"] == new


def test_documents_of_another_repository_survive_a_completion(deployment: Deployment) -> None:
    other = deployment.claimed("w:1", "beta")
    deployment.publish(other)
    deployment.mutate("queue:complete", jobId=other, workerId="w:1")
    job_id = deployment.claimed("w:2")
    deployment.publish(job_id, "w:2")
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:2")
    assert len(slugs(deployment, other)) == 1


def test_a_document_is_found_by_its_slug(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id, files=[chapter(0), chapter(1)])
    found = deployment.query("docs:getBySlug", jobId=job_id, slug=chapter(1)["slug"])
    assert found["title"] == "Chapter 1"
    assert deployment.query("docs:getBySlug", jobId=job_id, slug="nothing") is None


def test_a_document_may_be_as_large_as_the_limit_and_no_larger(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.publish(job_id, files=[chapter(0, "x\n")])
    (small,) = deployment.query("docs:listByJobId", jobId=job_id)
    room = DOCUMENT_MAX_BYTES - size_of(small) - size_of("updatedAt") - size_of(0.0)
    deployment.publish(job_id, files=[chapter(0, "x" * (room + 1) + "\n")])
    assert size_of(deployment.query("docs:listByJobId", jobId=job_id)[0]) == DOCUMENT_MAX_BYTES
    with pytest.raises(
        Exception, match=rf"chapter_0_x.*{DOCUMENT_MAX_BYTES + 1} bytes, the limit is {DOCUMENT_MAX_BYTES}"
    ):
        deployment.publish(job_id, files=[chapter(0, "x" * (room + 2) + "\n")])


def test_a_course_that_fits_into_one_call_can_be_read_in_one(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    text = "x" * 1_040_000 + "\n"
    deployment.publish(job_id, files=[chapter(index, text) for index in range(16)])
    assert len(slugs(deployment, job_id)) == 16
    small = "x" * 1_000 + "\n"
    many = [chapter(index, text) for index in range(16)] + [chapter(index, small) for index in range(16, 116)]
    with pytest.raises(Exception, match=f"documents of job {job_id}: .* the limit is 16777216"):
        deployment.publish(job_id, files=many)
    assert len(slugs(deployment, job_id)) == 16
