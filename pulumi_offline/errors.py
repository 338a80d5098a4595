"""What can go wrong while an engine is looked for or made.

EngineError
├── ToolchainError   no usable Go, and none could be installed
├── BuildError       the engine could not be built
├── LockError        another process holds the build lock for too long
└── InstallError     the provider could not be installed, or the engine not recorded
"""


class EngineError(Exception):
    """A failure whose message says what to do next."""


class ToolchainError(EngineError):
    """Go is missing or too old and cannot be installed."""


class BuildError(EngineError):
    """`go build` failed."""


class LockError(EngineError):
    """Another build did not end in time."""


class InstallError(EngineError):
    """The engine exists but could not be put to use."""
