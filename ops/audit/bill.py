"""The bills of materials of a stack's images."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ops.audit.bill_document import document
from ops.audit.bill_packages import parts_of
from ops.audit.facts import ImageFacts
from ops.audit.inventory import base_images, container_facts, daemon, image_facts, stack_members
from ops.context import Context
from ops.errors import NotFoundError

_VERSION: Final = "org.opencontainers.image.version"
_TITLE: Final = "org.opencontainers.image.title"
_DIGEST: Final = "org.fondation.digest"


def bills(context: Context, roles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield role and document for the named images of a stack, or for all.

    Raises:
        NotFoundError: The stack has no such image.
        DaemonError: The daemon failed.
    """
    members = stack_members(context.folders, context.stack)
    with daemon() as client:
        couriers = [container_facts(client, member) for member in members.containers]
        images = {member.role: member for member in (*base_images(client, couriers), *members.images)}
        unknown = [role for role in roles if role not in images]
        if unknown:
            raise NotFoundError(
                f"stack {context.stack} has no image {', '.join(unknown)}: name some of {', '.join(images)}"
            )
        for role in roles or images:
            context.report("sbom", f"reading {images[role].reference}")
            yield role, bill_of(image_facts(client, images[role]))


def bill_of(image: ImageFacts) -> str:
    """Return the document of one image; it says nothing about which build, daemon or name the content came from."""
    labels = image.labels
    name = labels.get(_TITLE, image.role)
    return document(
        image=name,
        digest=labels.get(_DIGEST) or labels.get(_VERSION, ""),
        parts=parts_of(image.files, labels.get(_VERSION, "")),
    )


def write(bill: str, folder: Path, role: str) -> Path:
    """Write a document to `<role>.cdx.json`, the name that tools look for."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{role}.cdx.json"
    path.write_text(bill, encoding="utf-8")
    return path
