"""Changes that an operator makes, and what a preview says of each beside what the following `up` does.

`python -m bench.preview_truth` prints the table of docs/operations/preview.md from them.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.preview.steps import changes
from tests.trial import Trial, docker, free_port, new_trial

Done = frozenset[tuple[str, str]]
"""What happened: (operation, full name of the resource)."""

# What a completed step did. The engine also reports `replace` and `delete-replaced`: parts of the same replacement.
_COMPLETED = {"create": "create", "update": "update", "create-replacement": "replace", "delete": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A change.

    Attributes:
        make: Makes the change in the trial's checkout, its configuration or behind Pulumi's back.
        refresh: Whether preview and up are told to ask Docker first.
        says: Exactly what the preview has to say, operation by resource; not given where that is long.
        changes: Whether there is anything to do.
        suite: Whether the test suite tries it too; the others are only measured, because another one covers them.
    """

    name: str
    make: Callable[[Trial], None]
    refresh: bool = False
    says: Mapping[str, str] | None = None
    changes: bool = True
    suite: bool = True


def line(path: str) -> Callable[[Trial], None]:
    """Append a line to a file of the checkout; a JSON file gets white space."""

    def make(trial: Trial) -> None:
        with (trial.checkout / path).open("a") as file:
            file.write("\n" if path.endswith(".json") else f"\n# {secrets.token_hex(4)}\n")

    return make


def settings(**values: str | None) -> Callable[[Trial], None]:
    """Set keys of the stack's configuration, or remove those whose value is None."""

    def make(trial: Trial) -> None:
        file = trial.checkout / f"Pulumi.{trial.name}.yaml"
        content = yaml.safe_load(file.read_text())
        for key, value in values.items():
            content["config"].pop(f"fondation:{key}", None)
            if value is not None:
                content["config"][f"fondation:{key}"] = value
        file.write_text(yaml.safe_dump(content))

    return make


def secret(key: str) -> Callable[[Trial], None]:
    """Set a secret to a value that it never had."""

    def make(trial: Trial) -> None:
        trial.pulumi("config", "set", "--secret", f"fondation:{key}", stdin=secrets.token_urlsafe(24))

    return make


def replaced(path: str, old: str, new: str) -> Callable[[Trial], None]:
    """Replace a text of the program."""

    def make(trial: Trial) -> None:
        file = trial.checkout / path
        text = file.read_text()
        assert old in text, f"{path} no longer holds {old!r}"
        file.write_text(text.replace(old, new))

    return make


def on_worker(*command: str) -> Callable[[Trial], None]:
    """Do something to the worker's container behind Pulumi's back."""

    def make(trial: Trial) -> None:
        docker(*command, trial.container("worker"))

    return make


def together(*parts: Callable[[Trial], None]) -> Callable[[Trial], None]:
    """Make several changes at once."""

    def make(trial: Trial) -> None:
        for part in parts:
            part(trial)

    return make


def other_port(key: str) -> Callable[[Trial], None]:
    """Publish on another port."""
    return settings(**{key: str(free_port())})


_TAG = '"fondation-worker:latest")'
_MORE_TAGS = '"fondation-worker:latest", "fondation-worker:next")'

SCENARIOS = (
    Scenario(name="nothing", make=lambda _: None, changes=False),
    Scenario(name="comment in the program", make=line("__main__.py"), changes=False, suite=False),
    Scenario(
        name="line in the worker",
        make=line("worker/__init__.py"),
        says={
            "Image/images-worker": "update",
            "Tag/images-worker-prod-worker": "replace",
            "Tag/images-worker-latest": "replace",
            "Container/worker-container": "replace",
        },
    ),
    Scenario(name="line in the CLI", make=line("analyzer/__init__.py")),
    Scenario(name="line in backend and web", make=line("web/__init__.py")),
    Scenario(name="line in the credential contract", make=line("images/auth/contract.json"), suite=False),
    Scenario(name="port of the web page", make=other_port("webPort")),
    Scenario(name="port of the backend", make=other_port("backendPort"), suite=False),
    Scenario(name="memory of the worker", make=settings(workerMemoryMib="1280"), suite=False),
    Scenario(name="lease", make=settings(leaseSeconds="9"), suite=False),
    Scenario(name="concurrency", make=settings(workerConcurrency="2"), suite=False),
    Scenario(name="drain time", make=settings(drainSeconds="4"), suite=False),
    Scenario(name="backend key rotated", make=secret("backendKey")),
    Scenario(name="web token added", make=secret("webToken")),
    Scenario(name="web token rotated", make=secret("webToken"), suite=False),
    Scenario(name="web token removed", make=settings(webToken=None)),
    Scenario(name="local repositories off", make=settings(localRepositories="false"), suite=False),
    Scenario(name="local repositories on", make=settings(localRepositories="true"), suite=False),
    Scenario(name="another tag of an image", make=replaced("components/images.py", _TAG, _MORE_TAGS)),
    Scenario(name="that tag removed", make=replaced("components/images.py", _MORE_TAGS, _TAG)),
    Scenario(name="worker removed by hand", make=on_worker("rm", "--force"), refresh=True),
    Scenario(name="worker stopped by hand", make=on_worker("stop", "--time", "1"), refresh=True, suite=False),
    Scenario(name="worker's memory edited by hand", make=on_worker("update", "--memory", "900m"), refresh=True),
    Scenario(name="address of the source", make=settings(sourceUrl="https://git.example.com/fondation"), suite=False),
    Scenario(
        name="line, port, memory and token at once",
        make=together(
            line("worker/__init__.py"),
            other_port("webPort"),
            settings(workerMemoryMib="1100"),
            secret("webToken"),
        ),
    ),
)


@contextmanager
def trial_of_changes(folder: Path) -> Iterator[Trial]:
    """A deployed stack for one change after the other."""
    trial = new_trial(folder)
    trial.init()
    try:
        trial.up()
        yield trial
    finally:
        trial.destroy()


def previewed(trial: Trial, scenario: Scenario) -> Done:
    """Return what a preview says, read as the report reads it."""
    answer = json.loads(trial.pulumi("preview", "--json", "--show-sames", *_options(scenario)).stdout)
    return frozenset((change.operation.value, change.urn) for change in changes(answer["steps"]))


def deployed(trial: Trial, scenario: Scenario) -> Done:
    """Return what an update did, from the engine's events of completed steps."""
    printed = trial.pulumi("up", "--yes", "--skip-preview", "--json", *_options(scenario)).stdout
    events: list[dict[str, Any]] = [json.loads(text) for text in printed.splitlines()]
    steps = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    assert any("summaryEvent" in event for event in events)
    return frozenset((_COMPLETED[step["op"]], step["urn"]) for step in steps if step["op"] in _COMPLETED)


def by_resource(done: Done) -> dict[str, str]:
    """Return what happened by kind and name of the resource."""
    return {f"{urn.split('::')[2].rpartition(':')[2]}/{urn.rpartition('::')[2]}": operation for operation, urn in done}


def _options(scenario: Scenario) -> list[str]:
    return ["--refresh"] if scenario.refresh else []
