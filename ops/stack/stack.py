"""A deployed stack: brought up, asked for its outputs, taken down.

Decides nothing about what is in it; that is the program's part.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from components.machine import MachineFolders
from components.stack_names import NAMESPACE, StackNames
from ops.context import Line, stack_keys
from ops.errors import CommandError, NotDeployedError, StackError
from ops.machine.keys import backend_key_file
from ops.machine.ports import Published
from ops.machine.pulumi_cli import UP_TIMEOUT_S, Pulumi
from ops.stack.convex import Convex
from ops.stack.history import current_state
from ops.stack.pulumi_output import explained, not_deployed, resource_changes
from ops.stack.state import State

if TYPE_CHECKING:
    from components.configuration import StackKeys

WEB_TIMEOUT_S: Final = 60.0
AUTH_IMAGE: Final = "images-auth"
"""Name of the resource whose image has the CLI and the means to ask a model."""
_UNKNOWN_STACK: Final = State(resources=(), secrets={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What a stack exports."""

    web_url: str
    convex_url: str
    images: Mapping[str, str]
    release: str
    dashboard_url: str | None = None
    git_hosts: tuple[str, ...] = ()


class Stack:
    """One stack of this checkout.

    Args:
        folders: Where the checkout, Pulumi's state and the development keys are.
        name: The stack's name.
    """

    def __init__(self, folders: MachineFolders, name: str) -> None:
        self._folders = folders
        self._pulumi = Pulumi(folders, name)
        # What Pulumi recorded: asking takes a fifth to half a second, so it is read once per change of this object's.
        self._state: State | None = None
        self.name = name

    def up(
        self,
        *,
        show: Line,
        targets: Sequence[str] = (),
        refresh: bool = False,
        replace: Sequence[str] = (),
        message: str | None = None,
    ) -> dict[str, int]:
        """Deploy the stack and return how many resources were created, updated, unchanged and so on.

        Args:
            show: Receives what Pulumi prints.
            targets: Patterns of resource names (URNs); all others stay as they are.
            refresh: Whether Pulumi first asks the daemon what became of the deployed objects.
            replace: URNs of resources to make anew although nothing in the program changed.
            message: What the stack's history says of the update; by default Pulumi's own choice.

        Raises:
            StackError: Pulumi failed; what it printed was shown.
            BusyError: Another command is at work on the stack.
            InterruptedUpdateError: An update was killed before.
        """
        self._make()
        options = [*(["--refresh"] if refresh else []), *(f"--target={target}" for target in targets)]
        options += [f"--replace={urn}" for urn in replace]
        options += [] if message is None else ["--message", message]
        try:
            output = self._call("up", "--yes", "--skip-preview", *options, timeout_s=UP_TIMEOUT_S, show=show)
        finally:
            self._state = None
        return resource_changes(output)

    def down(self, *, show: Line) -> bool:
        """Remove everything that the stack deployed; return whether there was such a stack.

        Raises:
            StackError: Pulumi failed; what it printed was shown.
        """
        if not self.exists():
            return False
        try:
            self._call("destroy", "--yes", "--skip-preview", timeout_s=UP_TIMEOUT_S, show=show)
        finally:
            self._state = None
        return True

    def state(self, *, fresh: bool = False) -> State:
        """Return what Pulumi recorded of the stack; nothing where it knows no such stack.

        Args:
            fresh: Whether to read it again although this object changed nothing since: others may have.

        Raises:
            StackError: Pulumi cannot tell.
        """
        if fresh or self._state is None:
            try:
                self._state = current_state(self._pulumi)
            except NotDeployedError:
                self._state = _UNKNOWN_STACK
        return self._state

    def exists(self) -> bool:
        """Return whether Pulumi's state knows the stack."""
        return self.state() is not _UNKNOWN_STACK

    def outputs(self) -> Outputs:
        """Return what the stack exports.

        Raises:
            NotDeployedError: It is not deployed.
            StackError: Pulumi failed.
        """
        values = self.state().outputs
        try:
            return Outputs(
                web_url=values["webUrl"],
                convex_url=values["convexUrl"],
                images=values["images"],
                release=str(values["release"]),
                dashboard_url=values.get("dashboardUrl"),
                git_hosts=tuple(values.get("gitHosts") or ()),
            )
        except KeyError as error:
            raise NotDeployedError(not_deployed(self.name)) from error

    def secret(self, key: str) -> str | None:
        """Return one of our secrets in clear, None where the stack has none.

        Raises:
            StackError: The passphrase is wrong.
        """
        return self._call("config", "get", f"{NAMESPACE}:{key}").strip() if self.keys.has(key) else None

    def secrets(self) -> list[str]:
        """Return every secret of the stack in clear, to mask it where text of containers is shown.

        Raises:
            StackError: The passphrase is wrong.
        """
        found = [key] if (key := self._development_key()) is not None else []
        if self.keys.has_secrets:
            self._make()
            entries = json.loads(self._call("config", "--show-secrets", "--json")).values()
            found += [str(entry["value"]) for entry in entries if entry.get("secret")]
        return found

    def set_secret(self, key: str, value: str) -> None:
        """Store one of our secrets, encrypted; it travels on standard input."""
        self._make()
        self._call("config", "set", f"{NAMESPACE}:{key}", "--secret", stdin=value)

    def set_value(self, key: str, value: str | None) -> None:
        """Store a value that is no secret; None removes it."""
        if value is not None:
            self._call("config", "set", f"{NAMESPACE}:{key}", value)
        elif self.keys.has(key):
            self._call("config", "rm", f"{NAMESPACE}:{key}")

    def image_name(self, resource: str) -> str | None:
        """Return the name of a deployed image by its resource's name, None where it was not deployed."""
        found = (item for item in self.state().resources if item.name == resource)
        return next((str(item.outputs["imageName"]) for item in found), None)

    @property
    def file(self) -> Path:
        """The stack's configuration file."""
        return self.names.file(self._folders.checkout)

    def convex(self) -> Convex:
        """Return the stack's backend, with the key for writing."""
        return Convex(self.outputs().convex_url, self._key(), ca_bundle=self.keys.ca_bundle)

    def published(self) -> list[Published]:
        """Return the ports that the stack publishes, as configured."""
        keys = self.keys
        ports = {"webPort": (keys.web_port, "web")}
        if keys.convex_url is None:
            ports["backendPort"] = (keys.backend_port, "backend")
        if keys.monitoring:
            ports["prometheusPort"] = (keys.prometheus_port, "prometheus")
        return [
            Published(port=port, key=f"{NAMESPACE}:{key}", container=self.names.of(role))
            for key, (port, role) in ports.items()
        ]

    @property
    def keys(self) -> "StackKeys":
        """The stack's configuration, as `stack_keys` returns it."""
        return stack_keys(self._folders, self.name)

    @property
    def names(self) -> StackNames:
        """The names of what the stack deploys."""
        return StackNames(stack=self.name)

    def _key(self) -> str | None:
        return key if (key := self.secret("backendKey")) is not None else self._development_key()

    def _development_key(self) -> str | None:
        file = backend_key_file(self._folders)
        return file.read_text(encoding="ascii").strip() if file.is_file() else None

    def _make(self) -> None:
        if not self.exists():
            self._call("stack", "init", self.name, "--no-select", with_stack=False)
            self._state = None

    def _call(
        self,
        *arguments: str,
        timeout_s: float = 120.0,
        show: Line | None = None,
        with_stack: bool = True,
        stdin: str = "",
    ) -> str:
        stack = ("--stack", self.name) if with_stack else ()
        try:
            return self._pulumi.run(*arguments, *stack, timeout_s=timeout_s, on_line=show, stdin=stdin)
        except CommandError as error:
            raise explained(error, self.name, shown=show is not None) from error


def wait_for_web(
    url: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    timeout_s: float = WEB_TIMEOUT_S,
) -> None:
    """Wait until the web page answers.

    Raises:
        StackError: It does not, in time.
    """
    import httpx  # noqa: PLC0415 - a third of a second that other commands do not need

    deadline = clock() + timeout_s
    reason = "no answer"
    with httpx.Client(timeout=5, trust_env=False) as http:
        while clock() < deadline:
            try:
                response = http.get(f"{url}/health")
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            else:
                if response.is_success:
                    return
                reason = f"HTTP {response.status_code}"
            sleep(0.25)
    raise StackError(f"{url} does not answer after {timeout_s:.0f} s ({reason}): `bin/fondation logs web` shows why")
