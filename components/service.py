"""What backend, web and worker have in common: where they run and which secrets they read.

A role's own component adds its environment, volumes and limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.hardening import Limits, Workload
from components.image_chain import BuiltImage
from components.secret_file import SecretFile
from components.stack_names import StackNames
from components.volume import Volumes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceArgs:
    """Surroundings of a service.

    Attributes:
        volumes: The stack's volumes, and with them its names.
        image: Image that it runs.
        network: Id of the stack's network.
        production: Whether NODE_ENV is `production`.
        health_s: Pause between health checks, in seconds.
        secrets: Secret files by the environment variable that holds their path; a changed one replaces the service.
        rotating: The same for secrets that the service reads at every use: a changed one leaves it alone.
    """

    volumes: Volumes
    image: BuiltImage
    network: pulumi.Input[str]
    production: bool
    health_s: int
    secrets: Mapping[str, SecretFile] = field(default_factory=dict)
    rotating: Mapping[str, SecretFile] = field(default_factory=dict)

    @property
    def names(self) -> StackNames:
        """Names of the stack."""
        return self.volumes.names

    def environment(self) -> dict[str, str]:
        """Return the environment that every service gets: its kind and the paths of its secrets."""
        kind = {"NODE_ENV": "production" if self.production else "development"}
        return kind | {variable: secret.path for variable, secret in self._files().items()}

    def secret_volumes(self) -> dict[str, pulumi.Input[str]]:
        """Return the secrets' volumes by the folder that they are mounted on."""
        return {secret.folder: secret.volume_name for secret in self._files().values()}

    def secret_labels(self) -> dict[str, pulumi.Input[str]]:
        """Return labels that change when a secret does that is read once."""
        return {
            f"org.fondation.secret.{variable.lower().replace('_', '-')}": secret.revision
            for variable, secret in self.secrets.items()
        }

    def workload(
        self,
        role: str,
        *,
        probe: Sequence[str],
        environment: Mapping[str, str],
        limits: Limits,
        stop_seconds: int,
        volumes: Mapping[str, pulumi.Input[str]] | None = None,
        command: Sequence[str] | None = None,
    ) -> Workload:
        """Return what runs for a role, whose package the container's command names unless another is given."""
        return Workload(
            name=self.names.of(role),
            image_id=self.image.image_id,
            image_digest=self.image.digest,
            command=[role] if command is None else command,
            probe=probe,
            health_s=self.health_s,
            environment=environment,
            network=self.network,
            volumes=volumes or {},
            limits=limits,
            stop_seconds=stop_seconds,
        )

    def _files(self) -> Mapping[str, SecretFile]:
        return {**self.secrets, **self.rotating}
