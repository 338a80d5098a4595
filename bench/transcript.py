"""`python -m bench.transcript`: writes docs/operations/transcript.md, what a terminal shows from a change to a repair.

Every command runs for real on a throw-away stack. Nothing is edited but the names of its folders and of the stack, and
lines that only show progress are left out. It takes some minutes and is not part of `make bench`.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.report import machine
from tests.trial import PASSPHRASE, ROOT, Trial, new_trial

TARGET = ROOT / "docs" / "operations" / "transcript.md"
_TIMEOUT_S = 600
_SHOWN_LINES = 100
_NAME = "demo"
_LINE = "\n# One line more.\n"
_BROKEN = 'raise SystemExit("broken on purpose")\n'
# What a terminal overwrites, and the steps of image builds.
_PROGRESS = re.compile(
    r"@ updating|; Step \d|\(0\.\d+s\)|updating \(\d|creating replacement \(|deleting original \(0s\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One part of the story: what is said, what happens behind the scenes first, which commands are typed."""

    title: str
    commands: Sequence[Sequence[str]]
    edit: tuple[str, str] | None = None


def story(trial: Trial) -> Iterator[Step]:
    """Yield the steps: change, review, deploy, bad release, revert, rollback, roll forward, drift, repair."""
    worker = trial.container("worker")
    up = ("bin/fondation", "up", "--no-first-course")
    yield Step(title="A stack is deployed", commands=[("bin/fondation", "history"), ("bin/fondation", "drift")])
    yield Step(
        title="Change one line of the worker, and review what it would do",
        edit=("worker/__init__.py", _LINE),
        commands=[("bin/fondation", "preview")],
    )
    yield Step(title="Deploy it", commands=[up, ("bin/fondation", "history")])
    yield Step(
        title="A bad release: the worker ends as soon as it starts, and the deployment is reverted",
        edit=("worker/__main__.py", _BROKEN),
        commands=[up, ("bin/fondation", "history")],
    )
    yield Step(
        title="The bad line is taken out; then back to the release before the change, all the same",
        edit=("worker/__main__.py", ""),
        commands=[("bin/fondation", "rollback", "previous"), ("bin/fondation", "history")],
    )
    yield Step(title="Forward again", commands=[up])
    yield Step(
        title="Somebody removes the worker behind Pulumi's back",
        commands=[("docker", "rm", "--force", worker), ("bin/fondation", "drift"), up, ("bin/fondation", "drift")],
    )


def play(trial: Trial) -> Iterator[str]:
    """Yield the lines of the document."""
    originals: dict[Path, str] = {}
    for step in story(trial):
        yield f"## {step.title}\n"
        if step.edit is not None:
            name, added = step.edit
            file = trial.checkout / name
            text = originals.setdefault(file, file.read_text(encoding="utf-8"))
            # First of all lines: it ends the program before anything else of it runs.
            file.write_text(added + text if added == _BROKEN else text + added, encoding="utf-8")
        yield "```console"
        if step.edit is not None and step.edit[1]:
            reader = "head" if step.edit[1] == _BROKEN else "tail"
            yield f"$ {reader} -1 {step.edit[0]}\n{step.edit[1].strip()}\n"
        for command in step.commands:
            yield from shown(trial, command)
        yield "```\n"


def shown(trial: Trial, command: Sequence[str]) -> Iterator[str]:
    """Run one command and yield it with what it printed and, where it is not 0, its exit code."""
    print("$", *command, file=sys.stderr)
    environment = {
        **os.environ,
        "FONDATION_HOME": str(trial.home),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_STACK": trial.name,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command,
        cwd=trial.checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    yield f"$ {tidy(' '.join(command), trial)}"
    lines = [line.rstrip() for line in tidy(done.stdout, trial).splitlines() if not _PROGRESS.search(line)]
    yield from lines[:_SHOWN_LINES]
    if len(lines) > _SHOWN_LINES:
        yield f"… {len(lines) - _SHOWN_LINES} more lines"
    if done.returncode:
        yield f"(exit code {done.returncode})"
    yield ""


def tidy(text: str, trial: Trial) -> str:
    """Return text with the throw-away stack's names and folders as a reader would have them."""
    for old, new in (
        (str(trial.home), "~/.fondation"),
        (str(trial.checkout), "~/fondation"),
        (trial.namespace, ""),
        (trial.name, _NAME),
    ):
        text = text.replace(old, new)
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace("```", "` ` `")


def main() -> int:
    """Deploy, play, write, remove."""
    with tempfile.TemporaryDirectory(prefix="fondation-transcript-") as folder:
        trial = new_trial(Path(folder))
        trial.init()
        try:
            trial.fondation("up", "--no-first-course")
            text = "\n".join(play(trial))
        finally:
            trial.destroy()
    made = f"Made by `python -m bench.transcript`, which leaves out lines of progress, on: {machine()}."
    head = f"# From a change to a repair\n\n{made}\n\n"
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(head + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
