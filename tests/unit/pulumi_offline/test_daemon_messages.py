import pytest

from pulumi_offline.docker_provider.build_output import BuildOutput
from pulumi_offline.docker_provider.daemon import Daemon, explain
from pulumi_offline.docker_provider.errors import BuildError, DaemonError


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            "driver failed programming connectivity: Bind for 127.0.0.1:8420 failed: port is already allocated",
            "docker ps --filter publish=8420",
        ),
        (
            "Error starting userland proxy: listen tcp4 127.0.0.1:8420: bind: address already in use",
            "listens on port 8420",
        ),
        (
            'Conflict. The container name "/worker" is already in use by container "ab". You have to remove',
            "docker rm -f worker",
        ),
        ("network with name net already exists", "docker network rm net"),
        ("write /x: no space left on device", "docker system df"),
        ("No such image: a/b:1", "the daemon has no image a/b:1"),
        ("Got permission denied while trying to connect", "group docker"),
        ('This node is not a swarm manager. Use "docker swarm init" or "docker swarm join"', "`docker swarm init`"),
        ("This node is not a swarm manager. Worker nodes can't be used to view", "docker node promote"),
        ("rpc error: code = Unknown desc = The swarm does not have a leader.", "--force-new-cluster"),
        ("Swarm is encrypted and needs to be unlocked before it can be used.", "docker swarm unlock"),
        ("secret 'key' is in use by the following service: web", "service web still refers to it"),
        ("name conflicts with an existing object: config x", "choose another name"),
        ("no suitable node (insufficient resources on 1 node)", "docker node ls"),
        ("container rootfs is marked read-only", "not read_only"),
    ],
)
def test_known_reasons_get_a_remedy(reason: str, expected: str) -> None:
    text = explain("container worker", reason)
    assert text.startswith("container worker: ")
    assert expected in text


def test_an_unknown_reason_stays_as_it_is() -> None:
    assert explain("volume v", "something\n else") == "volume v: something else"


def test_an_unreachable_daemon_is_a_daemon_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with pytest.raises(DaemonError, match="set DOCKER_HOST"), Daemon("tcp://127.0.0.1:1").requests("x"):
        pass


def test_build_output_shows_steps_and_keeps_the_last_lines() -> None:
    shown: list[str] = []
    output = BuildOutput(subject="image x", status=shown.append)
    for text in ("Step 1/2 : FROM y\n", " ---> 123\n", "\n", *(f"line {number}\n" for number in range(30))):
        output.take({"stream": text})
    assert shown[0] == "Step 1/2 : FROM y"
    assert not [line for line in shown if "--->" in line]
    with pytest.raises(BuildError) as caught:
        output.take({"error": "returned a non-zero code: 3"})
    assert str(caught.value).startswith("image x: returned a non-zero code: 3: last lines of the build:\n")
    assert str(caught.value).endswith("  line 29")
    assert "  line 9\n" not in str(caught.value)
