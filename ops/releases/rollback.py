"""Going back to an earlier release: the recorded inputs of that update are applied again, through `pulumi up`.

Everything that it needs is checked first; what is refused has touched nothing. The checkout, its configuration file
and the selected stack stay as they are, so a plain `up` rolls forward again.
"""

from collections.abc import Mapping, Sequence

from ops.context import Context
from ops.errors import CommandError, NotFoundError, RollbackError
from ops.machine.pulumi_cli import UP_TIMEOUT_S, Pulumi
from ops.releases.database_form import require_readable
from ops.releases.image_sources import image_inputs, require_images
from ops.releases.inline import KIND, serving
from ops.releases.program import Replay
from ops.releases.settings import require_usable, written_settings
from ops.stack.history import History, completed, current_state, open_history, updates
from ops.stack.locks import require_unlocked
from ops.stack.pulumi_output import explained
from ops.stack.release import UNREADABLE, Release, previous, rollback_message
from ops.stack.state import State

_LIST = "`bin/fondation history` lists them"


def roll_back(context: Context, to: int | None = None) -> Release:
    """Apply an earlier release again and return the update that did it, as the history has it.

    Args:
        context: Which stack, and where its progress and Pulumi's output go.
        to: Version in the history; None takes the newest good release with other inputs than what runs now, which
            after a failed update is the last good one.

    Raises:
        NotFoundError: There is no such release.
        RollbackError: The release cannot be applied again; nothing was touched.
        BusyError: Another command is at work on the stack; nothing was touched.
        InterruptedUpdateError: An update was killed before; nothing was touched.
        StackError: The passphrase is wrong (nothing was touched), or Pulumi failed.
        DaemonError: Docker does not answer.
    """
    folders, stack, report = context.folders, context.stack, context.report
    pulumi = Pulumi(folders, stack)
    require_unlocked(folders, stack)
    history = open_history(folders, stack)
    target = choose(updates(history), to, stack)
    state = _state(history, target)
    now = current_state(pulumi)
    generated = folders.checkout / ".fondation" / "replay"
    require_images(target, state)
    require_readable(target, state, stack)
    with written_settings(generated, stack, target, state, now) as settings:
        require_usable(pulumi, target, settings)
        report("rollback", f"to #{target.version}, {_revision(target)}")
        lost = sorted(now.volumes() - state.volumes())
        if lost:
            report("rollback", f"#{target.version} has no volume {', '.join(lost)}: removed with what is in it")
        replay = Replay(
            state=state,
            inputs=image_inputs(state, folders.checkout, generated),
            secrets=settings.secrets,
            aliases=_aliases(state, now),
        )
        with serving(replay) as address:
            arguments = up_arguments(stack, target.version, str(settings.file), address)
            try:
                pulumi.run(*arguments, timeout_s=UP_TIMEOUT_S, on_line=context.show)
            except CommandError as error:
                raise explained(error, stack, shown=True) from error
    done = completed(history, updates(history)[-1])
    report("rollback", f"done: #{done.version} has the inputs of #{target.version}")
    return done


def choose(history: Sequence[Release], to: int | None, stack: str) -> Release:
    """Return the release that is wanted.

    Args:
        history: All updates, oldest first.
        to: Version; None for the previous good release.
        stack: Name of the stack, for messages.

    Raises:
        NotFoundError: There is none.
        RollbackError: It cannot be applied again.
    """
    if not history:
        raise NotFoundError(f"stack {stack} has no history: nothing was deployed yet; `bin/fondation up` does that")
    if to is None:
        found = previous(history)
        if found is None:
            raise NotFoundError(f"stack {stack} has no earlier release that succeeded: {_LIST}")
        return found
    by_version = {update.version: update for update in history}
    if to not in by_version:
        raise NotFoundError(f"stack {stack} has no update #{to}: it has #1 to #{history[-1].version}; {_LIST}")
    target = by_version[to]
    if target.result == UNREADABLE:
        raise RollbackError(f"#{to} cannot be applied again, because its entry cannot be read: {target.problem}")
    if target.kind != "update":
        raise RollbackError(f"#{to} is a {target.kind} and no release: choose another; {_LIST}")
    if not target.is_good:
        raise RollbackError(
            f"#{to} {target.result}, so what it left is not what was wanted: choose one that succeeded; {_LIST}"
        )
    return target


def up_arguments(stack: str, version: int, settings: str, address: str) -> Sequence[str]:
    """Return the arguments of the update that applies a release again."""
    return (
        *("up", "--yes", "--skip-preview", "--stack", stack, "--message", rollback_message(version)),
        *("--config-file", settings, "--client", address, "--exec-kind", KIND),
    )


def _state(history: History, target: Release) -> State:
    try:
        state = history.state(target.version)
    except NotFoundError as error:
        raise RollbackError(f"#{target.version} cannot be applied again: {error}") from error
    read = sorted(item.name for item in state.resources if item.options.get("external"))
    if read:
        raise RollbackError(
            f"#{target.version} cannot be applied again, because it only looked up {', '.join(read)} and did not"
            " declare it: deploy the wanted revision with `bin/pulumi up`"
        )
    return state


def _aliases(state: State, now: State) -> Mapping[str, Sequence[str]]:
    """Return the present names of resources that were renamed since, by their old name."""
    wanted = {item.urn for item in state.resources}
    renamed: dict[str, list[str]] = {}
    for item in now.resources:
        for old in item.options.get("aliases") or ():
            if old in wanted and item.urn not in wanted:
                renamed.setdefault(old, []).append(item.urn)
    return renamed


def _revision(target: Release) -> str:
    if target.revision is None:
        return "made outside a git repository"
    return f"revision {target.revision[:12]}{' with changes' if target.dirty else ''}"
