"""Search over all courses: the newest of each repository, in the texts that are read first, until it is deleted."""

from pathlib import Path

import pytest

from backend import database, shown_text
from backend.errors import Code, FunctionError
from backend.functions.search import CONTENT_MAX, FOUND_MAX
from backend.schema import MIGRATIONS
from backend.transaction import Snapshot
from tests.unit.backend.conftest import Deployment, chapter


def course(deployment: Deployment, name: str, *texts: str, **more: object) -> str:
    job_id = deployment.claimed(name=name)
    deployment.publish(job_id, files=[chapter(number, text, **more) for number, text in enumerate(texts)])
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1")
    return job_id


def found(deployment: Deployment, query: str, limit: int = FOUND_MAX) -> list[str]:
    return [
        f"{item['fullName']} {item['title']}" for item in deployment.query("search:courses", query=query, limit=limit)
    ]


def test_words_are_found_by_their_beginning_whatever_their_case_and_accents(deployment: Deployment) -> None:
    job_id = course(deployment, "alpha", "# Réessais\n\nA *retry* waits.\n", "# Other\n\nNothing of that.\n")
    for query in ("retry", "RETR", "reessais", "wait re", "“retry”?", "retry*", 'retry" OR "'):
        assert found(deployment, query) == ["team/alpha Chapter 0"], query
    assert found(deployment, "etry") == found(deployment, "") == found(deployment, "?!") == []
    (item,) = deployment.query("search:courses", query="retry")
    assert (item["jobId"], item["slug"], item["kind"]) == (job_id, "chapters/chapter_0_x.md", "chapter")
    assert item["content"].startswith("# Réessais")


def test_all_words_go_before_any_and_titles_before_text(deployment: Deployment) -> None:
    course(deployment, "alpha", "# One\n\nStores and retries.\n", "# Two\n\nStores alone.\n")
    course(deployment, "beta", "# Three\n\nNothing.\n", title="Stores")
    assert found(deployment, "stores retries") == ["team/alpha Chapter 0"]
    assert found(deployment, "stores nowhere")[0] == "team/beta Stores"
    assert found(deployment, "beta") == ["team/beta Stores"]
    assert len(found(deployment, "stores", limit=2)) == 2


def test_a_draft_is_found_only_where_nothing_was_reviewed(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    files = [chapter(0, "# Draft\n\nApples.\n"), chapter(1, "# Draft\n\nPears.\n")]
    files.append({**chapter(0, "# Read\n\nApples.\n"), "slug": "reviewed-chapters/chapter_0_x.md"})
    files.append({"slug": "step1.yaml", "title": "Apples", "kind": "yaml", "content": "apples: 1\n"})
    deployment.publish(job_id, files=files)
    assert found(deployment, "apples") == []  # nothing before it is complete
    deployment.mutate("queue:complete", jobId=job_id, workerId="w:1")
    assert [item["slug"] for item in deployment.query("search:courses", query="apples")] == [
        "reviewed-chapters/chapter_0_x.md"
    ]
    assert [item["slug"] for item in deployment.query("search:courses", query="pears")] == ["chapters/chapter_1_x.md"]


def test_a_newer_course_takes_the_place_of_the_older(deployment: Deployment) -> None:
    course(deployment, "alpha", "# Old\n\nApples.\n")
    new = course(deployment, "alpha", "# New\n\nApples and pears.\n")
    assert [item["jobId"] for item in deployment.query("search:courses", query="apples")] == [new]
    deployment.mutate("jobs:delete", jobId=new)
    assert found(deployment, "apples") == []
    assert deployment.connection.execute("SELECT count(*) FROM shownDocs").fetchone()[0] == 0


def test_what_is_deleted_for_good_leaves_no_word_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "backend.sqlite3"
    deployment = Deployment(str(file))
    course(deployment, "beta", "# Kept\n\nApples.\n")
    course(deployment, "alpha", "# Secret\n\nThe recipeofthehouse is simple.\n")
    deployment.mutate("repositories:delete", repositoryId=deployment.repository("alpha"))
    while shown_text.is_compaction_due(Snapshot(deployment.connection)):
        deployment.transact(lambda context: shown_text.compact(context.db))
    deployment.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"recipeofthehouse" not in file.read_bytes()
    assert found(deployment, "apples") == ["team/beta Chapter 0"]
    deployment.database.close()


def test_courses_of_an_older_file_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "backend.sqlite3")
    with monkeypatch.context() as older:
        older.setattr(database, "MIGRATIONS", MIGRATIONS[:1])
        for name in ("show", "forget", "begin_compaction"):
            older.setattr(f"backend.shown_text.{name}", lambda *_: None)
        deployment = Deployment(file)
        course(deployment, "alpha", "# Read\n\nApples.\n", slug="reviewed-chapters/chapter_0_x.md")
        running = deployment.claimed(name="beta")
        deployment.publish(running, files=[chapter(0, "# Half\n\nApples.\n")])
        deployment.database.close()
    deployment = Deployment(file)
    assert found(deployment, "apples") == ["team/alpha Chapter 0"]
    course(deployment, "alpha", "# Again\n\nPears.\n")
    assert found(deployment, "apples") == []
    deployment.database.close()


def test_what_cannot_be_asked_is_refused_and_answers_are_bounded(deployment: Deployment) -> None:
    course(deployment, "alpha", "# Long\n\n" + "apples " * CONTENT_MAX)
    (item,) = deployment.query("search:courses", query="apples " * 10_000)
    assert len(item["content"]) == CONTENT_MAX
    for limit in (0, FOUND_MAX + 1):
        with pytest.raises(FunctionError) as caught:
            deployment.query("search:courses", query="apples", limit=limit)
        assert caught.value.code is Code.INVALID
