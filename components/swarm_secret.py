"""A secret on a swarm: kept by its managers, in memory on the nodes whose tasks read it, and nowhere else.

Swarm's secrets never change. A new content is a new secret under a new name, which replaces the tasks one after
another; so a rotation is a rolling update here.
"""

import base64
from collections.abc import Mapping

import pulumi
import pulumi_docker as docker

from components.image_layout import secret_folder, secret_path
from components.secret_file import SecretFileArgs
from components.stack_secrets import SecretPlan
from course.identity import USER

_UID, _GID = USER.split(":")
_MODE = 0o400


class SwarmSecret(pulumi.ComponentResource):
    """A secret and the notes beside it, as files of a service's tasks.

    Attributes:
        path: The secret's file inside the tasks.
        secrets: References for a task's specification; the file is the worker user's alone.
        configs: The same for the notes.
    """

    def __init__(self, name: str, args: SecretFileArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:SwarmSecret", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        self.path = secret_path(args.purpose)
        # Unnamed, so that the engine makes the next one before it removes the last: a secret in use cannot go.
        secret = docker.Secret(
            f"{args.name}-secret",
            data=pulumi.Output.secret(args.content).apply(_base64),
            opts=own,
        )
        self.secrets = [
            docker.ServiceTaskSpecContainerSpecSecretArgs(
                secret_id=secret.id,
                secret_name=secret.name,
                file_name=self.path,
                file_uid=_UID,
                file_gid=_GID,
                file_mode=_MODE,
            )
        ]
        self.configs = [_note(args, note, text, own) for note, text in sorted(args.notes.items())]
        self.register_outputs({"path": self.path})


def swarm_secrets(plan: SecretPlan) -> Mapping[str, SwarmSecret]:
    """Declare secrets as a swarm's own, by the variable that holds their path."""
    return {variable: SwarmSecret(f"swarm-{args.purpose}", args) for variable, args in plan.items()}


def _note(
    args: SecretFileArgs, note: str, text: str, opts: pulumi.ResourceOptions
) -> docker.ServiceTaskSpecContainerSpecConfigArgs:
    config = docker.ServiceConfig(f"{args.name}-{note}", data=_base64(text), opts=opts)
    return docker.ServiceTaskSpecContainerSpecConfigArgs(
        config_id=config.id,
        config_name=config.name,
        file_name=f"{secret_folder(args.purpose)}/{note}",
        file_uid=_UID,
        file_gid=_GID,
        file_mode=_MODE,
    )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
