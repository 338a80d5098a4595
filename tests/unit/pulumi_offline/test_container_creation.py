"""What becomes of a container whose creation breaks off, on a daemon that stops answering at a chosen request."""

import contextlib
from collections.abc import Iterator
from threading import Event
from typing import Any, cast

import pytest
import urllib3.exceptions

from pulumi_offline.docker_provider.container import ContainerResource
from pulumi_offline.docker_provider.container_state import with_drift
from pulumi_offline.docker_provider.daemon import Daemon
from pulumi_offline.docker_provider.errors import DaemonError, InitializationError, ProviderError
from pulumi_offline.docker_provider.resource import CheckInput, Log, Operation
from pulumi_offline.docker_provider.values import Properties

GONE = urllib3.exceptions.ProtocolError("Connection broken: IncompleteRead(0 bytes read)")
ENDED = {"Running": False, "ExitCode": 143, "Health": {"Status": "unhealthy"}}


class Client:
    """The few requests of a creation; `dies_at` names the one from which on nobody answers."""

    def __init__(self, dies_at: str, *, restart: str = "no") -> None:
        self.dies_at = dies_at
        self.dead = False
        self.removed: list[str] = []
        self.restart = restart

    def _asked(self, request: str) -> None:
        self.dead = self.dead or request == self.dies_at
        if self.dead:
            raise GONE

    def create_container_from_config(self, *_: object) -> dict[str, str]:
        self._asked("create")
        return {"Id": "c1"}

    def put_archive(self, *_: object) -> None:
        self._asked("upload")

    def start(self, _: str) -> None:
        self._asked("start")

    def inspect_container(self, _: str) -> dict[str, Any]:
        self._asked("inspect")
        host = {"RestartPolicy": {"Name": self.restart, "MaximumRetryCount": 0}}
        return {"Id": "c1", "State": ENDED, "HostConfig": host, "NetworkSettings": {"Networks": {}}}

    def logs(self, *_: object, **__: object) -> bytes:
        return b""

    def remove_container(self, container_id: str, **_: object) -> None:
        self._asked("remove")
        self.removed.append(container_id)


class FakeDaemon(Daemon):
    """A connection to that client."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client


class Silent:
    """A log that nobody reads."""

    def status(self, _: str) -> None:
        return

    def warning(self, _: str) -> None:
        return


def operation(client: Client) -> Operation:
    return Operation(
        daemon=FakeDaemon(client),
        log=cast("Log", Silent()),
        canceled=Event(),
        clock=lambda: 0.0,
        sleep=lambda _: None,
    )


def inputs(**more: object) -> Properties:
    new = {"image": "x", "name": "n", "networkMode": "none", **more}
    return ContainerResource().check(CheckInput(name="n", old={}, new=new, seed=b"seed")).inputs


@contextlib.contextmanager
def broken_off(client: Client, **more: object) -> Iterator[pytest.ExceptionInfo[ProviderError]]:
    with pytest.raises(ProviderError) as caught:
        ContainerResource().create(operation(client), inputs(**more))
    yield caught


def test_a_daemon_that_dies_before_it_made_anything_leaves_nothing_to_record() -> None:
    with broken_off(Client("create")) as caught:
        assert caught.type is DaemonError
        assert "start Docker (`systemctl start docker`" in str(caught.value)


@pytest.mark.parametrize(
    ("dies_at", "more"),
    [
        ("upload", {"start": False, "mustRun": False, "uploads": [{"file": "/x", "content": "y"}]}),
        ("start", {}),
        ("inspect", {"wait": True}),
    ],
)
def test_what_a_dying_daemon_left_is_recorded_and_replaced(dies_at: str, more: dict[str, object]) -> None:
    client = Client(dies_at)
    with broken_off(client, **more) as caught:
        error = caught.value
    assert isinstance(error, InitializationError)
    assert error.resource_id == "c1"
    assert "start Docker (`systemctl start docker`" in str(error)
    assert "the next update replaces it" in str(error)
    resource = ContainerResource()
    assert resource.diff(error.state, inputs(**more)).replaces == ["image"]
    # A refresh in between does not make it whole.
    found = Client("never").inspect_container("c1")
    assert resource.diff(with_drift(found, error.state), inputs(**more)).replaces == ["image"]


def test_what_can_still_be_removed_is_not_recorded() -> None:
    client = Client("never")
    with broken_off(client, mustRun=True) as caught:
        assert "ended right after its start" in str(caught.value)
    assert client.removed == ["c1"]


@pytest.mark.parametrize(
    ("restart", "said", "replaces"),
    [
        ("no", "ended with exit code 143 before it was healthy", []),
        (
            "unless-stopped",
            "stopped from outside before it was healthy (exit code 143): Docker was restarted",
            ["image"],
        ),
    ],
)
def test_a_container_that_docker_keeps_running_does_not_end_by_itself(
    restart: str, said: str, replaces: list[str]
) -> None:
    with broken_off(Client("never", restart=restart), wait=True, restart=restart) as caught:
        error = caught.value
    assert isinstance(error, InitializationError)
    assert said in str(error)
    assert ContainerResource().diff(error.state, inputs(wait=True, restart=restart)).replaces == replaces
