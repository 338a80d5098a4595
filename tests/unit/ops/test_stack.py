import json
from pathlib import Path

import pytest

from components.machine import machine_folders
from ops.errors import (
    BackendError,
    CommandError,
    DaemonError,
    OperatorNeededError,
    OpsError,
    SpaceError,
    StackError,
)
from ops.keys import backend_key_file
from ops.stack import Outputs, Stack, explained, nothing_changed, resource_changes, wait_for_web

CHANGED = """\
     pulumi:pulumi:Stack fondation-dev

Outputs:
    webUrl: "http://127.0.0.1:8420"

Resources:
    ~ 4 updated
    +-8 replaced
    12 changes. 12 unchanged

Duration: 1m32s
"""
SAME = "Outputs:\n    a: 1\n\nResources:\n    \x1b[1m24 unchanged\x1b[0m\n\nDuration: 2s\n"


def test_the_summary_is_counted() -> None:
    assert resource_changes(CHANGED) == {"updated": 4, "replaced": 8, "unchanged": 12}
    assert not nothing_changed(resource_changes(CHANGED))


def test_an_update_that_touched_nothing_is_told_apart() -> None:
    assert resource_changes(SAME) == {"unchanged": 24}
    assert nothing_changed(resource_changes(SAME))
    assert not nothing_changed(resource_changes("no summary at all"))


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("error: getting stack configuration: incorrect passphrase", "set PULUMI_CONFIG_PASSPHRASE"),
        ("error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", "passphrase of stack blue is wrong or missing"),
        ("error: the stack is currently locked by 1 lock(s)", "another command is at work on stack blue"),
        ("[409] Conflict: Another update is currently in progress.", "`bin/fondation recover --stack blue`"),
        ("write /var/lib: no space left on device", "free some space"),
        ('write ".pulumi/x.json": blob (key ".pulumi/x.json"): no space left on device', "free some space"),
        (
            "worker: ('Connection aborted.', RemoteDisconnected('…')): start Docker (`systemctl start docker`",
            "Docker stopped answering",
        ),
        (
            "error listing stacks: could not list bucket: blob (code=NotFound): operation error S3: NoSuchBucket",
            "check the address in PULUMI_BACKEND_URL",
        ),
        (
            'error: read ".pulumi/meta.yaml": blob (key ".pulumi/meta.yaml") (code=Unknown): InvalidAccessKeyId',
            "and the credentials for it",
        ),
        (
            "worker: stopped from outside before it was healthy: Docker was restarted, or somebody stopped it",
            "Docker stopped answering",
        ),
        (
            "1) open /H/state/.pulumi/locks/organization/fondation/blue/45b1.json.18eb.tmp: read-only file system",
            "Pulumi's state in /H/state cannot be written (read-only file system)",
        ),
        (
            "rpc error: code = Unknown desc = The swarm does not have a leader.",
            "`docker swarm init --force-new-cluster",
        ),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "Docker stopped answering"),
    ],
)
def test_known_causes_come_with_their_remedy(tail: str, said: str) -> None:
    error = explained(CommandError(["pulumi", "up"], code=255, tail=tail), "blue")
    assert said in str(error)
    assert tail in str(error)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("head: write error: No space left on device", SpaceError),
        ("error: image x: start Docker (`systemctl start docker`, or `dockerd`)", DaemonError),
        ("Connection aborted. says a program", StackError),
    ],
)
def test_a_cause_is_found_although_later_lines_pushed_it_out_of_the_end(line: str, kind: type[OpsError]) -> None:
    shown = "\n".join([line, *("Outputs" for _ in range(40))])
    error = CommandError(["pulumi", "up"], code=255, tail="Outputs", output=shown)
    assert type(explained(error, "blue", shown=True)) is kind


def test_output_that_was_shown_is_not_repeated() -> None:
    error = explained(CommandError(["pulumi", "up"], code=1, tail="a long story"), "blue", shown=True)
    assert str(error) == "`pulumi up` of stack blue failed; its output is above"


def test_without_an_engine_the_command_to_make_one_is_said(tmp_path: Path) -> None:
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    with pytest.raises(OperatorNeededError, match="run `make prepare`"):
        stack.outputs()


def test_the_published_ports_are_the_configured_ones(tmp_path: Path) -> None:
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path)})
    (tmp_path / "Pulumi.blue.yaml").write_text('config:\n  fondation:webPort: "9000"\n')
    assert [(item.port, item.key, item.container) for item in Stack(folders, "blue").published()] == [
        (9000, "fondation:webPort", "fondation-blue-web"),
        (8421, "fondation:backendPort", "fondation-blue-backend"),
    ]
    (tmp_path / "Pulumi.green.yaml").write_text("config:\n  fondation:convexUrl: https://x.convex.cloud\n")
    assert [item.port for item in Stack(folders, "green").published()] == [8420]


def test_a_web_page_that_never_answers_is_an_error_with_the_last_reason() -> None:
    times = iter([0.0, 1.0, 2.0, 99.0])
    with pytest.raises(StackError, match=r"http://127\.0\.0\.1:9 does not answer after 5 s \(.*refused"):
        wait_for_web("http://127.0.0.1:9", clock=lambda: next(times), sleep=lambda _: None, timeout_s=5)


@pytest.mark.parametrize(("monitoring", "keys"), [("", set()), ("  fondation:monitoring: true\n", {"prometheusPort"})])
def test_the_port_of_prometheus_is_one_of_the_stacks_only_where_it_runs(
    monitoring: str, keys: set[str], tmp_path: Path
) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text(f"config:\n  fondation:environment: development\n{monitoring}")
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    published = {port.key.partition(":")[2]: port for port in stack.published()}
    assert set(published) == {"webPort", "backendPort"} | keys
    if keys:
        assert (published["prometheusPort"].port, published["prometheusPort"].container) == (
            9490,
            "fondation-blue-prometheus",
        )


def test_the_backend_is_called_with_the_stacks_own_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text("config:\n  fondation:caBundle: own/authority.pem\n")
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    outputs = Outputs(web_url="http://127.0.0.1:1", convex_url="https://a.convex.cloud", images={}, release="r")
    monkeypatch.setattr(stack, "outputs", lambda: outputs)
    with pytest.raises(BackendError, match=f"fondation:caBundle is '{tmp_path}/own/authority.pem'"):
        stack.convex()


def test_a_stack_without_secrets_is_not_asked_for_them(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text("config:\n  fondation:webPort: 8500\n")
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path)})
    assert Stack(folders, "blue").secrets() == []
    backend_key_file(folders).parent.mkdir(parents=True)
    backend_key_file(folders).write_text("development-key-1\n")
    assert Stack(folders, "blue").secrets() == ["development-key-1"]


def test_all_secrets_are_told_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text("config:\n  fondation:webToken:\n    secure: v1:abc\n")
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    told = {"fondation:webToken": {"value": "a-token", "secret": True}, "fondation:webPort": {"value": "1"}}
    monkeypatch.setattr(stack, "_select", lambda: None)
    monkeypatch.setattr(stack, "_call", lambda *_: json.dumps(told))
    assert stack.secrets() == ["a-token"]
