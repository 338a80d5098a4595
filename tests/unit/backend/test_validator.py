"""Argument validation: exact types, no unknown fields, optional means absent; every message names the field."""

import pytest

from backend.errors import Code, FunctionError
from backend.functions import build_registry
from backend.registry import Args, check_args
from backend.values import parse_json

JOB = "j" + "0" * 31
USER = "u" + "0" * 31


def check(path: str, text: str) -> Args:
    return check_args(build_registry().find(path), parse_json(text))


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("queue:claimOne", "{}", "missing the required field `workerId` (string)"),
        ("queue:claimOne", '{"workerId": 5}', "args.workerId: expected string, got number 5"),
        ("queue:claimOne", '{"workerId": "w", "leaseMs": null}', "args.leaseMs: expected number, got null"),
        ("queue:claimOne", '{"workerId": "w", "leaseMs": true}', "expected number, got boolean true"),
        ("queue:claimOne", '{"workerId": "w", "leaseMs": {"$integer": "AQAAAAAAAAA="}}', "got int64 1"),
        ("queue:claimOne", '{"workerId": "w", "extra": 1}', "unknown field `extra`: allowed are workerId, leaseMs"),
        ("queue:claimOne", "[]", "expected one object, got an array of 0"),
        ("queue:claimOne", '"text"', "expected object"),
        ("jobs:getById", f'{{"id": "{USER}"}}', "expected id of table jobs"),
        ("jobs:getById", '{"id": "short"}', "expected id of table jobs, got string 'short'"),
        ("queue:heartbeat", f'{{"jobId": "{JOB}", "workerId": "w", "status": "claimed"}}', "one of analyzing, cloning"),
        ("queue:complete", f'{{"jobId": "{JOB}", "workerId": "w", "result": 5}}', "args.result: expected object"),
        ("queue:complete", f'{{"jobId": "{JOB}", "workerId": "w", "result": {{"ok": true}}}}', "args.result"),
        (
            "docs:upsertFromJob",
            f'{{"jobId": "{JOB}", "repositoryId": "{USER}", "files": [], "summary": {{}}}}',
            "repositoryId",
        ),
    ],
)
def test_what_does_not_fit_is_named(path: str, text: str, named: str) -> None:
    with pytest.raises(FunctionError) as caught:
        check(path, text)
    assert caught.value.code is Code.INVALID
    assert named in str(caught.value)
    assert path in str(caught.value)


def test_a_field_deep_inside_is_named_by_its_path() -> None:
    file = '{"slug": "a", "title": "t", "kind": "novel", "content": "x"}'
    summary = '{"chaptersCount": 0, "tutorialsCount": 0, "generatedAt": 0}'
    text = f'{{"jobId": "{JOB}", "repositoryId": "r{"0" * 31}", "files": [{file}], "summary": {summary}}}'
    with pytest.raises(FunctionError, match=r"args\.files\[0\]\.kind: expected one of chapter, tutorial, toc, yaml"):
        check("docs:upsertFromJob", text)


@pytest.mark.parametrize("text", ['{"workerId": "w"}', '[{"workerId": "w"}]'])
def test_an_object_and_an_array_of_one_are_the_same(text: str) -> None:
    assert check("queue:claimOne", text) == {"workerId": "w"}


@pytest.mark.parametrize("path", ["queue:getMetrics", "queue.js:getMetrics"])
def test_both_forms_of_a_path_are_understood(path: str) -> None:
    assert build_registry().query(path).path == "queue:getMetrics"


def test_an_unknown_function_is_named_with_what_there_is() -> None:
    with pytest.raises(
        FunctionError, match=r"Could not find public function for 'queue:pending'.*queue:claimOne"
    ) as caught:
        build_registry().query("queue.js:pending")
    assert caught.value.code is Code.UNKNOWN_FUNCTION


def test_a_query_is_not_a_mutation() -> None:
    with pytest.raises(FunctionError, match="jobs:create is a mutation, it was called as a query"):
        build_registry().query("jobs:create")


def test_no_internal_function_can_be_called() -> None:
    assert "queue:reclaimExpired" not in {function.path for function in build_registry().functions}
