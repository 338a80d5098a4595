import pytest

from ops.errors import CommandError, DaemonError, OpsError, SpaceError, StackError
from ops.stack.pulumi_output import explained, nothing_changed, resource_changes

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
