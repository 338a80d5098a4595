"""The order in which a documentation's authors want its pages read.

It comes from navigation files where there are any: `mkdocs.yml`, Sphinx's tables of contents, mdBook's, Antora's,
DocFX's and Fumadocs' lists, DocC's topics, the side bars of Docusaurus, VitePress and Docsify; then from numbers in
names, else from a README that lists its folder.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from analyzer.code.roles import EXAMPLE_FOLDERS
from analyzer.documentation.contents_files import (
    CONTENTS_MAX_DEPTH,
    from_meta,
    from_mkdocs,
    from_sidebar,
    from_toc,
    page_at,
)
from analyzer.documentation.model import Page, PageRole
from analyzer.documentation.roles import is_readme

LIST_WORDS: Final = 150
ENTRIES_MIN: Final = 8
BESIDE_MIN: Final = 3
LISTED_SHARE: Final = 0.6
ENTRY_WORDS: Final = 200
_ROOTS: Final = ("docs", "doc", "")
_LISTS: Final = re.compile(r"^(SUMMARY\.md|nav\.adoc|_?sidebar\.md)$")
_NUMBERED: Final = re.compile(r"(chapter|part|step|section|lesson)?[-_ ]?\d{1,3}[-_. ]", re.IGNORECASE)
_SIDEBARS: Final = re.compile(r"(^|/)(sidebars?\.(js|ts|json|cjs)|\.vitepress/config\.\w+|\.vuepress/config\.\w+)$")


def reading_order(pages: Mapping[str, Page], texts: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Paths in the order of the navigation files, each once, with its depth."""
    found: dict[str, int] = {}
    for path in sorted(texts, key=lambda path: (path.count("/"), path)):
        folder, _, name = path.rpartition("/")
        if name in {"mkdocs.yml", "mkdocs.yaml"}:
            found |= dict(from_mkdocs(folder, texts[path], pages)) | found
        elif _LISTS.match(name) and path in pages:
            found |= dict(_follow(path, pages, {path}, 0)) | found
        elif name == "toc.yml":
            found |= dict.fromkeys(from_toc(folder, texts, pages), 0) | found
        elif name == "meta.json":
            found |= dict.fromkeys(from_meta(folder, texts[path], pages), 0) | found
        elif _SIDEBARS.search(path):
            found |= dict.fromkeys(from_sidebar(folder, texts[path], pages), 0) | found
    for path in _roots(pages):
        if path not in found:
            found |= dict(_follow(path, pages, {path, *found}, 0)) | found
    found |= dict.fromkeys(_numbered(pages), 0) | found
    if not found:
        first = next((path for path in pages if is_readme(path) and _lists_its_folder(path, pages)), None)
        found = dict(_follow(first, pages, {first}, 0)) if first is not None else {}
    return found


def _roots(pages: Mapping[str, Page]) -> Iterable[str]:
    """The first pages of folders that lead to others, the nearest to the root first; then those of DocC."""
    indices = [path for path in pages if _stem(path).partition(".")[0] in {"index", "contents"}]
    yield from (path for path in sorted(indices, key=lambda p: (p.count("/"), p)) if pages[path].leads_to)
    for path, page in pages.items():
        if path.rpartition("/")[0].endswith(".docc") and any(written.startswith("doc:") for written in page.leads_to):
            yield path


def _numbered(pages: Mapping[str, Page]) -> Iterable[str]:
    """The guides whose names are numbered, where most in their folder are: `chapter-2-setup.adoc`, `01_basics.md`."""
    folders: dict[str, list[str]] = {}
    for path, page in pages.items():
        is_shown = not EXAMPLE_FOLDERS.isdisjoint(path.lower().split("/")[:-1])  # a page that an example is made of
        if page.role in {PageRole.GUIDE, PageRole.START} and not is_shown:
            folders.setdefault(path.rpartition("/")[0], []).append(path)
    for paths in folders.values():
        numbered = [path for path in paths if _NUMBERED.match(path.rpartition("/")[2])]
        if len(numbered) >= BESIDE_MIN and len(numbered) >= LISTED_SHARE * len(paths):
            yield from sorted(numbered, key=natural)


def _lists_its_folder(path: str, pages: Mapping[str, Page]) -> bool:
    """Whether a README is the table of contents of the guides beside it, as hosts show it for a folder."""
    folder = path.rpartition("/")[0]
    guides = {
        other for other, page in pages.items() if other.rpartition("/")[0] == folder and page.role is PageRole.GUIDE
    }
    return len(guides) >= BESIDE_MIN and len(guides.intersection(_listed_on(path, pages))) >= LISTED_SHARE * len(guides)


def _follow(
    path: str, pages: Mapping[str, Page], claimed: set[str], depth: int, steps: int = 0
) -> Iterable[tuple[str, int]]:
    """A page with its depth, then the pages that its table of contents leads to, in order; circles end.

    `claimed` are the pages that have a place already, this one among them.
    """
    yield path, max(depth - 1, 0)
    if steps > CONTENTS_MAX_DEPTH:
        return
    # A page stands below the first that lists it, before what that page's own list leads to.
    listed = [target for target in dict.fromkeys(_listed_on(path, pages)) if target not in claimed]
    claimed.update(listed)
    # What a folder's list leads to stands where that stands, unless it is a text of its own or lists small things.
    is_list = depth > 0 and _is_list(pages[path]) and not is_catalogue(path, pages)
    for target in listed:
        yield from _follow(target, pages, claimed, depth + (0 if is_list else 1), steps + 1)


def _is_list(page: Page) -> bool:
    """Whether a page is the list of a folder, and hardly a text of its own."""
    is_index = page.path.rpartition("/")[2].partition(".")[0] in {"index", "contents"}
    return is_index and sum(section.words for section in page.sections) < LIST_WORDS


def is_catalogue(path: str, pages: Mapping[str, Page]) -> bool:
    """Whether a folder's list leads to many small pages, such as one for each filter: it is what they are about."""
    listed = {target for target in _listed_on(path, pages) if target != path} if _is_list(pages[path]) else set()
    sizes = sorted(sum(section.words for section in pages[target].sections) for target in listed)
    return len(sizes) >= ENTRIES_MIN and sizes[len(sizes) // 2] < ENTRY_WORDS


def _listed_on(path: str, pages: Mapping[str, Page]) -> Iterable[str]:
    """The pages that the table of contents on a page leads to, in order."""
    for written in pages[path].leads_to:
        if "*" in written:
            continue
        if written.startswith("doc:"):
            yield from _in_catalogue(path, written.removeprefix("doc:"), pages)
            continue
        base = "" if written.startswith("/") else posixpath.dirname(path)
        targets = (page_at(posixpath.join(root, written.lstrip("/")), pages) for root in ([base] if base else _ROOTS))
        yield from islice((target for target in targets if target is not None), 1)


def _in_catalogue(path: str, name: str, pages: Mapping[str, Page]) -> Iterable[str]:
    """The page of a name in the DocC catalogue that a page is part of."""
    folder, found, _ = path.rpartition(".docc/")
    yield from (other for other in pages if found and other.startswith(f"{folder}.docc/") and _stem(other) == name)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def natural(path: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers in names as numbers."""
    parts = re.split(r"(\d+)", path)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
