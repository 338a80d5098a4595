"""`python -m pulumi_offline.language_host <engine address>`: the plugin process that the engine starts."""

from __future__ import annotations

from pulumi_offline.language_host.server import LanguageHost
from pulumi_offline.plugin import serve
from pulumi_offline.protocol import language_pb2_grpc

if __name__ == "__main__":
    serve(
        "Pulumi language host for Python",
        lambda engine, server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine), server),
    )
