"""The items of the CIS Docker Benchmark 1.6, sections 4 and 5: which there are, and where we depart from them.

Titles are in our own words. Which checks prove an item is said by the checks; an item without one is for a person, and
its note says what to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item; `exception` says why it is not met to the letter and what stands in, `note` how a person judges it."""

    number: str
    title: str
    exception: str = ""
    note: str = ""


_RESTART: Final = (
    "containers restart `unless-stopped`: with `on-failure:5` a stack stays down after its host or daemon restarts."
    " A crash loop is slowed by the daemon's growing pause, shows in the health check and fails a deployment"
)
_PIDS: Final = (
    "Pulumi's Docker provider has no property for the pids limit; an `nproc` ulimit bounds the processes of the"
    " containers' user instead, lowest for the worker, so that a runaway analysis cannot starve the others"
)
_TRUST: Final = (
    "by other means: the docker client's setting governs pulls and pushes by name, and a deployment does"
    " neither. Checked is that containers run image ids and carry the digest of the content"
)

ITEMS: Final[Sequence[Item]] = (
    Item(number="4.1", title="A user other than root"),
    Item(number="4.2", title="A base image that is known"),
    Item(number="4.3", title="No package that is not needed"),
    Item(
        number="4.4",
        title="Images are scanned and rebuilt",
        note="records for scanners are checked; scan the lists of `bin/fondation sbom` with a tool of yours",
    ),
    Item(number="4.5", title="Content trust", note=_TRUST),
    Item(
        number="4.6",
        title="A health check in the image",
        note="the OS base has none: nothing runs it, and an image that forgets its own is found out",
    ),
    Item(number="4.7", title="Package lists are not updated in a layer of their own"),
    Item(number="4.8", title="No setuid, no setgid"),
    Item(number="4.9", title="COPY, not ADD"),
    Item(number="4.10", title="No secret in a build"),
    Item(number="4.11", title="Only verified packages"),
    Item(
        number="4.12",
        title="Signed artifacts are validated",
        note="Debian's archive is verified by its keys, wheels and npm files by hashes in the lock files",
    ),
    Item(
        number="5.1",
        title="No swarm where none is needed",
        note="`docker info` says; the audit does not judge the host",
    ),
    Item(number="5.2", title="An AppArmor profile, where the daemon has AppArmor"),
    Item(number="5.3", title="SELinux options, where the daemon has SELinux"),
    Item(number="5.4", title="Few kernel capabilities"),
    Item(number="5.5", title="No privileged container"),
    Item(number="5.6", title="No sensitive folder of the host"),
    Item(number="5.7", title="No sshd"),
    Item(number="5.8", title="No privileged port"),
    Item(number="5.9", title="Only ports that are needed"),
    Item(number="5.10", title="Not the host's network"),
    Item(number="5.11", title="Limited memory"),
    Item(number="5.12", title="A limited share of the processor"),
    Item(number="5.13", title="A read-only root file system"),
    Item(number="5.14", title="Ports on one interface of the host"),
    Item(number="5.15", title="Restart on failure, five times at most", exception=_RESTART),
    Item(number="5.16", title="Not the host's processes"),
    Item(number="5.17", title="Not the host's IPC"),
    Item(number="5.18", title="No device of the host"),
    Item(
        number="5.19",
        title="Default ulimits, overridden where needed",
        note="the `nproc` ulimit of 5.29 is the only one that a service needs",
    ),
    Item(number="5.20", title="No shared mount propagation"),
    Item(number="5.21", title="Not the host's UTS namespace"),
    Item(number="5.22", title="The default system call filter"),
    Item(number="5.23", title="No privileged command started beside"),
    Item(number="5.24", title="No command started beside as root"),
    Item(number="5.25", title="Its own cgroup"),
    Item(number="5.26", title="No way to gain privileges"),
    Item(number="5.27", title="Health is checked at run time"),
    Item(number="5.28", title="The current version of the image"),
    Item(number="5.29", title="A pids limit", exception=_PIDS),
    Item(number="5.30", title="Not the default bridge"),
    Item(number="5.31", title="Not the host's user namespace"),
    Item(number="5.32", title="No Docker socket"),
)
