"""Names of a stack's containers, network and volumes, and of the folder that they share."""

from dataclasses import dataclass
from typing import Final

# Where imported repositories are, inside the containers that take them.
REPOSITORIES: Final = "/srv/repositories"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackNames:
    """`fondation-<stack>-<role>`: the name says which stack a thing belongs to."""

    stack: str

    def of(self, role: str) -> str:
        """Return the name of what plays a role in the stack."""
        return f"fondation-{self.stack}-{role}"
