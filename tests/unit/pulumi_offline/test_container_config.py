import base64
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from pulumi_offline.docker_provider.container_config import create_request, nanoseconds, update_request
from pulumi_offline.docker_provider.container_state import with_drift
from pulumi_offline.docker_provider.errors import ProviderError
from pulumi_offline.docker_provider.uploads import archive, upload_problem


def test_a_request_has_only_what_was_set() -> None:
    assert create_request({"image": "x"}) == {
        "AttachStderr": False,
        "AttachStdout": False,
        "HostConfig": {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}},
        "Image": "x",
    }


def test_mounts_volumes_and_ports() -> None:
    request = create_request(
        {
            "image": "x",
            "mounts": [
                {"type": "tmpfs", "target": "/run", "tmpfsOptions": {"sizeBytes": 1, "mode": 0o700}},
                {
                    "type": "volume",
                    "target": "/data",
                    "source": "v",
                    "readOnly": True,
                    "volumeOptions": {"noCopy": True, "driverName": "local", "labels": [{"label": "a", "value": "b"}]},
                },
                {"type": "bind", "target": "/b", "source": "/a", "bindOptions": {"propagation": "rslave"}},
            ],
            "volumes": [
                {"containerPath": "/c", "hostPath": "/h", "readOnly": True},
                {"containerPath": "/d", "volumeName": "v"},
                {"containerPath": "/anonymous"},
                {"fromContainer": "other"},
            ],
            "ports": [
                {"internal": 80, "external": 8080, "ip": "127.0.0.1", "protocol": "tcp"},
                {"internal": 80, "external": 8081, "ip": "127.0.0.1", "protocol": "tcp"},
                {"internal": 53, "protocol": "udp"},
            ],
        }
    )
    host = request["HostConfig"]
    assert host["Mounts"] == [
        {"Target": "/run", "TmpfsOptions": {"Mode": 0o700, "SizeBytes": 1}, "Type": "tmpfs"},
        {
            "ReadOnly": True,
            "Source": "v",
            "Target": "/data",
            "Type": "volume",
            "VolumeOptions": {"DriverConfig": {"Name": "local"}, "Labels": {"a": "b"}, "NoCopy": True},
        },
        {"BindOptions": {"Propagation": "rslave"}, "Source": "/a", "Target": "/b", "Type": "bind"},
    ]
    assert host["Binds"] == ["/h:/c:ro", "v:/d:rw"]
    assert host["VolumesFrom"] == ["other"]
    assert request["Volumes"] == {"/anonymous": {}}
    assert request["ExposedPorts"] == {"80/tcp": {}, "53/udp": {}}
    assert host["PortBindings"] == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": "8081"}],
        "53/udp": [{"HostIp": "", "HostPort": ""}],
    }


def test_update_raises_the_swap_limit_with_the_memory_and_resets_what_was_removed() -> None:
    assert update_request({"memory": 10, "restart": "always"}) == {
        "CpuShares": 0,
        "CpusetCpus": "",
        "Memory": 10 << 20,
        "MemoryReservation": 0,
        "MemorySwap": 20 << 20,
        "NanoCpus": 0,
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
    }
    assert update_request({"memory": 10, "memorySwap": -1})["MemorySwap"] == -1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1s", 10**9), ("500ms", 5 * 10**8), ("1m30s", 90 * 10**9), ("1.5h", 5400 * 10**9), ("0", None), (None, None)],
)
def test_durations(text: str | None, expected: int | None) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize("text", ["10", "ten seconds", "1 s", "s"])
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(ProviderError, match=f"'{text}' is not a duration"):
        nanoseconds(text)


def test_cpus_must_be_a_number() -> None:
    with pytest.raises(ProviderError, match="'many'"):
        create_request({"image": "x", "cpus": "many"})


def test_uploads_as_an_archive(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"\xff")
    uploads: list[dict[str, Any]] = [
        {"file": "/a/b", "content": "é"},
        {"file": "/c", "contentBase64": base64.b64encode(b"c").decode(), "executable": True},
        {"file": "/d", "source": str(source), "permissions": "0400"},
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(uploads))) as tar:
        found = {item.name: (item.mode, tar.extractfile(item).read()) for item in tar.getmembers()}  # type: ignore[union-attr]
    assert found == {"a/b": (0o644, "é".encode()), "c": (0o744, b"c"), "d": (0o400, b"\xff")}
    with pytest.raises(ProviderError, match="upload of /x"):
        archive([{"file": "/x", "contentBase64": "?"}])


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        ({"file": "/x", "content": ""}, None),
        ({"file": "/x"}, "set exactly one of"),
        ({"file": "/x", "content": "a", "source": "b"}, "set exactly one of"),
        ({"file": "/x", "source": "/nowhere/at/all"}, "/nowhere/at/all does not exist"),
        ({"file": "/x", "content": "a", "permissions": "rw"}, "octal"),
    ],
)
def test_upload_problems(upload: dict[str, Any], expected: str | None) -> None:
    problem = upload_problem(upload)
    assert problem is None if expected is None else expected in str(problem)


def found(**changes: bool) -> dict[str, Any]:
    host = {"CpusetCpus": "", "CpuShares": 0, "Memory": 64 << 20, "MemoryReservation": 0, "MemorySwap": -1}
    host |= {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}
    state: dict[str, Any] = {"Running": True, "ExitCode": 0, **changes}
    return {"State": state, "HostConfig": host, "NetworkSettings": {"Networks": {}}}


def test_drift_shows_what_the_program_set_and_nothing_else() -> None:
    state = {"mustRun": True, "start": True, "memory": 32, "networksAdvanced": [{"name": "gone"}]}
    live = with_drift(found(), state)
    assert live["memory"] == 64
    assert live["networksAdvanced"] == []
    assert "cpuShares" not in live
    assert live["mustRun"] is True
    assert with_drift(found(Running=False), state)["mustRun"] is False
    assert with_drift(found(Running=False, Restarting=True), state)["mustRun"] is True
    assert with_drift(found(Running=False), {**state, "start": False})["mustRun"] is True
