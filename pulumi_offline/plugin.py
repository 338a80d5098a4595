"""A plugin process: serves one gRPC service until the engine ends it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc  # type: ignore[import-untyped]  # it ships no types

from pulumi_offline.protocol import CHANNEL_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

_THREADS = 32  # more than the engine's default of 16 operations at a time
_ENGINE_CHECK_S = 0.5


def serve(description: str, add_service: Callable[[str, Any], None]) -> None:
    """Parse the engine's arguments, serve, and print the port as the first line on standard output.

    `add_service` gets the engine's own address and the gRPC server.
    """
    engine_process = os.getppid()
    parser = argparse.ArgumentParser(description=f"{description}; started by the Pulumi engine")
    parser.add_argument("engine", help="address of the engine's log service")
    arguments, _ = parser.parse_known_args()
    # The engine ends its plugins with SIGINT and waits for them: leave at once, and without a traceback.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), options=CHANNEL_OPTIONS)
    add_service(arguments.engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while server.wait_for_termination(timeout=_ENGINE_CHECK_S):
        if os.getppid() != engine_process:
            os._exit(1)  # the engine was killed: whatever this process went on doing, no state would record it
