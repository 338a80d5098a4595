"""A deployment that ends with a release that works: the new one, or else the one before it.

Pulumi's Docker provider waits until a container is healthy and fails the update when it does not become so. The update
has then replaced what worked: here the last good release is applied again and the operator is told why, with the
container's own last words. Drift is repaired by the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from course.redaction import redact
from ops.context import Context
from ops.drift.comparison import CONTAINER_TYPE, compare
from ops.drift.finding import Kind
from ops.drift.repair import Repair, make_room, plan_repair
from ops.errors import (
    BusyError,
    DaemonError,
    DriftError,
    InterruptedUpdateError,
    NotRevertedError,
    OpsError,
    RevertedError,
    SpaceError,
)
from ops.machine.docker_objects import Description, DockerObjects, docker_objects
from ops.stack.history import open_history, updates
from ops.stack.locks import require_unlocked
from ops.stack.release import Release
from ops.stack.stack import Stack
from ops.stack.state import State, without_ciphertexts

LOG_LINES: Final = 20
LOG_LINE_CHARACTERS: Final = 300
_ENDED: Final = frozenset({Kind.REMOVED, Kind.STOPPED})
_DIGEST_LABEL: Final = "org.fondation.digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a deployment goes back to, and whether it does.

    Attributes:
        good: The release that runs before the deployment; None when there is none.
        revert: Whether a failed release is taken back.
    """

    good: Release | None
    revert: bool = True


def last_good(history: Sequence[Release]) -> Release | None:
    """Return the release that runs: the newest update that succeeded, unless the stack was removed since.

    Args:
        history: All updates, oldest first.
    """
    for update in reversed(history):
        if update.is_good:
            return update
        if update.kind == "destroy" and update.result == "succeeded":
            return None
    return None


def open_gate(context: Context, *, revert: bool) -> Gate:
    """Return the gate for a deployment that is about to begin; to be called before anything of it is applied.

    Raises:
        StackError: The history cannot be read.
    """
    return Gate(good=last_good(updates(open_history(context.folders, context.stack))), revert=revert)


def deploy(context: Context, stack: Stack, gate: Gate, *, secrets: Sequence[str]) -> Mapping[str, int]:
    """Deploy the checkout's release, repairing drift; return how many resources were created, updated and so on.

    Args:
        context: Where progress and Pulumi's output go.
        stack: The stack.
        gate: What to go back to.
        secrets: What is masked in the words of a container.

    Raises:
        RevertedError: The release failed, and the one before it runs again.
        NotRevertedError: The release failed, and what it left is still there.
        SpaceError: A disk is full; nothing was taken back, since that would end alike.
        DaemonError: Docker stopped answering; nothing was taken back either.
        DriftError: The release was deployed, and a container of it does not run any more.
        BusyError: Another command is at work on the stack; nothing was touched.
        InterruptedUpdateError: An update was killed before; nothing was touched.
        OpsError: It failed before anything was touched.
    """
    before = stack.state(fresh=True)
    repair = _make_ready(context, before)
    try:
        changes = stack.up(show=context.show, refresh=repair.refresh, replace=repair.replace)
    except (BusyError, InterruptedUpdateError):
        raise
    except OpsError as error:
        changed = touched(before, stack.state())
        if isinstance(error, DaemonError | SpaceError):
            # Not the release's fault, and going back would end alike.
            done = "stopped half way, and nothing was taken back" if changed else "nothing was replaced"
            raise type(error)(f"{error}\n{done}; what runs now:\n{_standing(stack)}") from error
        if not changed:
            raise
        failure = _describe(stack, error, secrets)
        raise _taken_back(context, stack, gate, failure) from error
    _require_running(stack.state(), stack.name)
    return changes


def touched(before: State, after: State) -> bool:
    """Return whether an update left anything else than it found, going by what was recorded before and after it."""
    return _fingerprint(before) != _fingerprint(after)


def unhealthy(state: State) -> Sequence[tuple[str, str]]:
    """Return id and name of the containers whose creation or update was recorded as failed."""
    return [
        (resource.id, str(resource.inputs.get("name", resource.name)))
        for resource in state.resources
        if resource.type == CONTAINER_TYPE and resource.options.get("initErrors")
    ]


def _make_ready(context: Context, state: State) -> Repair:
    with docker_objects() as objects:
        found = compare(state, objects)
        for item in found.drift:
            context.report("drift", f"{item.kind.value} {item.resource} ({item.name}): {item.detail}")
        repair = plan_repair(state, found.drift)
        if repair.intruders:
            # What an update that began a moment ago has made looks like this, too.
            require_unlocked(context.folders, context.stack)
        make_room(repair, objects, report=context.report)
    return repair


