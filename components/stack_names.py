"""Names of a stack's containers, network and volumes, and of the folder that they share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMESPACE: Final = "fondation"
"""Of the keys in a stack's configuration, and the first word of every name."""
# Where imported repositories are, inside the containers that take them.
REPOSITORIES: Final = "/srv/repositories"


ROLES: Final = (
    "backend",
    "backend-key",
    "claude-token",
    "network",
    "prometheus",
    "repositories",
    "sandbox",
    "sandbox-in",
    "sandbox-out",
    "web",
    "web-token",
    "worker",
)
"""Everything that a stack may have a container, a network, a volume or a service for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackNames:
    """`fondation-<stack>-<role>`: the name says which stack a thing belongs to."""

    stack: str

    def of(self, role: str) -> str:
        """Return the name of what plays a role in the stack."""
        return f"{NAMESPACE}-{self.stack}-{role}"

    def all(self) -> frozenset[str]:
        """Return the names of everything that the stack may have."""
        return frozenset(map(self.of, ROLES))

    def file(self, checkout: Path) -> Path:
        """Return where the stack's configuration is."""
        return checkout / f"Pulumi.{self.stack}.yaml"
