"""The engine's protocol messages, from the Pulumi SDK but without importing the SDK.

`import pulumi` takes half a second (measured), and one update starts six plugin processes. The generated modules of
`pulumi.runtime.proto` need only each other, so they are loaded as a package of their own.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

_PACKAGE = "_pulumi_protocol"


def _module(name: str) -> ModuleType:
    if _PACKAGE not in sys.modules:
        spec = importlib.util.find_spec("pulumi")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("the package pulumi is not installed: run `make prepare`")
        package = ModuleType(_PACKAGE)
        package.__path__ = [str(Path(spec.origin).parent / "runtime" / "proto")]
        sys.modules[_PACKAGE] = package
    return importlib.import_module(f"{_PACKAGE}.{name}")


if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        language_pb2,
        language_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )
else:
    engine_pb2 = _module("engine_pb2")
    engine_pb2_grpc = _module("engine_pb2_grpc")
    language_pb2 = _module("language_pb2")
    language_pb2_grpc = _module("language_pb2_grpc")
    plugin_pb2 = _module("plugin_pb2")
    provider_pb2 = _module("provider_pb2")
    provider_pb2_grpc = _module("provider_pb2_grpc")
    status_pb2 = _module("status_pb2")

# As the SDK's own servers: large messages, and requests that may wait for half an hour before a thread takes them.
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.server_max_unrequested_time_in_server", 30 * 60),
)

__all__ = [
    "CHANNEL_OPTIONS",
    "engine_pb2",
    "engine_pb2_grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
