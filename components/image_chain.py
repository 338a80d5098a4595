"""The images: three in a chain for CLI and worker, one for backend and web, and the names that people know them by.

Each image's own name carries its content digest; the well-known names are tags that point at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.digest import Digest
from components.image_context import ImageContext


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedImage:
    """A staged context with the well-known names of its image."""

    context: ImageContext
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image of the stack: its local id, which containers run, and its content digest, known before it is built."""

    image_id: pulumi.Output[str]
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChainArgs:
    """Images in the order in which they build on each other, and the platform that they are built for."""

    images: Sequence[PlannedImage]
    platform: str | None = None


class ImageChain(pulumi.ComponentResource):
    """Builds images one on the other, without a network, and tags them.

    Attributes:
        built: The images by role.
    """

    built: Mapping[str, BuiltImage]

    def __init__(self, name: str, args: ImageChainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:ImageChain", name, None, opts)
        built: dict[str, BuiltImage] = {}
        previous: list[pulumi.Resource] = []
        for planned in args.images:
            context = planned.context
            image = docker.Image(
                f"{name}-{context.role}",
                image_name=context.image_name,
                build=docker.DockerBuildArgs(
                    context=context.folder,
                    dockerfile=f"{context.folder}/Dockerfile",
                    args=dict(context.build_args),
                    network="none",
                    # Said, since Pulumi's own provider asks for it at every preview.
                    platform=args.platform,
                ),
                skip_push=True,
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(previous)),
            )
            previous = [image]
            for tag in planned.tags:
                docker.Tag(
                    f"{name}-{context.role}-{tag.rpartition(':')[2]}",
                    source_image=image.image_name,
                    target_image=tag,
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[image]),
                )
            built[context.role] = BuiltImage(image_id=image.repo_digest, digest=context.digest)
        self.built = built
        # What each image was made from stays in the state, so that a later preview can name the files that changed.
        files = {planned.context.role: dict(planned.context.files) for planned in args.images}
        self.register_outputs({**{role: image.digest for role, image in built.items()}, "files": files})
