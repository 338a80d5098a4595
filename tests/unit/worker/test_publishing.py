import json
import re

import pytest

from course.documents import Document, DocumentKind
from course.folder import CourseFolder, Problem
from course.limits import DOCUMENT_MAX_BYTES
from course.repository import UrlPolicy
from worker.convex_queue import publish_arguments
from worker.course_run import accepted, publishable
from worker.errors import PermanentError
from worker.queue import Claim, JobId, Repository, RepositoryId, WorkerId

CLAIM = Claim(
    job_id=JobId("j1"),
    repository_id=RepositoryId("r1"),
    worker_id=WorkerId("w:1"),
    callback_token="t",
    attempts=0,
)


def document(slug: str, size: int = 10, kind: DocumentKind = DocumentKind.CHAPTER) -> Document:
    return Document(slug=slug, title="T", kind=kind, content="x" * size, chapter_index=None)


def course(*documents: Document, problems: int = 0) -> CourseFolder:
    return CourseFolder(
        documents=documents, problems=tuple(Problem(file=f"f{i}", reason="is empty") for i in range(problems))
    )


def test_the_arguments_of_publishing_are_the_documented_ones() -> None:
    documents = [
        document("a.yaml", kind=DocumentKind.YAML),
        Document(slug="chapters/c.md", title="C", kind=DocumentKind.CHAPTER, content="# C", chapter_index=3),
        document("tutorials/t.md", kind=DocumentKind.TUTORIAL),
    ]
    assert publish_arguments(CLAIM, documents, now_ms=5.0) == {
        "jobId": "j1",
        "repositoryId": "r1",
        "runId": "w:1",
        "files": [
            {"slug": "a.yaml", "title": "T", "kind": "yaml", "content": "xxxxxxxxxx"},
            {"slug": "chapters/c.md", "title": "C", "kind": "chapter", "content": "# C", "chapterIndex": 3.0},
            {"slug": "tutorials/t.md", "title": "T", "kind": "tutorial", "content": "xxxxxxxxxx"},
        ],
        "summary": {"chaptersCount": 1, "tutorialsCount": 1, "generatedAt": 5.0},
    }
    json.dumps(publish_arguments(CLAIM, documents, now_ms=5.0))


def test_no_document_is_a_failure_that_says_why() -> None:
    with pytest.raises(PermanentError, match=r"no readable document \(its folder is empty\)"):
        publishable(course(), print)
    with pytest.raises(PermanentError, match=r"no readable document \(f0: is empty; f1: is empty; f2: is empty\)"):
        publishable(course(problems=9), print)


def test_a_document_over_the_limit_is_named_and_costs_nothing_else() -> None:
    told: list[str] = []
    ok, big = document("ok.md", DOCUMENT_MAX_BYTES - 4096), document("big.md", DOCUMENT_MAX_BYTES - 1024)
    assert publishable(course(ok, big), told.append) == [ok]
    assert len(told) == 1
    assert re.fullmatch(r"Not published: big\.md: \d+ bytes, at most 1048576", told[0])
    with pytest.raises(PermanentError, match="no readable document"):
        publishable(course(big), told.append)


def test_a_course_over_the_limit_of_arguments_is_refused_whole() -> None:
    fifteen = [document(f"{index}.md", 1_000_000) for index in range(16)]
    publishable(course(*fifteen), print)
    with pytest.raises(PermanentError, match=r"the course is too large to store: \d+ bytes, at most 16777216"):
        publishable(course(*fifteen, document("one-more.md", 1_000_000)), print)
    with pytest.raises(PermanentError, match="8193 documents, more than 8192"):
        publishable(course(*(document(f"{index}.md") for index in range(8193))), print)


@pytest.mark.parametrize(
    ("url", "branch", "reason"),
    [
        ("https://127.0.0.1/a/b.git", None, "is not a public host name"),
        ("file:///etc", None, "local repositories are not accepted in this stack"),
        ("ext::sh -c id", None, "only https"),
        ("https://github.com/a/b.git", "--upload-pack=x", "is not the name of a branch"),
    ],
)
def test_an_address_outside_the_policy_fails_for_good(url: str, branch: str | None, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        accepted(Repository(full_name="a/b", url=url, branch=branch), UrlPolicy())


def test_a_deleted_repository_fails_for_good() -> None:
    with pytest.raises(PermanentError, match="no longer exists; submit it again"):
        accepted(None, UrlPolicy())


def test_an_older_deployment_s_name_means_github() -> None:
    url, branch = accepted(Repository(full_name="a/b", url="a/b", branch="main"), UrlPolicy())
    assert (url.url, branch) == ("https://github.com/a/b.git", "main")
