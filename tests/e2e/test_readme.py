"""Every command of README.md, typed in its order on a stack of its own."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trial import ROOT, Trial, new_trial

BLOCKS = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines() if line.strip()]
# This very run; `.ci/run` is held to be that command by tests/unit/ops/machine/test_makefile.py.
ELSEWHERE = [["make", "test"]]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    trial = new_trial(tmp_path)
    trial.init("pulumi", "keys")
    (tmp_path / "my-repository").mkdir()
    source = 'def greet(name: str) -> str:\n    """Greet a worker."""\n    return name\n'
    (tmp_path / "my-repository" / "greet.py").write_text(source)
    git = ["git", "-C", str(tmp_path / "my-repository"), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "my-repository")], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "greet"], check=True)
    yield trial
    trial.destroy()


def test_every_command_does_what_it_says(trial: Trial) -> None:
    assert {command[0] for command in COMMANDS} == {"make", "bin/fondation", "bin/pulumi"}
    said: dict[str, str] = {}
    job = ""
    for command in COMMANDS:
        if command in ELSEWHERE:
            continue
        if command == ["bin/fondation", "up"]:
            trial.pulumi("config", "set", "fondation:healthSeconds", "4")
        output = trial.run(*(job if word == "<job>" else word for word in command), timeout_s=600).stdout
        said[" ".join(command)] = output
        job = next(iter(re.findall(r"/courses/(\w+)/", output)), job)
    assert re.search(r"done: in \d+ s; open this address:\n\S*http://127\.0\.0\.1:\d+", said["make up"])
    assert " completed - " in said["bin/fondation status"]
    assert re.search(r"\d+ citations .* all resolved", said["bin/fondation course <job> --check"])
    assert (trial.checkout / "course" / "step1_abstractions.yaml").is_file()
    assert re.search(r"^\S+: .+\n  http://127\.0\.0\.1:\d+/courses/", said["bin/fondation search worker"], re.MULTILINE)
    assert re.search(r"deleted: 1 jobs, [1-9]\d* documents", said["bin/fondation delete <job> --yes"])
    assert "# " in said["bin/fondation preview"]
    assert "unchanged" in said["bin/pulumi preview --diff"]
    assert "replaced" in said["bin/fondation up"]
    assert re.search(r"done: #\d+ has the inputs of #\d+", said["bin/fondation rollback"])
    assert "nothing to recover" in said["bin/fondation recover"]
    trial.run("make", "down")
