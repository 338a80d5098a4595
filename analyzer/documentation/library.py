"""All pages of a repository in the order in which its authors want them read, each with what it is for.

Order comes from navigation files where there are any: `mkdocs.yml`, Sphinx's tables of contents, mdBook's, Antora's,
DocFX's and Fumadocs' lists, DocC's topics, the side bars of Docusaurus, VitePress and Docsify; then from numbers in
names, else from a README that lists its folder, then from names.
"""

import json
import posixpath
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import yaml

from analyzer.code.model import Module, Role
from analyzer.code.roles import DOC_FOLDERS, EXAMPLE_FOLDERS, is_code
from analyzer.documentation.asciidoc import read_asciidoc
from analyzer.documentation.includes import with_included
from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import Page, PageRole, Section
from analyzer.documentation.rdoc import read_rdoc
from analyzer.documentation.restructured import read_restructured
from analyzer.documentation.titles import is_meta, is_start

PAGES_MAX: Final = 1_000
README_FOLDERS: Final = (".github", "", "docs")  # in the order in which hosts look for it
PAGE_LINES_MAX: Final = 6_000
NAVIGATION_MAX_DEPTH: Final = 12
GROUP_LEVEL: Final = 2  # a group of pages in a group of the contents
LIST_WORDS: Final = 150
ENTRIES_MIN: Final = 8
BESIDE_MIN: Final = 3
LISTED_SHARE: Final = 0.6
ENTRY_WORDS: Final = 200
SUFFIXES: Final = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".rdoc", ".txt")
_META_FILES: Final = frozenset({"security", "testing", "support", "claude", "agents", "citation", "index"})
# What authors write to each other, in files named in capitals.
_ABOUT_WORK: Final = re.compile(
    r"(git )?commits?|pull requests?|issues|tenets|vision|(code )?style( guide)?|hacking|testing|building|triage|"
    r"principles",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    r"^(api|reference|api[ -_]?reference|api[ -_]?docs?|module index|modules|autoapi|ref)\b", re.IGNORECASE
)
EXPLAINING_WORDS: Final = 200
_ROOTS: Final = ("docs", "doc", "")
_REFERENCE_FOLDERS: Final = frozenset({"api", "reference", "ref", "apidocs", "api-reference", "man", "apis"})
_META_FOLDERS: Final = frozenset(
    {"releases", "release", "changelog", "changelogs", "news", "whatsnew", "adr", "rfcs", "rfc", "internals",
     "internal", "project", "contributing", "blog", "faq", "misc", "_templates", "_includes", ".github", "licenses",
     "development", "design", "history", "release_notes", "release-notes", "releasenotes"}
)  # fmt: skip
_LANGUAGE_FOLDER: Final = re.compile(
    r"^(ar|az|bn|cs|da|de|el|em|es|fa|fi|fr|he|hi|hu|id|it|ja|jp|ko|kr|nl|no|pl|pt|ro|ru|sv|th|tr|uk|vi|yo|zh|cn|"
    r"zh_cn|zh-hant|zh-hans|pt_br)([-_][a-z]{2,4})?$",
    re.IGNORECASE,
)
_TRANSLATED: Final = re.compile(
    r"[._-](ar|cs|de|es|fa|fr|he|hi|hu|id|it|ja|jp|ko|kr|nl|pl|pt|ptbr|ru|sv|tr|uk|vi|zh|cn)([-_][a-z]{2,4})?$",
    re.IGNORECASE,
)
_DEGREE: Final = re.compile(r"(basics?|advanced|basic[-_]usage|advanced[-_]usage)$", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?:v\d+(?:[._]\d+)*|(?:version-)?\d+(?:\.(?:\d+|x))+)(?:\.x)?$", re.IGNORECASE)
_VERSIONED: Final = re.compile(r"(?P<base>docs?|documentation)[-_]v\d+(?:[._]\d+)*$", re.IGNORECASE)
_DEFINITION_PAGE: Final = re.compile(r'^\s*#\[doc\s*=\s*include_str!\("(?P<path>[\w./-]+)"\)\]')
_QUOTED: Final = re.compile(r"[\"'`]([^\"'`\s]{1,200})[\"'`]")
_LISTS: Final = re.compile(r"^(SUMMARY\.md|nav\.adoc|_?sidebar\.md)$")
_NUMBERED: Final = re.compile(r"(chapter|part|step|section|lesson)?[-_ ]?\d{1,3}[-_. ]", re.IGNORECASE)
_INDEX: Final = re.compile(r"(^|/)(index|README)\.md$")
_SIDEBARS: Final = re.compile(r"(^|/)(sidebars?\.(js|ts|json|cjs)|\.vitepress/config\.\w+|\.vuepress/config\.\w+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """Pages in reading order."""

    pages: tuple[Page, ...]

    def of_role(self, *roles: PageRole) -> tuple[Page, ...]:
        """The pages of some roles, in reading order."""
        return tuple(page for page in self.pages if page.role in roles)

    def sections(self) -> Iterable[tuple[Page, Section]]:
        """Every section with its page, in reading order."""
        return ((page, section) for page in self.pages for section in page.sections)


def is_page(module: Module) -> bool:
    """Whether the file is a page that people read: prose outside tests, in one of the formats."""
    *folders, name = module.path.split("/")
    # What shows itself by examples on pages of its documentation is documented there.
    shown = module.role is Role.EXAMPLE and not any(folder.lower() in DOC_FOLDERS for folder in folders)
    if module.role is Role.TEST or shown or not (module.path.lower().endswith(SUFFIXES) or _is_readme(module.path)):
        return False
    if name.lower().endswith(".txt") and not ({"docs", "doc", "documentation"} & {f.lower() for f in folders}):
        return _is_readme(module.path)
    stem = name.rpartition(".")[0] or name
    if _is_readme(module.path) and "/".join(folders) in README_FOLDERS:
        return True
    return not (
        any(_LANGUAGE_FOLDER.match(folder) for folder in folders)
        or _TRANSLATED.search(stem)
        or any(folder.startswith(".") or folder == "node_modules" for folder in folders)
    )


def read_page(path: str, lines: Sequence[str]) -> Page:
    """Read a page in the format that its name tells; what has no ending is read as what it looks like."""
    lines = lines[:PAGE_LINES_MAX]
    lowered = path.lower()
    if lowered.endswith((".md", ".markdown", ".mdx")):
        return read_markdown(path, lines)
    if lowered.endswith((".adoc", ".asciidoc")):
        return read_asciidoc(path, lines)
    if lowered.endswith(".rdoc"):
        return read_rdoc(path, lines)
    if lowered.endswith(".rst") or any(re.match(r"^([=\-~])\1{3,}\s*$", line) for line in lines[:40]):
        return read_restructured(path, lines)
    return read_markdown(path, lines)


def arrange(pages: Sequence[Page], texts: Mapping[str, Sequence[str]]) -> Documentation:
    """Put pages into reading order and tell what each is for; `texts` are the repository's files."""
    whole = [with_included(page, texts) for page in pages]
    by_path = {page.path: replace(page, role=role_of_page(page), title=page.title or _title_of(page)) for page in whole}
    by_path |= {path: replace(by_path[path], role=role) for path, role in _roles_of_readmes(by_path)}
    by_path |= {path: replace(by_path[path], role=PageRole.META) for path in _of_earlier_versions(by_path)}
    by_path |= {
        path: replace(by_path[path], role=PageRole.REFERENCE)
        for path in _of_definitions(texts)
        if path in by_path and by_path[path].role is PageRole.GUIDE
    }
    by_path |= {path: replace(by_path[path], role=PageRole.META) for path in _of_developers(by_path, texts)}
    navigation = _navigation(by_path, texts)
    place = {path: number for number, path in enumerate(navigation)}
    by_path = {
        path: replace(
            page,
            depth=navigation.get(path, 0),
            is_placed=path in navigation,
            is_catalogue=path in navigation and _is_catalogue(path, by_path),
        )
        for path, page in by_path.items()
        # Pages of examples are documentation where its contents say so.
        if path in navigation or not EXAMPLE_FOLDERS.intersection(path.lower().split("/")[:-1])
    }
    order = list(PageRole)

    def key(page: Page) -> tuple[object, ...]:
        known = page.path in place
        return (
            page.role is not PageRole.README,
            page.role is PageRole.META,
            not known,
            place.get(page.path, 0),
            order.index(page.role) if not known else 0,
            -len(page.sections) if page.is_front and not known else 0,
            _natural(page.path),
        )

    return Documentation(pages=tuple(sorted(by_path.values(), key=key))[:PAGES_MAX])


def _roles_of_readmes(paths: Collection[str]) -> Iterable[tuple[str, PageRole]]:
    """What the README is that hosts show, and what the one at the root is where they show another."""
    folders = {path: path.rpartition("/")[0] for path in paths if _is_readme(path)}
    shown = next((folder for folder in README_FOLDERS if folder in folders.values()), None)
    for path, folder in folders.items():
        if folder == shown:
            yield path, PageRole.README
        elif not folder:
            yield path, PageRole.META


def _of_developers(pages: Mapping[str, Page], texts: Iterable[str]) -> Iterable[str]:
    """The guides that lie among a package's own source files: notes to those who work on it."""
    sources = {path.rpartition("/")[0] for path in texts if is_code(path)}
    for path, page in pages.items():
        folders = path.split("/")[:-1]
        is_aside = DOC_FOLDERS.isdisjoint(folder.lower() for folder in folders)
        is_file = path.lower().endswith(SUFFIXES)  # and no comment at the top of one
        if page.role is PageRole.GUIDE and is_file and folders and is_aside and "/".join(folders) in sources:
            yield path


def _of_definitions(texts: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The pages that are the documentation of one definition: Rust's `#[doc = include_str!("page.md")]`."""
    for path in (path for path in texts if path.endswith(".rs")):
        for line in texts[path]:
            if match := _DEFINITION_PAGE.match(line):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))


