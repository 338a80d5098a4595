"""All pages of a repository in the order in which its authors want them read, each with what it is for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.code.model import Module, Role
from analyzer.code.roles import DOC_FOLDERS, EXAMPLE_FOLDERS
from analyzer.documentation.asciidoc import read_asciidoc
from analyzer.documentation.contents import is_catalogue, natural, reading_order
from analyzer.documentation.includes import with_included
from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import Page, PageRole, Section
from analyzer.documentation.rdoc import read_rdoc
from analyzer.documentation.restructured import read_restructured
from analyzer.documentation.roles import README_FOLDERS, SUFFIXES, is_readme, roles_of_pages, title_from_name

PAGES_MAX: Final = 1_000
PAGE_LINES_MAX: Final = 6_000
_LANGUAGE_FOLDER: Final = re.compile(
    r"^(ar|az|bn|cs|da|de|el|em|es|fa|fi|fr|he|hi|hu|id|it|ja|jp|ko|kr|nl|no|pl|pt|ro|ru|sv|th|tr|uk|vi|yo|zh|cn|"
    r"zh_cn|zh-hant|zh-hans|pt_br)([-_][a-z]{2,4})?$",
    re.IGNORECASE,
)
_TRANSLATED: Final = re.compile(
    r"[._-](ar|cs|de|es|fa|fr|he|hi|hu|id|it|ja|jp|ko|kr|nl|pl|pt|ptbr|ru|sv|tr|uk|vi|zh|cn)([-_][a-z]{2,4})?$",
    re.IGNORECASE,
)


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
    if module.role is Role.TEST or shown or not (module.path.lower().endswith(SUFFIXES) or is_readme(module.path)):
        return False
    if name.lower().endswith(".txt") and not ({"docs", "doc", "documentation"} & {f.lower() for f in folders}):
        return is_readme(module.path)
    stem = name.rpartition(".")[0] or name
    if is_readme(module.path) and "/".join(folders) in README_FOLDERS:
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
    whole = {page.path: with_included(page, texts) for page in pages}
    roles = roles_of_pages(whole, texts)
    by_path = {
        path: replace(page, role=roles[path], title=page.title or title_from_name(page)) for path, page in whole.items()
    }
    contents = reading_order(by_path, texts)
    place = {path: number for number, path in enumerate(contents)}
    by_path = {
        path: replace(
            page,
            depth=contents.get(path, 0),
            is_placed=path in contents,
            is_catalogue=path in contents and is_catalogue(path, by_path),
        )
        for path, page in by_path.items()
        # Pages of examples are documentation where its contents say so.
        if path in contents or not EXAMPLE_FOLDERS.intersection(path.lower().split("/")[:-1])
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
            natural(page.path),
        )

    return Documentation(pages=tuple(sorted(by_path.values(), key=key))[:PAGES_MAX])
