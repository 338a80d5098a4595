"""`python -m pulumi_offline.docker_provider <engine address>`: the plugin process that the engine starts."""

from __future__ import annotations

from pulumi_offline.docker_provider.provider import DockerProvider
from pulumi_offline.docker_provider.pulumi_log import logs
from pulumi_offline.docker_provider.registry import resources
from pulumi_offline.plugin import serve
from pulumi_offline.protocol import provider_pb2_grpc

if __name__ == "__main__":
    serve(
        "Docker provider",
        lambda engine, server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(
            DockerProvider(resources=resources(), log=logs(engine)), server
        ),
    )
