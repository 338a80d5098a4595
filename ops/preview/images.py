"""Which images change, and which files changed them: the recorded release beside the checkout's plan."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from components.image_chain import PlannedImage
from ops.preview.report import FileState, ImageChange

CHAIN: Final = "fondation:components:ImageChain"
_FILES: Final = "files"


def recorded_images(steps: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], dict[str, dict[str, str]] | None]:
    """Return the deployed images' digests by role, and the hashes of what each is made from by role and name.

    Args:
        steps: Steps of the engine's preview, unchanged resources included.
    """
    for step in steps:
        if f"::{CHAIN}::" in step["urn"] and step.get("oldState"):
            outputs = step["oldState"].get("outputs") or {}
            digests = {role: value for role, value in outputs.items() if isinstance(value, str)}
            return digests, outputs.get(_FILES)
    return {}, None


def image_changes(
    digests: Mapping[str, str], files: Mapping[str, Mapping[str, str]] | None, planned: Iterable[PlannedImage]
) -> list[ImageChange]:
    """Return the images whose digest differs, in the order of the plan, those that are gone last."""
    contexts = {image.context.role: image.context for image in planned}
    found = []
    for role, context in contexts.items():
        if digests.get(role) != context.digest:
            recorded = (files or {}).get(role)
            found.append(
                ImageChange(
                    role=role,
                    before=digests.get(role),
                    after=context.digest,
                    files=None if recorded is None else compared(recorded, context.files),
                )
            )
    gone = [role for role in digests if role not in contexts]
    return found + [ImageChange(role=role, before=digests[role], after=None, files=None) for role in gone]


def compared(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, FileState]:
    """Return what became of each file that differs, by name."""
    states = {}
    for name in sorted({*before, *after}):
        if name not in before:
            states[name] = FileState.ADDED
        elif name not in after:
            states[name] = FileState.REMOVED
        elif before[name] != after[name]:
            states[name] = FileState.CHANGED
    return states
