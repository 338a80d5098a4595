"""What each page of a repository is for, by its place, its name, its title, and the pages and files around it."""

import posixpath
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from analyzer.code.roles import DOC_FOLDERS, is_code
from analyzer.documentation.model import Page, PageRole
from analyzer.documentation.titles import is_meta, is_start

EXPLAINING_WORDS: Final = 200
MANUAL_WORDS: Final = 1_500
README_FOLDERS: Final = (".github", "", "docs")  # in the order in which hosts look for it
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
_REFERENCE_FOLDERS: Final = frozenset({"api", "reference", "ref", "apidocs", "api-reference", "man", "apis"})
_META_FOLDERS: Final = frozenset(
    {"releases", "release", "changelog", "changelogs", "news", "whatsnew", "adr", "rfcs", "rfc", "internals",
     "internal", "project", "contributing", "blog", "faq", "misc", "_templates", "_includes", ".github", "licenses",
     "development", "design", "history", "release_notes", "release-notes", "releasenotes"}
)  # fmt: skip
_DEGREE: Final = re.compile(r"(basics?|advanced|basic[-_]usage|advanced[-_]usage)$", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?:v\d+(?:[._]\d+)*|(?:version-)?\d+(?:\.(?:\d+|x))+)(?:\.x)?$", re.IGNORECASE)
_VERSIONED: Final = re.compile(r"(?P<base>docs?|documentation)[-_]v\d+(?:[._]\d+)*$", re.IGNORECASE)
_DEFINITION_PAGE: Final = re.compile(r'^\s*#\[doc\s*=\s*include_str!\("(?P<path>[\w./-]+)"\)\]')


def roles_of_pages(pages: Mapping[str, Page], texts: Mapping[str, Sequence[str]]) -> dict[str, PageRole]:
    """What each page is for, by its path; `texts` are the repository's files."""
    roles = {path: role_of_page(page) for path, page in pages.items()}
    roles |= dict(_roles_of_readmes(pages))
    roles |= dict.fromkeys(_of_earlier_versions(pages), PageRole.META)
    definitions = (path for path in _of_definitions(texts) if roles.get(path) is PageRole.GUIDE)
    roles |= dict.fromkeys(definitions, PageRole.REFERENCE)
    guides = [path for path, role in roles.items() if role is PageRole.GUIDE]
    roles |= dict.fromkeys(_of_developers(guides, texts), PageRole.META)
    return roles


def role_of_page(page: Page) -> PageRole:
    """What a page is for, by its place, its name and its title."""
    *folders, name = page.path.split("/")
    stem = re.sub(r"^\d+[-_. ]*", "", name.rpartition(".")[0] or name).strip("_")
    words = re.sub(r"[-_]+", " ", stem)
    lowered = {folder.lower() for folder in folders}
    if is_readme(page.path):
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


def _roles_of_readmes(pages: Mapping[str, Page]) -> Iterable[tuple[str, PageRole]]:
    """What the README is that hosts show, what the one at the root is where they show another, and a manual's."""
    folders = {path: path.rpartition("/")[0] for path in pages if is_readme(path)}
    shown = next((folder for folder in README_FOLDERS if folder in folders.values()), None)
    for path, folder in folders.items():
        if folder == shown:
            yield path, PageRole.README
        elif not folder:
            yield path, PageRole.META
        elif folder in DOC_FOLDERS and sum(section.words for section in pages[path].sections) >= MANUAL_WORDS:
            yield path, PageRole.GUIDE


def _of_developers(guides: Iterable[str], texts: Iterable[str]) -> Iterable[str]:
    """The guides that lie among a package's own source files: notes to those who work on it."""
    sources = {path.rpartition("/")[0] for path in texts if is_code(path)}
    for path in guides:
        folders = path.split("/")[:-1]
        is_aside = DOC_FOLDERS.isdisjoint(folder.lower() for folder in folders)
        is_file = path.lower().endswith(SUFFIXES)  # and no comment at the top of one
        if is_file and folders and is_aside and "/".join(folders) in sources:
            yield path


def _of_definitions(texts: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """The pages that are the documentation of one definition: Rust's `#[doc = include_str!("page.md")]`."""
    for path in (path for path in texts if path.endswith(".rs")):
        for line in texts[path]:
            if match := _DEFINITION_PAGE.match(line):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))


def _is_help_file(page: Page, name: str) -> bool:
    """Whether an editor shows the page as help: Vim's begin with their own names."""
    first = next((block.text for section in page.sections[:1] for block in section.blocks[:1]), "")
    return name.lower().endswith(".txt") and first.lstrip("*").startswith(name)


def _explains(page: Page) -> bool:
    """Whether a page in a folder of reference is prose by people rather than a list that a program fills in."""
    return sum(section.words for section in page.sections) >= EXPLAINING_WORDS and not any(
        section.objects for section in page.sections
    )


def title_from_name(page: Page) -> str:
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


def is_readme(path: str) -> bool:
    """Whether a file's name is a README's."""
    name = path.rpartition("/")[2].lower()
    return name == "readme" or re.fullmatch(r"readme\.\w+", name) is not None
