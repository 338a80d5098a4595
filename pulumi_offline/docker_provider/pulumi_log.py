"""The engine's log service, as seen by one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc  # type: ignore[import-untyped]  # it ships no types

from pulumi_offline.protocol import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_offline.docker_provider.resource import Log


class ResourceLog:
    """Sends lines about one resource; a line that cannot be sent is dropped, it must not fail the operation."""

    def __init__(self, engine: engine_pb2_grpc.EngineStub, urn: str) -> None:
        self._engine = engine
        self._urn = urn

    def status(self, message: str) -> None:
        """See `Log`."""
        self._send(engine_pb2.INFO, message, ephemeral=True)

    def warning(self, message: str) -> None:
        """See `Log`."""
        self._send(engine_pb2.WARNING, message, ephemeral=False)

    def _send(self, severity: engine_pb2.LogSeverity.ValueType, message: str, *, ephemeral: bool) -> None:
        try:
            self._engine.Log(
                engine_pb2.LogRequest(severity=severity, message=message, urn=self._urn, ephemeral=ephemeral)
            )
        except grpc.RpcError:
            return


def logs(engine_address: str) -> Callable[[str], Log]:
    """A maker of logs over one connection, which opens on first use."""
    engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine_address))
    return lambda urn: ResourceLog(engine, urn)
