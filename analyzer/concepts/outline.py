"""How a page is built: its headings, how deep each stands, and which of them could be a chapter's subject."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.concepts.terms import terms_of
from analyzer.concepts.wording import clean_title, is_entry, is_question_about, is_title
from analyzer.documentation.model import BlockKind, Page, PageRole, Section
from analyzer.documentation.titles import is_meta

SECTION_MIN_WORDS: Final = 12
ENOUGH_SECTIONS: Final = 6
DEEPEST: Final = 2
CHAPTER_WORDS: Final = 150
PARTS_FEW: Final = 4
PARTS_MIN: Final = 3
PARTS_SHARE: Final = 0.6
LISTED_FROM: Final = 20
CROWDED_SHARE: Final = 0.5
LEVELS_BELOW: Final = 99
_IDENTIFIER: Final = re.compile(r"[A-Za-z]\w*_\w+")
# What stands under it has nothing in common.
_MIXED: Final = re.compile(r"\b(examples?|bits|pieces|odds|ends|misc\w*|more|others?|stuff|things)\b", re.IGNORECASE)
_CONSTANT: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of a page. `depth` is 0 for the page's title, 1 for its parts, 2 for theirs.

    `share` is what standing among many leaves of its weight, `listed_under` the heading above a name of code, if any.
    """

    section: Section
    depth: int
    share: float
    listed_under: Section | None


def outline(page: Page, *, is_manual: bool, own: frozenset[str]) -> Iterator[Heading]:
    """The headings that could be subjects; `own` are the terms of the project's name, a manual explains all of it."""
    titled = [section for section in page.sections if section.title]
    # Levels count by their order: a text that goes from the second to the fourth has three.
    order = sorted({section.level for section in titled}) or [1]
    levels = Counter(section.level for section in titled)
    told = levels - Counter(
        inner.level for section in titled if section.level > order[0] and is_meta(section.title)
        for inner in page.below(section)
    )  # fmt: skip
    below_title = 0 if levels[order[0]] > 1 else 1
    is_short = is_manual and below_title < len(order) and _has_few_chapters(page, order[below_title])
    lowest = below_title + is_short
    is_crowded = sum(levels[level] for level in order[:2]) > ENOUGH_SECTIONS
    settings = _settings(titled)
    left_out = LEVELS_BELOW
    is_named = page.role is PageRole.README and bool(titled) and bool(own & set(terms_of(titled[0].title)))
    for section, above in _with_holders(titled[1:] if is_named else titled):
        place = order.index(section.level)
        depth = place + 1 - below_title
        depth = min(depth, 1) if place <= lowest else depth
        holders = above if is_named else above[below_title:]
        if depth > 1 and is_manual:
            # What stands under "Usage" or "Advanced topics" is a part of the page as these are.
            depth = max(1, depth - sum(_is_shelf(page, holder) for holder in holders))
        if section.level > left_out:
            continue
        is_part = depth > 0 or page.role is PageRole.README  # a page's own role says what all of it is
        left_out = section.level if is_meta(section.title) and is_part else LEVELS_BELOW
        is_holder = depth > 0 and place < lowest and only_holds(page, section)
        if depth > DEEPEST and is_manual and _is_chapter_of_its_own(page, section):
            depth = DEEPEST
        is_subject = not is_holder and section.key not in settings and _is_telling(page, section, depth)
        if left_out == LEVELS_BELOW and depth <= DEEPEST and is_subject:
            share = min(1.0, LISTED_FROM / told[section.level]) if depth else 1.0
            named = [holder for holder in holders if not _is_shelf(page, holder) and not is_entry(holder.title)]
            yield Heading(
                section=section,
                depth=depth,
                share=share * (CROWDED_SHARE if depth > 1 and is_crowded else 1.0),
                listed_under=named[-1] if named and is_entry(section.title) else None,
            )


def _has_few_chapters(page: Page, level: int) -> bool:
    """Whether a manual has so few headings of a level that what stands under these are its parts, too."""
    chapters = [s for s in page.sections if s.level == level and not is_meta(s.title) and has_code(page, s)]
    return len(chapters) <= PARTS_FEW


def _is_telling(page: Page, section: Section, depth: int) -> bool:
    """Whether a section has enough under a title that could be a chapter's."""
    if (depth == 0 and (page.role is PageRole.README or page.is_front)) or is_question_about(section.title):
        return False
    has_content = depth == 0 or bool(section.objects) or words_below(page, section) >= SECTION_MIN_WORDS
    return is_title(clean_title(section.title)) and (has_content or has_code(page, section))


def _settings(sections: Sequence[Section]) -> frozenset[str]:
    """Keys of the headings that are names to set: constants, such as variables, and names that are listed with them."""
    lists: dict[tuple[int, ...], list[Section]] = {}
    for section, above in _with_holders(sections):
        if _IDENTIFIER.fullmatch(section.title.strip("`*")):
            lists.setdefault(tuple(holder.start for holder in above), []).append(section)
    return frozenset(
        section.key
        for named in lists.values()
        if any(_CONSTANT.fullmatch(section.title.strip("`*")) for section in named)
        for section in named
    )


def _with_holders(sections: Iterable[Section]) -> Iterator[tuple[Section, Sequence[Section]]]:
    """Each section with those that it stands under, the outermost first."""
    above: list[Section] = []
    for section in sections:
        above = [holder for holder in above if holder.level < section.level]
        yield section, tuple(above)
        above.append(section)


def _is_shelf(page: Page, section: Section) -> bool:
    """Whether a heading has no subject of its own: "Usage", "Advanced topics", or one that only holds chapters."""
    is_empty = not terms_of(section.title) and not _MIXED.search(section.title)
    return is_empty or _only_holds_parts(page, section)


def _only_holds_parts(page: Page, section: Section) -> bool:
    """Whether a heading only holds others that hold something themselves, and no names of code."""
    parts = _parts(page, section)
    holding = sum(bool(page.below(part)) and not is_entry(part.title) for part in parts)
    return only_holds(page, section) and holding >= PARTS_MIN and holding >= PARTS_SHARE * len(parts)


def _parts(page: Page, section: Section) -> list[Section]:
    """The headings right under one."""
    below = page.below(section)
    level = min((inner.level for inner in below), default=0)
    return [inner for inner in below if inner.level == level]


def only_holds(page: Page, section: Section) -> bool:
    """Whether a heading says next to nothing itself: what stands under it does."""
    shows_code = any(block.kind is BlockKind.CODE for block in section.blocks)
    return not shows_code and section.words < SECTION_MIN_WORDS and bool(page.below(section))


def _is_chapter_of_its_own(page: Page, section: Section) -> bool:
    """Whether as much stands under a heading of one word as fills a chapter, however deep it stands."""
    is_name = len(section.title.strip("`*").split()) == 1
    return is_name and words_below(page, section) >= CHAPTER_WORDS and has_code(page, section)


def entries_below(page: Page, section: Section) -> list[str]:
    """The names of code that a heading lists, where it lists little else."""
    parts = _parts(page, section)
    entries = [part.title for part in parts if is_entry(part.title)]
    return entries if len(entries) >= PARTS_MIN and len(entries) >= PARTS_SHARE * len(parts) else []


def words_below(page: Page, section: Section) -> int:
    """How many words of prose a heading has, with all that stands under it."""
    return sum(inner.words for inner in (section, *page.below(section)))


def has_code(page: Page, section: Section) -> bool:
    """Whether a heading, or what stands under it, shows an example."""
    return any(block.kind is BlockKind.CODE for inner in (section, *page.below(section)) for block in inner.blocks)
