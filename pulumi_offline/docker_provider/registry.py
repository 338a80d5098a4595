"""Which resource types there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.container import ContainerResource
from pulumi_offline.docker_provider.image import ImageResource
from pulumi_offline.docker_provider.network import NetworkResource
from pulumi_offline.docker_provider.remote_image import RemoteImageResource
from pulumi_offline.docker_provider.service import ServiceResource
from pulumi_offline.docker_provider.swarm_content import (
    CONFIG_SCHEMA,
    SECRET_SCHEMA,
    ConfigStore,
    ContentResource,
    SecretStore,
)
from pulumi_offline.docker_provider.tag import TagResource
from pulumi_offline.docker_provider.volume import VolumeResource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_offline.docker_provider.resource import Resource


def resources() -> Mapping[str, Resource]:
    """Type token to implementation."""
    return {
        "docker:index/container:Container": ContainerResource(),
        "docker:index/image:Image": ImageResource(),
        "docker:index/network:Network": NetworkResource(),
        "docker:index/remoteImage:RemoteImage": RemoteImageResource(),
        "docker:index/secret:Secret": ContentResource(kind="secret", schema=SECRET_SCHEMA, store=SecretStore()),
        "docker:index/service:Service": ServiceResource(),
        "docker:index/serviceConfig:ServiceConfig": ContentResource(
            kind="config", schema=CONFIG_SCHEMA, store=ConfigStore()
        ),
        "docker:index/tag:Tag": TagResource(),
        "docker:index/volume:Volume": VolumeResource(),
    }
