"""A bill of materials as CycloneDX 1.6 JSON. No time and no random number: the same parts give the same bytes."""

import json
import uuid
from collections.abc import Iterable
from typing import Any, Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from ops.audit.bill_packages import Part, Source

_ALGORITHMS: Final = {"sha256": HashAlgorithm.SHA_256, "sha512": HashAlgorithm.SHA_512}
_NAMESPACES: Final = {Source.DEBIAN: "debian", Source.OWN: "fondation"}
_SERIALS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:fondation:sbom")


def document(*, image: str, digest: str, parts: Iterable[Part]) -> str:
    """Return the document.

    Args:
        image: The image's repository and role, without what differs between two builds of the same content.
        digest: Its content digest; the version of what the document describes, and the seed of its serial number.
        parts: What it is made of.
    """
    subject = Component(name=image, version=digest, type=ComponentType.CONTAINER, bom_ref=f"{image}@{digest}")
    bom = Bom(serial_number=uuid.uuid5(_SERIALS, f"{image}@{digest}"))
    bom.metadata.component = subject
    components = [_component(part) for part in parts]
    for component in components:
        bom.components.add(component)
    bom.register_dependency(subject, components)
    written: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    # The library stamps the time of writing; a document that differs each time cannot be compared.
    written["metadata"].pop("timestamp", None)
    return json.dumps(written, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _component(part: Part) -> Component:
    scope, _, name = part.name.rpartition("/")
    purl = PackageURL(
        type=part.source.value,
        namespace=_NAMESPACES.get(part.source, scope or None),
        name=name,
        version=part.version,
        qualifiers=dict(part.qualifiers),
    )
    licences = LicenseFactory()
    # An expression of SPDX stands alone; several statements are kept as they are.
    single = len(part.licences) == 1
    return Component(
        name=name,
        group=scope or None,
        version=part.version,
        type=ComponentType.APPLICATION if part.source is Source.OWN else ComponentType.LIBRARY,
        bom_ref=f"{purl.to_string()}#{part.path}",
        purl=purl,
        licenses=[
            licences.make_from_string(text) if single else licences.make_with_name(text) for text in part.licences
        ],
        hashes=[HashType(alg=_ALGORITHMS[name], content=digest) for name, digest in part.hashes.items()],
        properties=[
            Property(name=f"fondation:{name}", value=value)
            for name, value in (("path", part.path), ("content-sha256", part.content))
            if value
        ],
    )
