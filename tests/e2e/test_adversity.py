"""What no release is to blame for: a full disk, a daemon that dies, a second operator, a home that cannot be written.

All of it for real, on a daemon of this module's own whose disk can be filled and that can be killed. The stack on it
runs one release, and its checkout holds the next: a failure leaves that to be deployed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.os_base import os_image_name
from ops.drift.comparison import CONTAINER_TYPE
from ops.errors import BusyError, DaemonError, DownloadError, OperatorNeededError, SpaceError
from tests.daemon import Daemon, full_disk, running_daemon
from tests.trial import Trial, await_line, new_trial

SERVICES = ("backend", "web", "worker")
UP = ("up", "--no-first-course")
DISK_MIB = 2048
# A step of the next release's build that needs more than is left of the full disk, although the build's context fits.
LEFT_MIB = 40
LAST_STAGE = "\nFROM ${PARENT}\n"
GREEDY = "RUN head -c 64M /dev/zero > /var/tmp/zeros && rm /var/tmp/zeros"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A deployed stack and the daemon that it is on."""

    trial: Trial
    daemon: Daemon

    def containers(self) -> dict[str, str]:
        """Return the id of every container of the stack by name."""
        listing = ("ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}}")
        found = (line.split() for line in self.daemon.docker(*listing).splitlines())
        return {name: container for name, container in found if name.startswith(self.trial.container(""))}

    def healthy(self) -> dict[str, str]:
        """Return the same; the services are healthy, and there is nothing beside them."""
        found = self.containers()
        assert set(found) == {self.trial.container(role) for role in (*SERVICES, "backend-key")}
        for role in SERVICES:
            form = ("--format", "{{.State.Health.Status}}")
            assert self.daemon.docker("inspect", *form, self.trial.container(role)) == "healthy", role
        return found

    def updates(self) -> int:
        """Return the length of the stack's history."""
        return len(list(self._state("history").glob("*.history.json")))

    def recorded(self) -> set[str]:
        """Return the ids of the containers in the stack's state, in which nothing is half done."""
        state = json.loads(self._state("stacks").with_suffix(".json").read_text())["checkpoint"]["latest"]
        assert "pending_operations" not in state
        return {item["id"] for item in state["resources"] if item["type"] == CONTAINER_TYPE}

    def _state(self, what: str) -> Path:
        return self.trial.home / "state" / ".pulumi" / what / "fondation" / self.trial.name

    def refused(self, *command: str, code: int) -> str:
        """Run a command that has to fail with this code, and return the message that it ends with."""
        done = self.trial.fondation(*command, check=False)
        return message(done.stdout, done.returncode, code)

    def crashed_daemon(self, *, at: str) -> str:
        """Deploy, kill the daemon and start it anew when a line is printed; return the message that `up` ends with."""
        with self.trial.begin("bin/fondation", *UP, "--stack", self.trial.name) as process:
            await_line(process, at)
            self.daemon.kill()
            self.daemon.start()
            output, _ = process.communicate()
        return message(output, process.returncode, DaemonError.exit_code)


def message(output: str, code: int, expected: int) -> str:
    assert code == expected, output
    assert "Traceback" not in output, output
    return output[output.index("fondation: ") :]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    trial = new_trial(tmp_path_factory.mktemp("adversity"))
    with running_daemon(disk_mib=DISK_MIB) as daemon:
        daemon.load(os_image_name(trial.checkout))
        trial = replace(trial, variables={"DOCKER_HOST": daemon.host}, entry=daemon.inside())
        trial.init()
        trial.fondation(*UP)
        dockerfile = trial.checkout / "images" / "worker" / "Dockerfile"
        before, after = dockerfile.read_text().split(LAST_STAGE)
        dockerfile.write_text(f"{before}{GREEDY}{LAST_STAGE}{after}")
        place = Place(trial=trial, daemon=daemon)
        yield place
        # It all goes with the daemon, whose end a running container would only delay.
        daemon.docker("rm", "--force", *place.containers().values())


