"""The three reference files as tables; a file of another shape is shown as it is.

The contract stores them as JSON text (§3.6); people get them as YAML, the form they were written in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import yaml
from markupsafe import Markup

from course.documents import Document
from course.layout import ABSTRACTIONS_FILE, ORDER_FILE, RELATIONSHIPS_FILE
from web.outline import Outline, reference_value
from web.rendering import Context, Renderer

_COLUMNS: Final = {
    ABSTRACTIONS_FILE: ("reference_name", "reference_description", "reference_files"),
    RELATIONSHIPS_FILE: ("reference_from", "reference_relation", "reference_to", "reference_evidence"),
    ORDER_FILE: ("reference_name", "reference_reasoning"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """A reference ready for a page; `columns` are keys of the catalogue, empty where there is no table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Markup, ...], ...]
    summary: Markup
    code: Markup


def reference_view(document: Document, course: Outline, renderer: Renderer, context: Context) -> ReferenceView:
    """Return what the page of a reference shows."""
    value = reference_value(document)
    rows = _rows(document.slug, value, course)
    text = document.content if value is None else yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
    is_relationships = document.slug == RELATIONSHIPS_FILE
    return ReferenceView(
        columns=_COLUMNS[document.slug] if rows else (),
        rows=tuple(tuple(renderer.render_inline(cell, context) for cell in row) for row in rows),
        summary=renderer.render(course.summary, context).html if is_relationships else Markup(),
        code=Markup(renderer.highlighter.html(text, "yaml")),  # noqa: S704 - the highlighter escapes
    )


def _rows(slug: str, value: object, course: Outline) -> list[tuple[str, ...]]:
    if slug == ABSTRACTIONS_FILE:
        return [
            (_text(item, "name"), _text(item, "description"), _files(item.get("file_paths")))
            for item in _mappings(value)
        ]
    if slug == RELATIONSHIPS_FILE and isinstance(value, Mapping):
        names = _names(course)
        return [
            (
                _name(names, item.get("from_abstraction")),
                _text(item, "label"),
                _name(names, item.get("to_abstraction")),
                _text(item, "evidence"),
            )
            for item in _mappings(value.get("relationships"))
        ]
    if slug == ORDER_FILE and isinstance(value, Mapping):
        return [(_text(item, "name"), _text(item, "reasoning")) for item in _mappings(value.get("order"))]
    return []


def _names(course: Outline) -> list[str]:
    abstractions = course.find(ABSTRACTIONS_FILE)
    return [_text(item, "name") for item in _mappings(reference_value(abstractions.document if abstractions else None))]


def _name(names: Sequence[str], index: object) -> str:
    if isinstance(index, int) and 0 <= index < len(names):
        return names[index]
    return "" if index is None else str(index)


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(item: Mapping[str, object], key: str) -> str:
    value = item.get(key)
    return " ".join(str(value).split()) if value is not None else ""


def _files(value: object) -> str:
    # A back quote cannot be escaped inside code; such a path is shown as text.
    paths = [str(path) for path in value] if isinstance(value, list) else []
    return " ".join(path if "`" in path else f"`{path}`" for path in paths)
