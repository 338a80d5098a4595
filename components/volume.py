"""The volumes of a stack: named for their role, labelled with whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.ownership import Owner
from components.stack_names import StackNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """Declares a stack's volumes.

    Attributes:
        names: Names of the stack.
        owner: Whose they are.
    """

    names: StackNames
    owner: Owner

    def declare(self, resource_name: str, role: str, opts: pulumi.ResourceOptions) -> docker.Volume:
        """Declare the volume of a role.

        Its labels are ignored in every later update: a volume that has others, or none, as those that were made before
        there were any, keeps them and what is in it.
        """
        return self._volume(resource_name, role, opts)

    def in_memory(
        self, resource_name: str, role: str, opts: pulumi.ResourceOptions, *, size_mib: int, user_id: int
    ) -> docker.Volume:
        """Declare a volume in memory: bounded, of one user, without programs, gone when no container mounts it.

        A volume cannot be replaced while something mounts it, so one with other options needs another role.
        """
        options = f"size={size_mib}m,nr_inodes=2000,mode=0755,uid={user_id},gid={user_id},nosuid,nodev,noexec"
        return self._volume(resource_name, role, opts, {"type": "tmpfs", "device": "tmpfs", "o": options})

    def _volume(
        self,
        resource_name: str,
        role: str,
        opts: pulumi.ResourceOptions,
        driver_opts: Mapping[str, str] | None = None,
    ) -> docker.Volume:
        return docker.Volume(
            resource_name,
            name=self.names.of(role),
            driver="local" if driver_opts else None,
            driver_opts=driver_opts,
            labels=[
                docker.VolumeLabelArgs(label=label, value=value) for label, value in sorted(self.owner.labels().items())
            ],
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["labels"])),
        )
