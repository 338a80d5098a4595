"""The deployed sandbox, asked by the worker's own client: what honest and hostile programs come to."""

import json
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from sandbox.program import Ending, Result, load_results
from tests.hostile_programs import HOSTILE, Hostile
from tests.images.image_cases import PYTHON
from tests.trial import Trial, docker, inspect

ROOT = Path(__file__).resolve().parents[2]
HEALTHY_S = 60
_ASK = """
import json, sys
sys.path.insert(0, "/opt/fondation/cli/dist/cli.bundled.pyz")
from pathlib import Path
from sandbox.exchange import Exchange, ask, request_of
from sandbox.program import dump_results, load_programs
given = json.load(sys.stdin)
programs = load_programs(given["programs"])
package = {name: text.encode() for name, text in given["package"].items()}
exchange = Exchange.below(Path("/srv/sandbox"))
print(dump_results(ask(exchange, request_of(programs, package), len(programs), timeout_s=150)))
"""
HONEST = "import basket\nprint(basket.total([1, 2, 3]))\n"
BASKET = "def total(prices):\n    return sum(prices)\n"


def asked(stack: Trial, sources: Sequence[str], package: Mapping[str, str] | None = None) -> list[Result]:
    """Hand programs over as the CLI in the worker's container does."""
    programs = [{"main": "main.py", "files": {"main.py": source}} for source in sources]
    done = subprocess.run(
        ["docker", "exec", "--interactive", stack.container("worker"), PYTHON, "-c", _ASK],
        input=json.dumps({"programs": json.dumps(programs), "package": package or {}}),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    results = load_results(done.stdout, len(sources))
    assert results is not None, done.stderr
    return results


def left_behind(stack: Trial) -> tuple[list[str], list[str]]:
    """Files in the sandbox that its image does not have, and its processes."""
    look = "cd /; ls -A tmp; ls -A dev/shm; ls -A dev/mqueue; ls -A srv/sandbox/out; echo --; cat /proc/[0-9]*/comm"
    files, _, processes = docker("exec", stack.container("sandbox"), "sh", "-c", look).partition("--\n")
    return files.split(), processes.split()


@pytest.fixture(scope="module")
def results(stack: Trial) -> Mapping[str, Result]:
    """All hostile programs, in one request after the other: some of them take their whole time."""
    found: dict[str, Result] = {}
    for start in range(0, len(HOSTILE), 12):
        part = HOSTILE[start : start + 12]
        answers = asked(stack, [hostile.source for hostile in part])
        found |= {hostile.tries: result for hostile, result in zip(part, answers, strict=True)}
    return found


def test_a_program_imports_the_package_that_came_with_it(stack: Trial) -> None:
    assert asked(stack, [HONEST], {"basket.py": BASKET}) == [Result(ending=Ending.ENDED, status=0, output="6\n")]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.tries)
def test_a_hostile_program_gets_nowhere(results: Mapping[str, Result], hostile: Hostile) -> None:
    result = results[hostile.tries]
    assert result.ending in hostile.endings, result
    assert hostile.prints in result.output


def test_nothing_of_them_is_left_and_the_sandbox_is_the_same(stack: Trial, results: Mapping[str, Result]) -> None:
    assert len(results) == len(HOSTILE)
    assert asked(stack, [HONEST], {"basket.py": BASKET})[0].output == "6\n"
    files, processes = left_behind(stack)
    assert files == ["alive"]
    assert processes[0] == "python3"
    # Beside it, what looks, and maybe a health check.
    assert set(processes) <= {"python3", "sh", "cat"}
    assert processes.count("python3") <= 2
    assert inspect("inspect", stack.container("sandbox"))[0]["RestartCount"] == 0
    # Probes that fell into the time of the hostile programs may have run out of theirs: the next ones have to hold.
    deadline = time.monotonic() + HEALTHY_S
    while (health := inspect("inspect", stack.container("sandbox"))[0]["State"]["Health"])["Status"] != "healthy":
        assert time.monotonic() < deadline, health
        time.sleep(1)


def test_the_sandbox_is_confined(stack: Trial) -> None:
    seen = json.loads(docker("inspect", stack.container("sandbox")))[0]
    host = seen["HostConfig"]
    assert seen["Config"]["User"] == "10002:10002"
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["Memory"] == host["MemorySwap"] == 512 << 20
    mounts = {mount["Destination"]: mount["RW"] for mount in seen["Mounts"]}
    assert mounts == {"/srv/sandbox/in": False, "/srv/sandbox/out": True}
    assert not [entry for entry in seen["Config"]["Env"] if entry.startswith(("CONVEX", "FONDATION", "NODE_ENV"))]


def test_programs_wait_while_others_run(stack: Trial) -> None:
    """Three jobs of one worker: none of their programs sees another's request."""
    look = "import os, time\ntime.sleep(1)\nprint(sum(name.endswith('.zip') for name in os.listdir('/srv/sandbox/in')))"
    given = json.dumps({"programs": json.dumps([{"main": "main.py", "files": {"main.py": look}}]), "package": {}})
    command = f"""for n in 1 2 3; do printf '%s' "$GIVEN" | {PYTHON} -c "$ASK" & done; wait"""
    variables = ("--env", f"ASK={_ASK}", "--env", f"GIVEN={given}")
    said = docker("exec", *variables, stack.container("worker"), "sh", "-c", command)
    answers = [load_results(line, 1) for line in said.splitlines()]
    assert answers == [[Result(ending=Ending.ENDED, status=0, output="1\n")]] * 3


def test_the_table_in_the_documentation_is_what_is_tried() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert rows[1:] == [(hostile.tries, hostile.outcome) for hostile in HOSTILE]
