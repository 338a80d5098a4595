"""The sandbox: a container that runs examples of repositories, and the two volumes through which it is reached.

It has no network, no secret, no capability, no writable disk and a user of its own. What the worker writes it can only
read, what it writes the worker can only read; both lie in memory, bounded, and are gone with the containers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pulumi

from components.hardening import ContainerSpec, Limits, hardened_container
from components.service import ServiceArgs
from course.identity import SANDBOX_USER_ID, USER_ID

FOLDER: Final = "/srv/sandbox"
_INBOX: Final = f"{FOLDER}/in"
_OUTBOX: Final = f"{FOLDER}/out"
_PROBE: Final = ("/usr/bin/python3", "-m", "sandbox", "probe")
_INBOX_MIB: Final = 64
_OUTBOX_MIB: Final = 32
_LIMITS: Final = Limits(memory_mib=512, cpus=1.0, processes=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a worker mounts to reach the sandbox: volumes by path."""

    writable: Mapping[str, pulumi.Input[str]]
    read_only: Mapping[str, pulumi.Input[str]]


class Sandbox(pulumi.ComponentResource):
    """Runs what the worker hands it.

    Attributes:
        exchange: What the worker mounts.
    """

    exchange: Exchange

    def __init__(self, name: str, service: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:Sandbox", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        volumes = service.volumes
        made_in = volumes.in_memory(f"{name}-in", "sandbox-in", own, size_mib=_INBOX_MIB, user_id=USER_ID)
        made_out = volumes.in_memory(f"{name}-out", "sandbox-out", own, size_mib=_OUTBOX_MIB, user_id=SANDBOX_USER_ID)
        inbox, outbox = made_in.name, made_out.name
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=replace(service, network="none").workload(
                    "sandbox",
                    probe=_PROBE,
                    environment={},
                    volumes={_OUTBOX: outbox},
                    limits=_LIMITS,
                    stop_seconds=5,
                ),
                read_only_volumes={_INBOX: inbox},
                user_id=SANDBOX_USER_ID,
                # Its own process is the first one: nothing that it runs can end it.
                init=False,
                labels={"org.fondation.init": "own"},
                # Empty files cost memory too.
                memory_disks={"/tmp": "size=64m,nr_inodes=20000", "/dev/shm": "size=8m,nr_inodes=200"},  # noqa: S108
            ),
            own,
        )
        self.exchange = Exchange(writable={_INBOX: inbox}, read_only={_OUTBOX: outbox})
        self.register_outputs({"container": self.container.name})
