"""The files that list pages in reading order: MkDocs' and DocFX' in YAML, Fumadocs' in JSON, side bars in JavaScript.

Each reader gets the folder that the file lies in, and yields the known pages that the file names.
"""

import json
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import yaml

from analyzer.documentation.roles import SUFFIXES

CONTENTS_MAX_DEPTH: Final = 12
GROUP_LEVEL: Final = 2  # a group of pages in a group of the contents
_QUOTED: Final = re.compile(r"[\"'`]([^\"'`\s]{1,200})[\"'`]")
_INDEX: Final = re.compile(r"(^|/)(index|README)\.md$")


class _ContentsLoader(yaml.SafeLoader):
    """A safe loader that takes the tags of MkDocs' plug-ins for nothing, and refuses aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


_ContentsLoader.add_multi_constructor("", lambda _loader, _suffix, _node: None)


def from_mkdocs(folder: str, lines: Sequence[str], pages: Collection[str]) -> Iterable[tuple[str, int]]:
    """The pages with their depths: beside an index lie the parts of what that is about."""
    try:
        content: Any = yaml.load("\n".join(lines), Loader=_ContentsLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    if not isinstance(content, dict):
        return
    base = posixpath.join(folder, str(content.get("docs_dir") or "docs"))
    stack: list[tuple[Any, int, int]] = [(content.get("nav"), 0, 0)]
    while stack:
        item, depth, level = stack.pop()
        if isinstance(item, str):
            path = posixpath.normpath(posixpath.join(base, item))
            if path in pages:
                yield path, depth
        elif isinstance(item, dict):
            stack.extend((value, depth, level) for value in reversed(list(item.values())))
        elif isinstance(item, list):
            indices = [entry for entry in item if _INDEX.search(_target(entry))]
            is_told = level >= GROUP_LEVEL and bool(indices)
            below = ((entry, depth + (is_told and entry not in indices), level + 1) for entry in reversed(item))
            stack.extend(below)


def _target(entry: Any) -> str:  # noqa: ANN401 - what YAML holds
    """The page that an entry of a list names, with or without a title; empty for a list of its own."""
    value = next(iter(entry.values()), "") if isinstance(entry, dict) else entry
    return value if isinstance(value, str) else ""


def from_toc(folder: str, texts: Mapping[str, Sequence[str]], pages: Collection[str], steps: int = 0) -> Iterable[str]:
    """The pages that DocFX's `toc.yml` of a folder lists, with those of the folders that it leads to."""
    try:
        content: Any = yaml.load("\n".join(texts.get(f"{folder}/toc.yml", ())), Loader=_ContentsLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    stack = [content.get("items") if isinstance(content, dict) else content]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            stack.append(item.get("items"))
            written = item.get("href")
            target = posixpath.normpath(posixpath.join(folder, written)) if isinstance(written, str) else ""
            if target in pages:
                yield target
            elif target and steps < CONTENTS_MAX_DEPTH:
                yield from from_toc(target.removesuffix("/toc.yml"), texts, pages, steps + 1)


def from_meta(folder: str, lines: Sequence[str], pages: Collection[str]) -> Iterable[str]:
    """The pages that Fumadocs' `meta.json` lists."""
    try:
        content = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return
    listed = content.get("pages") if isinstance(content, dict) else None
    for written in listed if isinstance(listed, list) else ():
        if isinstance(written, str) and (path := page_at(posixpath.join(folder, written), pages)):
            yield path


def from_sidebar(folder: str, lines: Sequence[str], pages: Collection[str]) -> Iterable[str]:
    """The pages that a side bar written in JavaScript or TypeScript quotes, whatever else the file does."""
    bases = [folder, posixpath.join(folder, "docs"), posixpath.dirname(folder), "docs"]
    for line in lines:
        for written in _QUOTED.findall(line):
            for base in bases:
                if path := page_at(posixpath.join(base, written.lstrip("/")), pages):
                    yield path
                    break


def page_at(path: str, pages: Collection[str]) -> str | None:
    """The page that a link leads to which may leave out the ending, or name a folder."""
    normal = posixpath.normpath(path)
    for candidate in (normal, *(normal + suffix for suffix in SUFFIXES), *(f"{normal}/index{s}" for s in SUFFIXES)):
        if candidate in pages:
            return candidate
    return None