def _require_running(state: State, stack: str) -> None:
    """Check that the containers of a deployment run: Docker may have been restarted after each had become healthy.

    Raises:
        DriftError: One does not.
    """
    containers = [resource for resource in state.resources if resource.type == CONTAINER_TYPE]
    with docker_objects() as objects:
        found = compare(State(resources=containers, secrets={}), objects).drift
    stopped = [f"  {item.name}: {item.detail}" for item in found if item.urn and item.kind in _ENDED]
    if stopped:
        raise DriftError(
            f"the release of stack {stack} was deployed, and does not run: Docker was restarted meanwhile, or something"
            f" stopped it: `bin/fondation up --stack {stack}` starts it again\n" + "\n".join(stopped)
        )


def _fingerprint(state: State) -> Mapping[str, Any]:
    # Pulumi encrypts secrets anew each time; a resource that receives another secret is another one, by its id.
    return {
        resource.urn: (resource.id, without_ciphertexts(resource.inputs))
        for resource in state.resources
        if resource.custom
    }


def _describe(stack: Stack, error: OpsError, secrets: Sequence[str]) -> str:
    """Why the release failed: what Pulumi said, and the last words of each container that did not become healthy.

    Pulumi is not told these words: what a program wrote may show a secret, and Pulumi would keep it in its state.
    """
    lines = [f"the release of stack {stack.name} failed: {error}"]
    try:
        with docker_objects() as objects:
            for container_id, name in unhealthy(stack.state()):
                lines.append(f"container {name} did not become healthy; its last log lines:")
                lines += _quoted(objects.last_lines(container_id, LOG_LINES), secrets)
                if probe := _last_probe(objects.container(container_id)):
                    lines += ["its last health check said:", *_quoted(probe, secrets)]
    except DaemonError as gone:
        lines.append(str(gone))
    return "\n".join(lines)


def _quoted(words: Sequence[str], secrets: Sequence[str]) -> Sequence[str]:
    return [f"  | {redact(line, known=secrets)[:LOG_LINE_CHARACTERS]}" for line in words or ["(none)"]]


def _last_probe(found: Description | None) -> Sequence[str]:
    """The lines of a container's last health check; none where it passed or never ran."""
    probes = (((found or {}).get("State") or {}).get("Health") or {}).get("Log") or []
    text = str(probes[-1]["Output"]) if probes and probes[-1]["ExitCode"] else ""
    return text.strip().splitlines()[-LOG_LINES:]


def _taken_back(context: Context, stack: Stack, gate: Gate, failure: str) -> OpsError:
    """Go back to the last good release and return the error that tells it."""
    from ops.releases.rollback import roll_back  # noqa: PLC0415 - loads Pulumi: only when a release failed

    again = f"mend the cause and run `bin/fondation up --stack {stack.name}`"
    if not gate.revert:
        return NotRevertedError(f"{failure}\nwhat it left stays, as --no-revert asks; {again}")
    if gate.good is None:
        return NotRevertedError(
            f"{failure}\nit is the first release of the stack, so there is none to go back to; what it left stays for"
            f" you to look at; {again}"
        )
    name = f"#{gate.good.version}"
    context.report("revert", f"the release failed; going back to {name}")
    try:
        roll_back(context, gate.good.version)
    except OpsError as error:
        return NotRevertedError(
            f"{failure}\ngoing back to release {name} failed too: {error}\n"
            f"what runs now:\n{_standing(Stack(context.folders, stack.name))}\n"
            f"mend the cause, then run `bin/fondation rollback {gate.good.version} --stack {stack.name}` to go back, or"
            f" `bin/fondation up --stack {stack.name}` to go on"
        )
    return RevertedError(f"{failure}\nrelease {name} runs again; {again}")


def _standing(stack: Stack) -> str:
    try:
        with docker_objects() as objects:
            lines = [
                _condition(objects, resource.id, str(resource.inputs.get("name")))
                for resource in stack.state().resources
                if resource.type == CONTAINER_TYPE and resource.inputs.get("mustRun", True)
            ]
    except OpsError as error:
        return f"  nobody can tell: {str(error).splitlines()[0]}"
    return "\n".join(lines) or "  nothing"


def _condition(objects: DockerObjects, container_id: str, name: str) -> str:
    found = objects.container(container_id)
    if found is None:
        return f"  {name}: removed"
    state = found["State"]
    health = (state.get("Health") or {}).get("Status", "no health check")
    digest = str((found["Config"].get("Labels") or {}).get(_DIGEST_LABEL, "unknown")).removeprefix("sha256:")[:12]
    return f"  {name}: {state['Status']}, {health}, image digest {digest}"
