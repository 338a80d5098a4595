"""Gathers a report: asks the engine for a preview, the stack for its history, the checkout for its images.

Changes nothing: a stack that does not exist yet is previewed in a throw-away state.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from components.configuration import ConfigurationError, parse_configuration
from components.image_chain import PlannedImage
from components.image_context import MissingInputError
from components.images import plan_images
from components.machine import MachineFolders
from components.release import release_of
from ops.errors import CommandError, OpsError
from ops.machine.keys import backend_key_file
from ops.machine.pulumi_cli import Pulumi
from ops.preview.images import image_changes, recorded_images
from ops.preview.report import Report, SettingChange
from ops.preview.settings import Scrubber, Settings, last_deployed, setting_changes, settings_of
from ops.preview.steps import changes, effects, summary
from ops.stack.pulumi_output import explained

_TIMEOUT_S: Final = 600.0
_HISTORY: Final = ("stack", "history", "--json", "--show-secrets", "--page-size", "25", "--page", "1")
_FAILURE: Final = "There is no preview; the message below says why."
_NO_STACK: Final = "no stack named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A report, and the error that the command ends with where there is no preview."""

    report: Report
    error: OpsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the engine is asked: the stack itself, or a throw-away state that has an empty one."""

    pulumi: Pulumi
    options: tuple[str, ...] = ()
    history: bool = True

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
        """Return what a command of Pulumi prints as JSON."""
        text = self.pulumi.run(*arguments, *self.options, "--stack", self.pulumi.stack, timeout_s=_TIMEOUT_S)
        return json.loads(text or "null")


def preview(folders: MachineFolders, stack: str, *, refresh: bool = False) -> Preview:
    """Return the report of what `pulumi up` would do to a stack.

    Args:
        folders: The checkout and its state.
        stack: The stack's name.
        refresh: Whether Docker is asked first what became of the deployed objects.

    Raises:
        OperatorNeededError: There is no engine yet.
    """
    source = _Source(pulumi=Pulumi(folders, stack))
    try:
        if _exists(source):
            return Preview(report=_report(folders, source, refresh=refresh))
        with _throwaway(folders, stack) as empty:
            return Preview(report=replace(_report(folders, empty, refresh=False), stack=stack))
    except CommandError as error:
        return _failed(folders, source, error)


def _report(folders: MachineFolders, source: _Source, *, refresh: bool) -> Report:
    answer = source.ask("preview", "--json", "--show-sames", *(["--refresh"] if refresh else []))
    current = settings_of(source.ask("config", "--json", "--show-secrets"))
    history = source.ask(*_HISTORY) or [] if source.history else []
    last = last_deployed(history)
    before = settings_of((last or {}).get("config") or {})
    scrubber = _scrubber(folders, before, current)
    steps: list[dict[str, Any]] = scrubber.clean(answer["steps"])
    found = changes(steps)
    effect = effects(found)
    deployed = any(step.get("oldState") for step in steps)
    digests, files = recorded_images(steps)
    planned, problem = _planned(folders, current)
    comparable = last is not None or not deployed
    return Report(
        stack=source.pulumi.stack,
        summary=summary(found, effect, deployed=deployed),
        deployed=deployed,
        counts=dict(answer.get("changeSummary") or {}),
        effects=effect,
        changes=tuple(found),
        images=tuple(image_changes(digests, files, planned)) if planned else (),
        settings=tuple(_setting_changes(scrubber, before, current)) if comparable else (),
        release=(_recorded_release(steps), _planned_release(planned)),
        notes=tuple(scrubber.clean(list(_notes(history, comparable=comparable, refresh=refresh, problem=problem)))),
    )


def _exists(source: _Source) -> bool:
    try:
        source.pulumi.run("stack", "--show-name", "--stack", source.pulumi.stack)
    except CommandError as error:
        if _NO_STACK in error.tail:
            return False
        raise
    return True


@contextmanager
def _throwaway(folders: MachineFolders, stack: str) -> Iterator[_Source]:
    """An empty stack of that name and configuration in a state of its own; gone afterwards."""
    name = stack.rpartition("/")[2]
    with tempfile.TemporaryDirectory(prefix="fondation-preview-") as folder:
        project, state = Path(folder, "project"), Path(folder, "state")
        project.mkdir()
        state.mkdir()
        # A copy, because making a stack may write its salt into the configuration file.
        configuration = project / f"Pulumi.{name}.yaml"
        for source, target in (("Pulumi.yaml", project / "Pulumi.yaml"), (configuration.name, configuration)):
            with suppress(FileNotFoundError):
                shutil.copyfile(folders.checkout / source, target)
        pulumi = Pulumi(folders, name, backend=state.as_uri())
        pulumi.run("stack", "init", name, "--no-select", "--cwd", str(project))
        yield _Source(pulumi=pulumi, options=("--config-file", str(configuration)), history=False)


def _planned(folders: MachineFolders, current: Settings) -> tuple[Sequence[PlannedImage], str]:
    """The checkout's images and, where they cannot be told, why."""
    try:
        configuration = parse_configuration({key: setting.value for key, setting in current.items()})
        return plan_images(configuration, folders), ""
    except (ConfigurationError, MissingInputError) as error:
        return (), str(error)


