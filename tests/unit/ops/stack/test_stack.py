import json
from pathlib import Path

import pytest

import ops.stack.stack
from components.machine import machine_folders
from ops.errors import BackendError, NotDeployedError, OperatorNeededError, StackError
from ops.machine.keys import backend_key_file
from ops.stack.stack import Outputs, Stack, wait_for_web
from ops.stack.state import State

EXPORTS = {"webUrl": "http://127.0.0.1:1", "convexUrl": "http://127.0.0.1:2", "images": {}, "release": "r1"}
DEPLOYED = State.parse(
    {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": "urn:pulumi:blue::fondation::pulumi:pulumi:Stack::blue", "type": "pulumi:pulumi:Stack"}
                | {"outputs": EXPORTS}
            ]
        },
    }
)


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
    monkeypatch.setattr(ops.stack.stack, "current_state", lambda _: DEPLOYED)
    monkeypatch.setattr(stack, "_call", lambda *_: json.dumps(told))
    assert stack.secrets() == ["a-token"]


class Recording:
    """Pulumi's record of a stack, asked instead of Pulumi; counts how often, and what else was run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stack: Stack, state: State | None) -> None:
        self.reads = 0
        self.calls: list[str] = []
        self.state = state
        monkeypatch.setattr(ops.stack.stack, "current_state", self.read)
        monkeypatch.setattr(stack, "_call", self.call)

    def read(self, _: object) -> State:
        self.reads += 1
        if self.state is None:
            raise NotDeployedError("no such stack")
        return self.state

    def call(self, *arguments: str, **_: object) -> str:
        self.calls.append(" ".join(arguments[:2]))
        if arguments[0] in {"stack", "up"}:
            self.state = DEPLOYED
        return "\nResources:\n    24 created\n"


def test_the_record_is_read_once_until_an_update_changes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    pulumi = Recording(monkeypatch, stack, DEPLOYED)
    assert stack.outputs() == stack.outputs()
    assert (stack.outputs().web_url, stack.outputs().release, pulumi.reads) == ("http://127.0.0.1:1", "r1", 1)
    stack.up(show=lambda _: None)
    stack.outputs()
    assert (pulumi.reads, pulumi.calls) == (2, ["up --yes"])


def test_what_another_operator_changed_is_seen_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    pulumi = Recording(monkeypatch, stack, None)
    assert not stack.exists()
    pulumi.state = DEPLOYED
    assert not stack.exists()
    assert stack.state(fresh=True) is DEPLOYED
    assert stack.exists()


def test_an_update_makes_a_stack_that_pulumi_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    pulumi = Recording(monkeypatch, stack, None)
    assert not stack.exists()
    assert stack.state().resources == ()
    with pytest.raises(NotDeployedError, match="bin/fondation up --stack blue"):
        stack.outputs()
    assert not stack.down(show=lambda _: None)
    assert stack.up(show=lambda _: None) == {"created": 24}
    assert stack.exists()
    assert pulumi.calls == ["stack init", "up --yes"]
