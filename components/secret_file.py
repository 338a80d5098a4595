"""A secret as a file: a volume that holds it, delivered by a container that never runs.

Docker takes a secret neither through the environment nor a label without showing it to whoever may inspect a container.
The courier container is created, receives the file into the volume, and is never started; consumers mount the volume
read-only. Docker gives the new volume the owner and the mode of the folder that the courier's image has there, so only
the services' user gets in. It owns the volume and the courier, not the secret's value or rotation.

Not in memory: a tmpfs volume is unmounted, and empty, as soon as no container runs that mounts it (measured).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_docker as docker

from components.hardening import Limits, nproc
from components.image_layout import SECRET, secret_folder, secret_path
from components.volume import Volumes
from course.identity import USER

_LOADING_FOLDER: Final = "/srv/secret"  # images/os/finish.sh makes it: mode 0500, of the services' user
# Of a process that never is: whoever started a courier by hand would find it as confined as a service.
_LIMITS: Final = Limits(memory_mib=16, cpus=0.1, processes=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFileArgs:
    """Arguments of a secret file.

    Attributes:
        volumes: The stack's volumes.
        purpose: Its role: of the volume and the courier, and of the folder that consumers mount the volume on.
        content: The secret.
        courier_image: The OS base, for the folder that it has; nothing of it runs.
        notes: What goes beside the secret and changes with it, by file name; nothing of it is secret.
    """

    volumes: Volumes
    purpose: str
    content: pulumi.Input[str]
    courier_image: str
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the volume and of the courier."""
        return self.volumes.names.of(self.purpose)


class SecretFile(pulumi.ComponentResource):
    """A secret on a volume, readable inside the containers that mount it."""

    def __init__(self, name: str, args: SecretFileArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:SecretFile", name, None, opts)
        self.folder = secret_folder(args.purpose)
        self.path = secret_path(args.purpose)
        volume = args.volumes.declare(f"{name}-volume", args.purpose, pulumi.ResourceOptions(parent=self))
        courier = docker.Container(
            f"{name}-courier",
            name=args.name,
            image=args.courier_image,
            command=["/bin/true"],
            user=USER,
            network_mode="none",
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            security_opts=["no-new-privileges"],
            memory=_LIMITS.memory_mib,
            memory_swap=_LIMITS.memory_mib,
            cpus=str(_LIMITS.cpus),
            ulimits=[nproc(_LIMITS)],
            mounts=[docker.ContainerMountArgs(type="volume", source=volume.name, target=_LOADING_FOLDER)],
            # The provider uploads files as root's: 0444 lets in whom the folder lets in.
            uploads=[
                docker.ContainerUploadArgs(
                    file=f"{_LOADING_FOLDER}/{SECRET}", content=pulumi.Output.secret(args.content), permissions="0444"
                ),
                *(
                    docker.ContainerUploadArgs(file=f"{_LOADING_FOLDER}/{note}", content=text, permissions="0444")
                    for note, text in sorted(args.notes.items())
                ),
            ],
            start=False,
            must_run=False,
            restart="no",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.volume_name = volume.name
        # A new secret makes a new courier. Consumers that read the secret once carry its id in a label and are replaced
        # with it; those that read it at every use do not.
        self.revision = courier.id
        self.register_outputs({"volume": volume.name})
