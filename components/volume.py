"""The volumes of a stack: named for their role, labelled with whose they are."""

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
        return docker.Volume(
            resource_name,
            name=self.names.of(role),
            labels=[
                docker.VolumeLabelArgs(label=label, value=value) for label, value in sorted(self.owner.labels().items())
            ],
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["labels"])),
        )
