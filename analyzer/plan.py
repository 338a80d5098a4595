"""The first three step files: abstractions, their relationships, their order. Written and read as contract §4.1 says.

Reading is strict where a chapter would otherwise get lost without a word: an index out of range, a name that no
abstraction has, a number used twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from analyzer.errors import UnreadableInputError
from course.steps import Language

YAML_WIDTH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an abstraction was chosen: what kind of place speaks for it, where, and what it says there."""

    kind: str
    citation: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstraction:
    """A main idea of the code base: its name, what it is, the files that hold it, and why it was chosen."""

    name: str
    description: str
    file_paths: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """How one abstraction depends on another, by their positions in step 1; `evidence` cites a line."""

    source: int
    target: int
    label: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationships:
    """The project in a paragraph of Markdown, and the relationships between its abstractions."""

    summary: str
    items: tuple[Relationship, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """A chapter: its number (from 0, in teaching order), the abstraction's name, and why it stands there."""

    index: int
    name: str
    reasoning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePlan:
    """Everything that the writing steps need to know about the whole course."""

    abstractions: tuple[Abstraction, ...]
    relationships: Relationships
    order: tuple[OrderEntry, ...]

    def abstraction(self, entry: OrderEntry) -> Abstraction:
        """The abstraction that a chapter explains."""
        return next(item for item in self.abstractions if item.name == entry.name)


def dump_abstractions(abstractions: Sequence[Abstraction]) -> str:
    """The text of step1_abstractions.yaml."""
    return _dump([_abstraction(item) for item in abstractions])


def _abstraction(item: Abstraction) -> dict[str, object]:
    found: dict[str, object] = {
        "name": item.name,
        "description": item.description,
        "file_paths": list(item.file_paths),
    }
    if item.evidence:
        found["evidence"] = [
            {"kind": piece.kind, "citation": piece.citation, "says": piece.says} for piece in item.evidence
        ]
    return found


def dump_relationships(relationships: Relationships, *, commit: str, engine: str, language: Language) -> str:
    """The text of step2_relationships.yaml.

    Commit, engine and language are ours, for whoever checks the citations or shows the course later.
    """
    return _dump(
        {
            "summary": relationships.summary,
            "relationships": [
                {
                    "from_abstraction": item.source,
                    "to_abstraction": item.target,
                    "label": item.label,
                    "evidence": item.evidence,
                }
                for item in relationships.items
            ],
            "commit": commit,
            "engine": engine,
            "language": language,
        }
    )


def dump_order(order: Sequence[OrderEntry]) -> str:
    """The text of step3_order.yaml."""
    return _dump(
        {"order": [{"index": entry.index, "name": entry.name, "reasoning": entry.reasoning} for entry in order]}
    )


def load_abstractions(text: str, name: str) -> tuple[Abstraction, ...]:
    """Read step 1; `name` is the file's name for messages.

    Raises:
        UnreadableInputError: not YAML, or not a list of {name, description, file_paths}.
    """
    items = _load(text, name)
    if not isinstance(items, list) or not items:
        raise _malformed(name, "expected a list of abstractions")
    found: list[Abstraction] = []
    for position, item in enumerate(items):
        paths = _field(item, "file_paths", list, name, position)
        found.append(
            Abstraction(
                name=_field(item, "name", str, name, position).strip(),
                description=_field(item, "description", str, name, position).strip(),
                file_paths=tuple(str(path) for path in paths),
            )
        )
    return tuple(found)


def load_relationships(text: str, name: str, count: int) -> Relationships:
    """Read step 2 of a course with `count` abstractions.

    Raises:
        UnreadableInputError: not YAML, not the expected shape, or an index outside step 1.
    """
    content = _load(text, name)
    items = content.get("relationships") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(items, list):
        raise _malformed(name, "expected the keys summary and relationships")
    found: list[Relationship] = []
    for position, item in enumerate(items):
        source = _field(item, "from_abstraction", int, name, position)
        target = _field(item, "to_abstraction", int, name, position)
        if not (0 <= source < count and 0 <= target < count):
            raise _malformed(name, f"relationship {position} points outside the {count} abstractions of step 1")
        label = _field(item, "label", str, name, position).strip()
        evidence = str(item.get("evidence", "")).strip()
        found.append(Relationship(source=source, target=target, label=label, evidence=evidence))
    return Relationships(summary=str(content.get("summary", "")).strip(), items=tuple(found))


def load_order(text: str, name: str, names: Sequence[str]) -> tuple[OrderEntry, ...]:
    """Read step 3; every name must be one of step 1's, every index used once.

    Raises:
        UnreadableInputError: not YAML, not the expected shape, an unknown name or a number used twice.
    """
    content = _load(text, name)
    items = content.get("order") if isinstance(content, dict) else None
    if not isinstance(items, list) or not items:
        raise _malformed(name, "expected the key order with a list")
    found: list[OrderEntry] = []
    for position, item in enumerate(items):
        entry = OrderEntry(
            index=_field(item, "index", int, name, position),
            name=_field(item, "name", str, name, position).strip(),
            reasoning=str(item.get("reasoning", "")).strip(),
        )
        if entry.name not in names:
            raise _malformed(name, f"{entry.name!r} is not the name of an abstraction in step 1")
        if entry.index in {known.index for known in found}:
            raise _malformed(name, f"index {entry.index} is used twice")
        found.append(entry)
    return tuple(sorted(found, key=lambda entry: entry.index))


def _dump(content: object) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=YAML_WIDTH, default_flow_style=False)


def _load(text: str, name: str) -> Any:  # noqa: ANN401 - whatever the file holds; the callers check it
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise _malformed(name, "not YAML") from error


def _field(item: object, key: str, kind: type[Any], name: str, position: int) -> Any:  # noqa: ANN401 - kind says
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _malformed(name, f"item {position} needs {key} as {kind.__name__}")
    return value


def _malformed(name: str, reason: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name}: {reason}", remedy="mend the file, or write it anew with --steps extract,analyze,order"
    )
