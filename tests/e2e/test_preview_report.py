"""The preview report of a deployed stack: the facts, no secret, and nothing changed by it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.preview_truth import line, settings
from tests.trial import Trial

CANARY = "canary-0123456789-secret"


@contextmanager
def kept(*files: Path) -> Iterator[None]:
    """Put files back as they were."""
    before = {file: file.read_bytes() for file in files}
    try:
        yield
    finally:
        for file, content in before.items():
            file.write_bytes(content)


@pytest.fixture
def changing(stack: Trial) -> Iterator[Callable[..., None]]:
    """Change the shared stack's checkout and configuration for one test."""
    with ExitStack() as undo:
        undo.enter_context(kept(stack.checkout / f"Pulumi.{stack.name}.yaml"))

        def change(*paths: str, **values: str) -> None:
            undo.enter_context(kept(*(stack.checkout / path for path in paths)))
            for path in paths:
                line(path)(stack)
            settings(**values)(stack)

        yield change


def test_it_tells_what_changes_why_and_no_secret(stack: Trial, changing: Callable[..., None], tmp_path: Path) -> None:
    changing("worker/__init__.py", leaseSeconds="9", localRepositories="false")
    stack.pulumi("config", "set", "--secret", "fondation:webToken", CANARY)
    printed = stack.fondation("preview", "--json").stdout
    report = json.loads(printed)
    assert report["effects"] == {
        "starts": [],
        "restarts": [stack.container("web"), stack.container("worker")],
        "stops": [],
        "deletes": [stack.container("repositories")],
        "loses": [stack.container("repositories")],
    }
    (image,) = report["images"]
    assert (image["role"], image["files"]) == ("worker", {"app/worker/__init__.py": "changed"})
    assert {item["key"]: (item["before"], item["after"]) for item in report["settings"]} == {
        "fondation:leaseSeconds": ("6", "9"),
        "fondation:localRepositories": ("true", "false"),
        "fondation:webToken": (None, "set"),
    }
    causes = {change["object"]: change["causes"] for change in report["changes"]}
    lease = [cause for cause in causes[stack.container("worker")] if cause["path"] == "envs.FONDATION_LEASE_S"]
    assert lease == [{"path": "envs.FONDATION_LEASE_S", "before": "6", "after": "9", "replaces": True}]

    file = tmp_path / "preview.md"
    done = stack.fondation("preview", "--output", str(file), "--expect-no-changes", check=False)
    assert done.returncode == 20
    text = file.read_text()
    assert f"DATA IS LOST: everything on 1 volume ({stack.container('repositories')})" in text
    assert "`worker/__init__.py`" in text
    assert CANARY not in printed + text + done.stdout
    assert "v1:" not in printed + text  # no ciphertext


def test_an_unchanged_stack_has_nothing_to_report(stack: Trial) -> None:
    assert "**Nothing changes.**" in stack.fondation("preview", "--expect-no-changes").stdout


def test_a_broken_configuration_is_reported_without_the_secret_in_its_message(
    stack: Trial, changing: Callable[..., None], tmp_path: Path
) -> None:
    changing(webPrt="1", webPort=CANARY)
    stack.pulumi("config", "set", "--secret", "fondation:webToken", CANARY)
    file = tmp_path / "preview.md"
    done = stack.fondation("preview", "--output", str(file), check=False)
    assert done.returncode == 8
    for text in (done.stdout, file.read_text()):
        assert "fondation:webPrt is not a known key" in text
        assert 'fondation:webPort is "[secret]"' in text
        assert CANARY not in text
        assert "Traceback" not in text


def test_a_stack_that_was_never_deployed_is_previewed_without_being_made(stack: Trial) -> None:
    fresh = replace(stack, name=f"{stack.name}-new")
    file = stack.checkout / f"Pulumi.{fresh.name}.yaml"
    file.write_bytes((stack.checkout / f"Pulumi.{stack.name}.yaml").read_bytes())
    before = file.read_bytes()
    try:
        report = json.loads(fresh.fondation("preview", "--json").stdout)
        assert file.read_bytes() == before
    finally:
        file.unlink()
    assert not report["deployed"]
    assert report["effects"]["starts"] == [fresh.container(role) for role in ("backend", "sandbox", "web", "worker")]
    assert set(report["counts"]) == {"create"}
    assert fresh.name not in [item["name"] for item in json.loads(stack.pulumi("stack", "ls", "--json").stdout)]