def role_of_page(page: Page) -> PageRole:
    """What a page is for, by its place, its name and its title."""
    *folders, name = page.path.split("/")
    stem = re.sub(r"^\d+[-_. ]*", "", name.rpartition(".")[0] or name).strip("_")
    words = re.sub(r"[-_]+", " ", stem)
    lowered = {folder.lower() for folder in folders}
    if _is_readme(page.path):
        return PageRole.META if is_meta(page.title) else PageRole.REFERENCE
    if (stem.isupper() and _ABOUT_WORK.fullmatch(words)) or stem.endswith("-report-github"):  # of BenchmarkDotNet
        return PageRole.META
    at_root = not folders or folders[0].startswith(".") or stem.isupper()
    if lowered & _META_FOLDERS or is_meta(words) or is_meta(page.title) or (at_root and stem.lower() in _META_FILES):
        return PageRole.META
    is_reference = bool(_REFERENCE.match(words) or _REFERENCE.match(page.title) or _is_help_file(page, name))
    if is_reference or (lowered & _REFERENCE_FOLDERS and not _explains(page)):
        return PageRole.REFERENCE
    is_of_folder = len(folders) > 1 and _DEGREE.match(stem) is not None  # the basics of what the folder is about
    return PageRole.START if (is_start(words) and not is_of_folder) or is_start(page.title) else PageRole.GUIDE


