"""The versions that belong together. The Python SDKs are pinned to the same ones in `pyproject.toml`."""

from __future__ import annotations

ENGINE_VERSION = "3.259.0"
DOCKER_PROVIDER_VERSION = "5.1.0"
