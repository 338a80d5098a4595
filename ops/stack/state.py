"""The state of a deployment as Pulumi recorded it: resources with their inputs, outputs and references."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

STACK_TYPE: Final = "pulumi:pulumi:Stack"
IMAGE_TYPE: Final = "docker:index/image:Image"
VOLUME_TYPE: Final = "docker:index/volume:Volume"
_PROVIDER_PREFIX: Final = "pulumi:providers:"
_DEFAULT_PROVIDER: Final = "default"
# Pulumi marks every special value with this key; a secret has the signature below under it.
_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker that Pulumi publishes
_VERSIONS: Final = frozenset({3, 4})


class StateError(ValueError):
    """A recorded state is not of a form that this module knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One resource of a state.

    Attributes:
        inputs: As its provider accepted them; empty for a component.
        depends_on: URNs that it waits for.
        sources: URNs whose outputs an input was made from, by the input's name.
        options: Other entries of the resource, such as `protect`, by their name in the state.
    """

    urn: str
    type: str
    custom: bool
    id: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    depends_on: Sequence[str]
    sources: Mapping[str, Sequence[str]]
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider."""
        return self.type.startswith(_PROVIDER_PREFIX)

    @property
    def is_default_provider(self) -> bool:
        """Whether it is a provider that Pulumi adds by itself."""
        return self.is_provider and self.name.startswith(_DEFAULT_PROVIDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Resources in an order in which each comes after those that it needs.

    `interrupted` has the names of what an update that was killed had begun to make.
    """

    resources: Sequence[Recorded]
    secrets: Mapping[str, Any]
    interrupted: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Return the state in a checkpoint file or in what `pulumi stack export` prints.

        Raises:
            StateError: It is neither.
        """
        try:
            if document["version"] not in _VERSIONS:
                raise StateError(f"its version is {document['version']}, and only {sorted(_VERSIONS)} are known")
            content = document["deployment"] if "deployment" in document else document["checkpoint"]["latest"]
            content = content or {}
            return cls(
                resources=[
                    _recorded(entry) for entry in content.get("resources") or [] if not entry.get("delete", False)
                ],
                secrets=content.get("secrets_providers") or {},
                interrupted=frozenset(
                    str((operation["resource"].get("inputs") or {}).get("name"))
                    for operation in content.get("pending_operations") or []
                ),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise StateError(f"it is not a state of Pulumi ({type(error).__name__}: {error})") from error

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the stack exports."""
        return next((item.outputs for item in self.resources if item.type == STACK_TYPE), {})

    def images(self) -> Mapping[str, Recorded]:
        """Return the images that the stack builds, by name."""
        return {str(item.inputs["imageName"]): item for item in self.resources if item.type == IMAGE_TYPE}

    def foreign_images(self) -> frozenset[str]:
        """Return names and ids of images that are used but not made by a resource: the program named them itself."""
        return frozenset(
            image
            for item in self.resources
            if item.type != IMAGE_TYPE
            for name, value in item.inputs.items()
            if not item.sources.get(name)
            for image in _images_in({name: value})
        )

    def volumes(self) -> frozenset[str]:
        """Return the names of the volumes, which hold data."""
        return frozenset(item.id for item in self.resources if item.type == VOLUME_TYPE)


def ciphertext_of(value: object) -> str | None:
    """Return the ciphertext of a recorded secret; None for anything else."""
    if isinstance(value, dict) and value.get(_SIGNATURE_KEY) == _SECRET_SIGNATURE:
        found = value.get("ciphertext")
        return str(found) if found is not None else None
    return None


def without_ciphertexts(value: object) -> object:
    """Return a recorded value with every secret in it as the mere fact that there is one."""
    if ciphertext_of(value) is not None:
        return _SECRET_SIGNATURE
    if isinstance(value, dict):
        return {key: without_ciphertexts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_ciphertexts(part) for part in value]
    return value


def ciphertexts(state: State) -> Sequence[str]:
    """Return every different ciphertext among inputs and outputs that a replay needs, in a stable order."""
    found: dict[str, None] = {}
    for item in state.resources:
        for value in (item.inputs, {} if item.custom else item.outputs):
            found |= dict.fromkeys(_ciphertexts_in(value))
    return list(found)


def _ciphertexts_in(value: object) -> Iterator[str]:
    ciphertext = ciphertext_of(value)
    if ciphertext is not None:
        yield ciphertext
    elif isinstance(value, dict):
        for part in value.values():
            yield from _ciphertexts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _ciphertexts_in(part)


def _images_in(value: object) -> Iterator[str]:
    """Yield what stands under the key `image`, at any depth: containers and services name their image there."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "image" and isinstance(part, str):
                yield part
            else:
                yield from _images_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _images_in(part)


def _recorded(entry: Mapping[str, Any]) -> Recorded:
    return Recorded(
        urn=entry["urn"],
        type=entry["type"],
        custom=bool(entry.get("custom")),
        id=entry.get("id", ""),
        parent=entry.get("parent", ""),
        provider=entry.get("provider", ""),
        inputs=entry.get("inputs") or {},
        outputs=entry.get("outputs") or {},
        depends_on=entry.get("dependencies") or [],
        sources=entry.get("propertyDependencies") or {},
        options=entry,
    )