def _is_help_file(page: Page, name: str) -> bool:
    """Whether an editor shows the page as help: Vim's begin with their own names."""
    first = next((block.text for section in page.sections[:1] for block in section.blocks[:1]), "")
    return name.lower().endswith(".txt") and first.lstrip("*").startswith(name)


def _explains(page: Page) -> bool:
    """Whether a page in a folder of reference is prose by people rather than a list that a program fills in."""
    return sum(section.words for section in page.sections) >= EXPLAINING_WORDS and not any(
        section.objects for section in page.sections
    )


def _title_of(page: Page) -> str:
    """A title from the file's name, for a page without one; the front page has none."""
    *folders, name = page.path.split("/")
    stem = re.sub(r"^\d+[-_. ]*", "", name.rpartition(".")[0] or name).strip("_")
    if stem.lower() in {"index", "readme", "lib", "mod", "doc"}:
        stem = folders[-1] if folders and stem.lower() in {"index", "mod"} and len(folders) > 1 else ""
    elif len(folders) > 1 and _DEGREE.match(stem):  # `flags/basics.md`, `flags/advanced.md`
        stem = folders[-1] if stem.lower().startswith("basic") else f"{stem} {folders[-1]}"
    words = re.sub(r"[-_]+", " ", stem)
    return words[:1].upper() + words[1:]