def _planned_release(planned: Iterable[PlannedImage]) -> str | None:
    digests = {image.context.role: image.context.digest for image in planned}
    return release_of(digests) if digests else None


def _recorded_release(steps: Iterable[Mapping[str, Any]]) -> str | None:
    for step in steps:
        if "::pulumi:pulumi:Stack::" in step["urn"] and step.get("oldState"):
            release = (step["oldState"].get("outputs") or {}).get("release")
            return release if isinstance(release, str) else None
    return None


def _notes(history: Sequence[Mapping[str, Any]], *, comparable: bool, refresh: bool, problem: str) -> Iterator[str]:
    if not comparable:
        yield "No finished update is on record, so changes of the configuration cannot be told."
    elif history and history[0].get("result") == "failed":
        yield "The last update failed: the configuration is compared with that of the last one that succeeded."
    if refresh:
        yield "The recorded state was compared with Docker first."
    if problem:
        yield f"The files behind changed images cannot be told: {problem}"


def _setting_changes(scrubber: Scrubber, before: Settings, after: Settings) -> Iterator[SettingChange]:
    for change in setting_changes(before, after):
        yield replace(change, before=scrubber.clean(change.before), after=scrubber.clean(change.after))


def _scrubber(folders: MachineFolders, *settings: Settings) -> Scrubber:
    """One for every secret of the stack, and for the key that set-up made for development."""
    values = [setting.value for every in settings for setting in every.values() if setting.secret]
    with suppress(OSError):
        values.append(backend_key_file(folders).read_text().strip())
    return Scrubber.of(values)


def _failed(folders: MachineFolders, source: _Source, error: CommandError) -> Preview:
    """A report that says why there is no preview: the engine's own messages, without secrets."""
    stack = source.pulumi.stack
    current: Settings = {}
    with suppress(OpsError, ValueError):
        current = settings_of(source.ask("config", "--json", "--show-secrets"))
    text = _scrubber(folders, current).clean(_diagnostics(error.output) or error.tail)
    cause = explained(CommandError(["pulumi", *error.argv[1:2]], code=error.code, tail=text), stack)
    report = Report(
        stack=stack,
        summary=_FAILURE,
        deployed=False,
        failure=str(cause),
    )
    return Preview(report=report, error=cause)


def _diagnostics(output: str) -> str:
    """The error messages in the JSON of a failed preview; empty where it is no such thing."""
    try:
        answer = json.loads(output)
    except ValueError:
        return ""
    found = answer.get("diagnostics") if isinstance(answer, dict) else None
    messages = [item.get("message", "") for item in found or [] if item.get("severity") == "error"]
    return "\n".join(message.strip() for message in messages)
