"""What holds for containers that answer one question and go: no capability, no privilege to gain, few processes.

Memory and network are the caller's to limit, and so is its removal.
"""

from collections.abc import Mapping
from typing import Any, Final

CONFINED: Final[Mapping[str, Any]] = {
    "init": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 256,
    "healthcheck": {"test": ["NONE"]},
}
"""Options of `docker.DockerClient.containers.create`."""