def _of_earlier_versions(paths: Collection[str]) -> frozenset[str]:
    """The pages about earlier versions: those of `v1` and `v2` where there is a `v3`, of `docs-v3` beside `docs`."""
    split = [path.split("/") for path in paths]
    folders = {"/".join(parts[:depth]) for parts in split for depth in range(1, len(parts))}
    beside: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {}
    for folder in folders:
        parent, _, name = folder.rpartition("/")
        if match := _VERSION.match(name) or _VERSIONED.match(name):
            base = match.groupdict().get("base") or ""
            number = tuple(int(digit) for digit in re.findall(r"\d+", name))
            beside.setdefault((parent, base), {})[folder] = number
    for (parent, base), known in beside.items():
        current = f"{parent}/{base}".strip("/")
        if base and current in folders:
            known[current] = (sys.maxsize,)
    earlier = [f"{name}/" for known in beside.values() for name in known if known[name] < max(known.values())]
    return frozenset(path for path in paths if path.startswith(tuple(earlier)) or "versioned_docs/" in path)


def _is_readme(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name == "readme" or re.fullmatch(r"readme\.\w+", name) is not None


def _navigation(pages: Mapping[str, Page], texts: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Paths in the order of the navigation files, each once, with its depth."""
    found: dict[str, int] = {}
    for path in sorted(texts, key=lambda path: (path.count("/"), path)):
        folder, _, name = path.rpartition("/")
        if name in {"mkdocs.yml", "mkdocs.yaml"}:
            found |= dict(_from_mkdocs(folder, texts[path], pages)) | found
        elif _LISTS.match(name) and path in pages:
            found |= dict(_follow(path, pages, {path}, 0)) | found
        elif name == "toc.yml":
            found |= dict.fromkeys(_from_toc(folder, texts, pages), 0) | found
        elif name == "meta.json":
            found |= dict.fromkeys(_from_meta(folder, texts[path], pages), 0) | found
        elif _SIDEBARS.search(path):
            found |= dict.fromkeys(_from_sidebar(folder, texts[path], pages), 0) | found
    for path in _roots(pages):
        if path not in found:
            found |= dict(_follow(path, pages, {path, *found}, 0)) | found
    found |= dict.fromkeys(_numbered(pages), 0) | found
    if not found:
        first = next((path for path in pages if _is_readme(path) and _lists_its_folder(path, pages)), None)
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
            yield from sorted(numbered, key=_natural)


def _lists_its_folder(path: str, pages: Mapping[str, Page]) -> bool:
    """Whether a README is the table of contents of the guides beside it, as hosts show it for a folder."""
    folder = path.rpartition("/")[0]
    guides = {
        other for other, page in pages.items() if other.rpartition("/")[0] == folder and page.role is PageRole.GUIDE
    }
    return len(guides) >= BESIDE_MIN and len(guides.intersection(_listed_on(path, pages))) >= LISTED_SHARE * len(guides)


class _NavigationLoader(yaml.SafeLoader):
    """A safe loader that takes the tags of MkDocs' plug-ins for nothing, and refuses aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


_NavigationLoader.add_multi_constructor("", lambda _loader, _suffix, _node: None)


def _from_mkdocs(folder: str, lines: Sequence[str], pages: Mapping[str, Page]) -> Iterable[tuple[str, int]]:
    """The pages with their depths: beside an index lie the parts of what that is about."""
    try:
        content: Any = yaml.load("\n".join(lines), Loader=_NavigationLoader)  # noqa: S506 - a safe loader
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


def _from_toc(
    folder: str, texts: Mapping[str, Sequence[str]], pages: Mapping[str, Page], steps: int = 0
) -> Iterable[str]:
    """The pages that DocFX's `toc.yml` of a folder lists, with those of the folders that it leads to."""
    try:
        content: Any = yaml.load("\n".join(texts.get(f"{folder}/toc.yml", ())), Loader=_NavigationLoader)  # noqa: S506
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
            elif target and steps < NAVIGATION_MAX_DEPTH:
                yield from _from_toc(target.removesuffix("/toc.yml"), texts, pages, steps + 1)


def _from_meta(folder: str, lines: Sequence[str], pages: Mapping[str, Page]) -> Iterable[str]:
    """The pages that Fumadocs' `meta.json` lists."""
    try:
        content = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return
    listed = content.get("pages") if isinstance(content, dict) else None
    for written in listed if isinstance(listed, list) else ():
        if isinstance(written, str) and (path := _page_at(posixpath.join(folder, written), pages)):
            yield path


def _from_sidebar(folder: str, lines: Sequence[str], pages: Mapping[str, Page]) -> Iterable[str]:
    bases = [folder, posixpath.join(folder, "docs"), posixpath.dirname(folder), "docs"]
    for line in lines:
        for written in _QUOTED.findall(line):
            for base in bases:
                if path := _page_at(posixpath.join(base, written.lstrip("/")), pages):
                    yield path
                    break


def _follow(
    path: str, pages: Mapping[str, Page], claimed: set[str], depth: int, steps: int = 0
) -> Iterable[tuple[str, int]]:
    """A page with its depth, then the pages that its table of contents leads to, in order; circles end.

    `claimed` are the pages that have a place already, this one among them.
    """
    yield path, max(depth - 1, 0)
    if steps > NAVIGATION_MAX_DEPTH:
        return
    # A page stands below the first that lists it, before what that page's own list leads to.
    listed = [target for target in dict.fromkeys(_listed_on(path, pages)) if target not in claimed]
    claimed.update(listed)
    # What a folder's list leads to stands where that stands, unless it is a text of its own or lists small things.
    is_list = depth > 0 and _is_list(pages[path]) and not _is_catalogue(path, pages)
    for target in listed:
        yield from _follow(target, pages, claimed, depth + (0 if is_list else 1), steps + 1)


def _is_list(page: Page) -> bool:
    """Whether a page is the list of a folder, and hardly a text of its own."""
    is_index = page.path.rpartition("/")[2].partition(".")[0] in {"index", "contents"}
    return is_index and sum(section.words for section in page.sections) < LIST_WORDS


def _is_catalogue(path: str, pages: Mapping[str, Page]) -> bool:
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
        targets = (_page_at(posixpath.join(root, written.lstrip("/")), pages) for root in ([base] if base else _ROOTS))
        yield from islice((target for target in targets if target is not None), 1)


def _in_catalogue(path: str, name: str, pages: Mapping[str, Page]) -> Iterable[str]:
    """The page of a name in the DocC catalogue that a page is part of."""
    folder, found, _ = path.rpartition(".docc/")
    yield from (other for other in pages if found and other.startswith(f"{folder}.docc/") and _stem(other) == name)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _page_at(path: str, pages: Mapping[str, Page]) -> str | None:
    normal = posixpath.normpath(path)
    for candidate in (normal, *(normal + suffix for suffix in SUFFIXES), *(f"{normal}/index{s}" for s in SUFFIXES)):
        if candidate in pages:
            return candidate
    return None


def _natural(path: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.split(r"(\d+)", path)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
