import pytest

from ops.errors import DaemonError, OperatorNeededError
from ops.machine.daemon import Action, DaemonState, Seen, dockerd_argv, ensure_daemon, next_action, refusal
from ops.machine.facts import Machine

ROOT = Machine(system=frozenset({"debian"}), is_root=True, has_systemd=False)
ROOT_SYSTEMD = Machine(system=frozenset({"debian"}), is_root=True, has_systemd=True)
USER = Machine(system=frozenset({"debian"}), is_root=False, has_systemd=True)


def seen(state: DaemonState, *, host: str | None = None, installed: bool = True) -> Seen:
    return Seen(state=state, host=host, installed=installed)


@pytest.mark.parametrize(
    ("facts", "machine", "action"),
    [
        (seen(DaemonState.RUNNING), USER, Action.USE),
        (seen(DaemonState.RUNNING, host="tcp://build:2376", installed=False), USER, Action.USE),
        (seen(DaemonState.ABSENT, host="tcp://build:2376", installed=False), ROOT, Action.CHECK_HOST),
        (seen(DaemonState.FORBIDDEN), USER, Action.JOIN_GROUP),
        (seen(DaemonState.ABSENT, installed=False), ROOT, Action.INSTALL),
        (seen(DaemonState.ABSENT, installed=False), USER, Action.INSTALL),
        (seen(DaemonState.ABSENT), ROOT, Action.START_PROCESS),
        (seen(DaemonState.ABSENT), ROOT_SYSTEMD, Action.START_SERVICE),
        (seen(DaemonState.ABSENT), USER, Action.START_BY_HAND),
    ],
)
def test_what_is_done_follows_from_what_was_seen(facts: Seen, machine: Machine, action: Action) -> None:
    assert next_action(facts, machine) is action


@pytest.mark.parametrize(
    ("action", "machine", "kind", "said"),
    [
        (Action.JOIN_GROUP, USER, OperatorNeededError, "sudo usermod -aG docker $USER"),
        (Action.START_BY_HAND, USER, OperatorNeededError, "sudo systemctl start docker"),
        (Action.CHECK_HOST, ROOT, DaemonError, "DOCKER_HOST is 'tcp://nowhere'"),
    ],
)
def test_what_the_operator_has_to_do_is_said(
    action: Action, machine: Machine, kind: type[Exception], said: str
) -> None:
    error = refusal(action, seen(DaemonState.ABSENT, host="tcp://nowhere"), machine)
    assert type(error) is kind
    assert said in str(error)


def test_a_foreign_daemon_that_does_not_answer_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    home = tmp_path_factory.mktemp("home")
    with pytest.raises(DaemonError, match=r"DOCKER_HOST is 'tcp://127\.0\.0\.1:9' and no daemon answers"):
        ensure_daemon(machine=ROOT, home=home, note=print)
    assert list(home.iterdir()) == []


def test_a_daemon_listens_on_the_usual_socket_only() -> None:
    assert dockerd_argv("/usr/sbin/dockerd") == ["/usr/sbin/dockerd", "--host", "unix:///var/run/docker.sock"]