def test_a_disk_that_is_full_during_a_build_is_named_and_nothing_is_touched(place: Place) -> None:
    before = place.healthy()
    with full_disk(place.daemon.data, left_mib=LEFT_MIB):
        said = place.refused(*UP, code=SpaceError.exit_code)
    assert "the disk is full: free some space (`docker system df` shows what takes it" in said
    assert "nothing was replaced; what runs now:" in said
    assert f"{place.trial.container('worker')}: running, healthy" in said
    assert place.healthy() == before


def test_a_daemon_that_dies_during_a_build_is_named_and_nothing_is_touched(place: Place) -> None:
    before = place.containers()
    said = place.crashed_daemon(at=r"images-worker .*Step \d+/\d+ : RUN head")
    assert "Docker stopped answering, or was restarted, while Pulumi was at work: start it" in said
    assert "nothing was replaced; what runs now:" in said
    assert place.containers() == before


def test_a_container_that_a_dying_daemon_left_unfinished_is_recorded(place: Place) -> None:
    said = place.crashed_daemon(at=r"worker-container creating .*waiting")
    assert "Docker stopped answering" in said
    assert "stopped half way, and nothing was taken back; what runs now:" in said
    assert place.recorded() == set(place.containers().values())


def test_of_two_operators_at_once_one_deploys_and_the_other_is_told_of_the_first(place: Place) -> None:
    before = place.updates()
    command = ("bin/fondation", *UP, "--stack", place.trial.name)
    with place.trial.begin(*command) as one, place.trial.begin(*command) as other:
        ended = [(process.communicate()[0], process.returncode) for process in (one, other)]
    (_, worked), (output, refused) = sorted(ended, key=lambda end: end[1])
    assert worked == 0, ended
    said = message(output, refused, BusyError.exit_code)
    holder = rf"process \d+ of the checkout {place.trial.checkout}"
    assert re.search(rf"another command is at work on stack {place.trial.name} .*: {holder}", said)
    assert place.updates() == before + 1
    assert place.recorded() == set(place.healthy().values())


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder on itself so that not even root can write it."""
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_home_that_cannot_be_written_is_named_before_anything_is_touched(place: Place) -> None:
    home, before = place.trial.home, place.containers()
    with read_only(home):
        said = place.refused(*UP, code=OperatorNeededError.exit_code)
        assert f"the project's state cannot be kept in {home}: {home} cannot be written by this user" in said
        assert "set FONDATION_HOME to another folder" in said
    assert place.containers() == before


def test_without_a_network_each_part_says_what_it_could_not_get(place: Place, tmp_path: Path) -> None:
    empty = {"XDG_CACHE_HOME": str(tmp_path), "npm_config_cache": str(tmp_path / "npm")}
    quick = {"PIP_RETRIES": "1", "npm_config_fetch_retries": "0"}
    trial = replace(place.trial, variables={**place.trial.variables, **empty, **quick})
    recipe = trial.checkout / "images" / "os" / "packages.txt"
    recipe.write_text(f"{recipe.read_text()}# another one\n")
    done = trial.fondation("prepare", "os", "wheels", "npm", check=False)
    assert message(done.stdout, done.returncode, DownloadError.exit_code)
    for part, remedy in (
        ("os", "could not be made from Debian packages: check the network and Debian's mirror"),
        ("wheels", "could not be downloaded: check the network and the package index"),
        ("npm", "check the network and the npm registry"),
    ):
        assert re.search(rf"{part}: failed: .*{remedy}", done.stdout), done.stdout


def test_without_docker_the_address_that_does_not_answer_is_named(place: Place) -> None:
    nowhere = replace(place, trial=replace(place.trial, variables={"DOCKER_HOST": "unix:///nowhere/docker.sock"}))
    said = nowhere.refused("prepare", "docker", code=DaemonError.exit_code)
    assert "DOCKER_HOST is 'unix:///nowhere/docker.sock' and no daemon answers there: start it" in said
