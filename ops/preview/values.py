"""What differs in a resource, from the engine's answer: property by property, in words for people.

The engine names whole properties ("labels"); the recorded and the new inputs tell which entry of them it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ops.preview.report import SECRET, UNKNOWN, Cause

_ENGINE_SECRET: Final = "[secret]"  # noqa: S105 - how the engine shows one
# How the engine spells "not known before the update", per kind of value (sdk/go/common/resource/plugin/rpc.go).
_ENGINE_UNKNOWN: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_TOP: Final = re.compile(r'^(?:\["([^"]+)"\]|([^.\[]+))')
# The field that names an entry in a list of objects.
_KEYS: Final = ("label", "target", "name", "file", "internal", "containerPath")
_CHARACTERS: Final = 200
_MOST: Final = 30

Properties = Mapping[str, Any]


def causes(detailed: Mapping[str, Mapping[str, Any]] | None, old: Properties, new: Properties) -> list[Cause]:
    """Return what differs in a resource.

    Args:
        detailed: The engine's differences by property path; None where it gives none, as for a resource that is
            replaced because another one on which it depends is: then every input that differs is a cause.
        old: The recorded state: `inputs` and `outputs`.
        new: The planned state: `inputs`.
    """
    before_inputs, after_inputs = old.get("inputs") or {}, new.get("inputs") or {}
    outputs = old.get("outputs") or {}
    found = []
    for name, replaces in (_named_by(detailed) if detailed else _differing(before_inputs, after_inputs)).items():
        before, after = before_inputs.get(name), after_inputs.get(name)
        if before == after and name in outputs:
            # What the program asks for is what it asked for: the object itself was found different.
            before = outputs[name]
        pairs = list(_pairs(name, before, after)) or [(name, before, after)]
        found += [
            Cause(path=path, before=shown(one), after=shown(other), replaces=replaces)
            for path, one, other in pairs[:_MOST]
        ]
    return found


def _named_by(detailed: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """The top-level properties that the engine's differences are in, and whether they replace the resource."""
    replacing: dict[str, bool] = {}
    for path, difference in detailed.items():
        match = _TOP.match(path)
        name = (match.group(1) or match.group(2)) if match else path
        replacing[name] = replacing.get(name, False) or str(difference.get("kind", "")).endswith("-replace")
    return replacing


def _differing(before: Properties, after: Properties) -> dict[str, bool]:
    if not before or not after:
        return {}
    names = [name for name in {**before, **after} if not name.startswith("__")]
    return {name: True for name in names if before.get(name) != after.get(name)}


def shown(value: object) -> str | None:
    """Return a value as a short text; None for one that is not set."""
    if value is None:
        return None
    if value == _ENGINE_SECRET:
        return SECRET
    if isinstance(value, str):
        return UNKNOWN if value in _ENGINE_UNKNOWN else bounded(value)
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    for spelling in _ENGINE_UNKNOWN:
        text = text.replace(f'"{spelling}"', UNKNOWN)
    return bounded(text)


def bounded(text: str, *, most: int = _CHARACTERS) -> str:
    """Return a text of at most so many characters, 200 by default."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _pairs(name: str, before: object, after: object) -> Iterator[tuple[str, object, object]]:
    """Yield the entries of a property that differ, those of entries too: path, old and new value."""
    old, new = _entries(before), _entries(after)
    if old is None or new is None or not (old or new):
        if before != after:
            yield name, before, after
        return
    for key in [*old, *(key for key in new if key not in old)]:
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _pairs(f"{name}.{key}", old[key], new[key])
        elif old.get(key) != new.get(key):
            yield f"{name}.{key}", old.get(key), new.get(key)


def _entries(value: object) -> dict[str, object] | None:
    """Return a collection's entries by the name that people know them by; None for anything else."""
    match value:
        case None:
            return {}
        case dict():
            return dict(value)
        case list() if all(isinstance(item, str) and "=" in item for item in value):
            return dict(item.partition("=")[::2] for item in value)
        case list() if all(isinstance(item, dict) for item in value):
            return dict(_named(index, item) for index, item in enumerate(value))
        case _:
            return None


def _named(index: int, item: dict[str, object]) -> tuple[str, object]:
    for key in _KEYS:
        if key in item:
            rest = {name: value for name, value in item.items() if name != key}
            return str(item[key]), rest.get("value", rest) if key == "label" else rest
    return str(index), item
