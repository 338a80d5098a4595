"""What can go wrong in the provider.

ProviderError
├── DaemonError          the daemon refused or failed; nothing was created
│   └── NotFoundError    the object is not there
├── BuildError           an image build failed; carries the last lines of its output
├── CanceledError        the user interrupted the operation
└── InitializationError  the resource exists but is not usable; its state must be kept
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.values import Properties


class ProviderError(Exception):
    """A failure whose message tells the user what happened and what to do."""


class DaemonError(ProviderError):
    """The Docker daemon refused a request or could not be reached."""


class NotFoundError(DaemonError):
    """The daemon does not have the object."""


class BuildError(ProviderError):
    """An image build ended with an error."""


class CanceledError(ProviderError):
    """The engine asked for the operation to stop."""


class InitializationError(ProviderError):
    """The resource was created but did not become usable: the engine records it and the update fails.

    The message is recorded too, unencrypted, in the state and its history: never give it what a program wrote.
    """

    def __init__(self, message: str, *, resource_id: str, state: Properties) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = state
