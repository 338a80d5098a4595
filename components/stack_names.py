"""Names of a stack's containers, network and volumes, and of the folder that they share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMESPACE: Final = "fondation"
"""Of the keys in a stack's configuration, and the first word of every name."""
# Where imported repositories are, inside the containers that take them.
REPOSITORIES: Final = "/srv/repositories"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackNames:
    """`fondation-<stack>-<role>`: the name says which stack a thing belongs to."""

    stack: str

    def of(self, role: str) -> str:
        """Return the name of what plays a role in the stack."""
        return f"{NAMESPACE}-{self.stack}-{role}"

    def file(self, checkout: Path) -> Path:
        """Return where the stack's configuration is."""
        return checkout / f"Pulumi.{self.stack}.yaml"
