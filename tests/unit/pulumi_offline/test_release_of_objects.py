"""What the daemon says a moment late: who let a volume go, why a container was killed."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

import pytest
from docker.errors import APIError, NotFound
from requests import Response

from pulumi_offline.docker_provider.container_health import wait_until_healthy
from pulumi_offline.docker_provider.errors import DaemonError, InitializationError
from pulumi_offline.docker_provider.resource import Operation
from pulumi_offline.docker_provider.volume import VolumeResource
from tests.unit.pulumi_offline.test_container_creation import Client, operation


def refusal(kind: type[APIError], status: HTTPStatus, reason: str) -> APIError:
    response = Response()
    response.status_code = status
    return kind(reason, response=response, explanation=reason)


class Volumes:
    """A daemon that refuses to remove a volume a few times; `holders` are the containers that it lists for it."""

    def __init__(self, refusals: int, holders: tuple[str, ...] = (), *, kind: type[APIError] = APIError) -> None:
        self.refusals, self.holders, self.kind = refusals, holders, kind
        self.asked = 0

    def remove_volume(self, name: str) -> None:
        self.asked += 1
        if self.asked <= self.refusals:
            status = HTTPStatus.NOT_FOUND if self.kind is NotFound else HTTPStatus.CONFLICT
            raise refusal(self.kind, status, f"remove {name}: volume is in use - [a120]")

    def containers(self, *, all: bool, filters: dict[str, str]) -> list[dict[str, str]]:  # noqa: A002 - the SDK's name
        assert (all, filters) == (True, {"volume": "jars"})
        return [{"Id": holder} for holder in self.holders]


def ticking(client: object) -> Operation:
    """An operation whose clock goes on with each sleep."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return replace(operation(cast("Client", client)), clock=lambda: now[0], sleep=sleep)


def test_a_volume_that_a_container_lets_go_late_is_removed() -> None:
    volumes = Volumes(refusals=3)
    VolumeResource().delete(ticking(volumes), "jars", {})
    assert volumes.asked == 4


def test_a_volume_that_is_gone_is_removed() -> None:
    VolumeResource().delete(ticking(Volumes(refusals=1, kind=NotFound)), "jars", {})


@pytest.mark.parametrize(("holders", "asked"), [(("a120",), 2), ((), 52)], ids=["a container has it", "nobody lets go"])
def test_a_volume_that_is_in_use_is_refused(holders: tuple[str, ...], asked: int) -> None:
    volumes = Volumes(refusals=1_000, holders=holders)
    with pytest.raises(DaemonError, match="containers outside this stack use the volume"):
        VolumeResource().delete(ticking(volumes), "jars", {})
    assert volumes.asked in {asked, asked + 1}


class Killed:
    """A daemon that tells of a container's end, and with `later` why only when it is asked again."""

    def __init__(self, code: int, *later: bool) -> None:
        self.code, self.later = code, list(later)
        self.asked = 0

    def inspect_container(self, _: str) -> dict[str, Any]:
        self.asked += 1
        state = {"Running": False, "ExitCode": self.code, "OOMKilled": self.later.pop(0) if self.later else False}
        policy = {"RestartPolicy": {"Name": "no"}}
        return {"Id": "c", "Name": "/n", "State": state, "HostConfig": policy, "RestartCount": 0}


@pytest.mark.parametrize(
    ("daemon", "limit", "told", "asked"),
    [
        (Killed(137, False, True), 8, "healthy, out of memory;", 2),
        (Killed(137, True), 8, "healthy, out of memory;", 1),
        (Killed(137), 8, "healthy, killed, most likely out of memory: its limit is 8 MiB;", 2),
        (Killed(137), None, "healthy;", 2),
        (Killed(1), 8, "healthy;", 1),
    ],
    ids=["told late", "told at once", "never told", "killed without a limit", "ended by itself"],
)
def test_a_container_that_outgrew_its_memory_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch,
    daemon: Killed,
    limit: int | None,
    told: str,
    asked: int,
) -> None:
    monkeypatch.setattr("pulumi_offline.docker_provider.container_health.outputs", lambda *_: {})
    with pytest.raises(InitializationError) as caught:
        wait_until_healthy(ticking(daemon), daemon, "c", {"name": "n", "waitTimeout": 5, "memory": limit})
    assert told in str(caught.value)
    assert daemon.asked == asked
