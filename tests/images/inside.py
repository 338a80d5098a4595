"""A container seen from inside with testinfra, and what a case about it is.

What several cases read is read once per container: starting a process in it costs a tenth of a second.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from testinfra.host import Host

DEVELOPMENT, PRODUCTION = "development", "production"
ENVIRONMENTS = (DEVELOPMENT, PRODUCTION)
# The images in the order in which they build on each other; a parent's cases run on every child.
CHAIN = ("base", "auth", "worker")
IMAGES = (*CHAIN, "web")
SERVICES = ("worker", "web", "backend")
CALLERS = ("worker", "web")
"""What calls the backend, and all that runs in production."""

Look = Callable[["Inside"], str | None]
"""What is wrong, None when nothing is."""


class Inside:
    """One running container.

    Args:
        host: testinfra's view of it.
        role: What it is in the stack.
        environment: What the stack is for.
        secrets: The secrets that it may read, by the file that holds each.
    """

    def __init__(self, host: Host, *, role: str, environment: str, secrets: Mapping[str, str]) -> None:
        self.host = host
        self.role = role
        self.environment = environment
        self.secrets = secrets

    @property
    def is_production(self) -> bool:
        """Whether its stack is a production one."""
        return self.environment == PRODUCTION

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """The environment that it was started with."""
        found: dict[str, str] = self.host.environment()
        return found

    @cached_property
    def mounts(self) -> Mapping[str, Sequence[str]]:
        """The options of what is mounted, by its path; device and file system are the first two."""
        found = self.host.mount_point.get_mountpoints()
        return {mount.path: (mount.device, mount.filesystem, *mount.options) for mount in found}

    @cached_property
    def status(self) -> Mapping[str, str]:
        """The fields that the kernel shows of the first process."""
        text = self.host.file("/proc/1/status").content_string
        return dict(re.findall(r"^(\w+):\t(.*)$", text, re.MULTILINE))

    @cached_property
    def paths(self) -> Sequence["Path"]:
        """All files and folders of its root file system that may be read."""
        # The user may not look into root's home.
        listed = self.host.run(r"find / -xdev -printf '%y %m %u %p\n' 2>/dev/null").stdout
        return [Path(*line.split(" ", 3)) for line in listed.splitlines()]


@dataclass(frozen=True, slots=True)
class Path:
    """A file or folder: type and mode as find prints them, owner, path."""

    type: str
    mode: str
    owner: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fact that has to hold in containers of some roles."""

    name: str
    says: str
    look: Look
    roles: Sequence[str]
    environments: Sequence[str] = field(default=ENVIRONMENTS)


def roles_of(case: Case, environment: str) -> Sequence[str]:
    """Return the containers of an environment that a case looks into.

    In production the images below the worker's run nowhere; the worker's holds all of their layers.
    """
    running = CALLERS if environment == PRODUCTION else (*CHAIN, "web", "backend")
    return [role for role in case.roles if role in running] if environment in case.environments else []


def cells(cases: Sequence[Case]) -> Iterator[tuple[str, Case]]:
    """Yield every environment with every case that holds in it."""
    for environment in ENVIRONMENTS:
        yield from ((environment, case) for case in cases if roles_of(case, environment))


def problem(found: Sequence[str], what: str) -> str | None:
    """Return a problem that names the first things that were found, None when there are none."""
    return f"{what}: {', '.join(found[:5])}" if found else None
