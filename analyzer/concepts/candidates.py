"""Everything that could be a chapter: pages, sections, public definitions, folders; each with its weight and place."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.code.roles import is_code
from analyzer.concepts.evidence import Evidence, identifiers_in, is_macro, paths_in
from analyzer.concepts.layers import domain_term, domain_terms
from analyzer.concepts.model import Ground
from analyzer.concepts.outline import Heading, entries_below, has_code, only_holds, outline, words_below
from analyzer.concepts.packages import packages_apart
from analyzer.concepts.siblings import kinds_of, split_title, told_apart, variants_of
from analyzer.concepts.start import about_use
from analyzer.concepts.terms import EMPTY, FRONTS, head_terms, own_terms, subject_of_name, terms_of, words_of
from analyzer.concepts.vocabulary import vocabulary
from analyzer.concepts.wording import clean_title, is_entry, is_title, share_of_title
from analyzer.documentation.model import Page, PageRole, Section
from analyzer.documentation.roles import MANUAL_WORDS
from analyzer.documentation.titles import is_meta, is_start

PAGES_DEEP: Final = 200
FEW_PAGES: Final = 15
DOCUMENTED_MIN: Final = 8
EXTENDED_MIN: Final = 3
GUIDES_FEW: Final = 2  # with more, a README only introduces; with fewer, it is all that explains the use
README_SHARE: Final = 0.5
HOMES_MAX: Final = 2
SHARED_FROM: Final = 2  # names of code with the same term
TAUGHT: Final = tuple(role for role in PageRole if role is not PageRole.META)
READ_THROUGH: Final = frozenset({PageRole.README, PageRole.START, PageRole.GUIDE})
# What is run is explained by the page that says how it works inside: its sections are what a guide's pages are else.
WALK_WEIGHTS: Final = (0.5, 4.5, 1.5)
_ARCHITECTURE: Final = re.compile(
    r"\b(architecture|how it works|how .* works|design|internals|overview)\b", re.IGNORECASE
)
_ROUTE: Final = re.compile(r"\W*(?:GET|POST|PUT|PATCH|DELETE)\s+`?(?P<path>/[^\s?`]*)")
_WORD: Final = re.compile(r"[A-Za-z][\w-]+")
TYPE_SHARE: Final = 0.55
FUNCTION_SHARE: Final = 0.35
UNNAMED_SHARE: Final = 0.6
ELSEWHERE_SHARE: Final = 0.4
APART_SHARE: Final = 0.4
LAYER_SHARE: Final = 0.5  # of a program's type that is named for its layer alone: `WebConfig`
INSIDE_SHARE: Final = 0.5
TWINS_FROM: Final = 2
PARTS_TWINS_FROM: Final = 3
PART_LEVEL: Final = 2
WEIGHTS: Final = {
    PageRole.README: (0.0, 3.5, 1.5),
    PageRole.START: (2.0, 5.0, 1.3),
    PageRole.GUIDE: (4.2, 1.4, 0.6),
    PageRole.REFERENCE: (0.5, 1.6, 0.8),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing that could give a chapter its title. `position` is where a newcomer meets it."""

    title: str
    term: str
    ground: Ground
    weight: float
    position: tuple[float, ...]
    says: str
    section: Section | None = None
    symbol: Symbol | None = None
    path: str = ""

    @property
    def span(self) -> Span:
        """The lines that are the evidence."""
        if self.section is not None:
            return Span(path=self.section.path, start=self.section.start, end=self.section.start)
        symbol = self.symbol
        return symbol.span if symbol is not None else Span(path=self.path, start=1, end=1)


def candidates_of(
    evidence: Evidence, scores: Mapping[str, float], project: str, *, is_application: bool
) -> list[Candidate]:
    """All candidates, in order of place."""
    source = _Source.of(evidence, project, is_application=is_application)
    # A page whose only subject is the project's own name introduces all of it: it is no concept beside others.
    pages = [candidate for candidate in source.pages() if candidate.term not in source.own]
    return [candidate for candidate in (*pages, *source.interface(scores)) if candidate.term]


def _salience(evidence: Evidence) -> Counter[str]:
    """How often a term is what a heading or a public type is about."""
    known: Counter[str] = Counter()
    for page, section in evidence.links.repository.documentation.sections():
        if page.role is not PageRole.META:
            known.update(terms_of(section.title))
    for symbol in evidence.public.values():
        if symbol.kind is Kind.CLASS:
            known[subject_of_name(symbol.name)] += 2
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where candidates come from. `known` says how often a term is a subject, `own` are the project's name.

    `taught` are the pages about use, in reading order, `places` where those stand that people read from first to last;
    `types` are what public types are about, `kinds` what pages side by side call their subjects, `variants` what
    headings side by side have in common, `apart` the folders of packages beside the root's. `is_readme_manual` where
    hardly any other page explains the use.
    """

    evidence: Evidence
    known: Counter[str]
    own: frozenset[str]
    is_application: bool
    taught: tuple[Page, ...]
    places: Mapping[str, int]
    types: frozenset[str]
    is_readme_manual: bool
    vocabulary: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    variants: Mapping[str, str]
    apart: tuple[str, ...]

    @classmethod
    def of(cls, evidence: Evidence, project: str, *, is_application: bool) -> "_Source":
        """Collect once what every heading and every definition asks for."""
        taught = evidence.links.repository.documentation.of_role(*TAUGHT)
        return cls(
            evidence=evidence,
            known=_salience(evidence),
            own=own_terms(project),
            is_application=is_application,
            taught=taught,
            places={page.path: number for number, page in enumerate(taught) if page.role in READ_THROUGH},
            types=frozenset(evidence.subject(s) for s in evidence.public.values() if s.kind is Kind.CLASS),
            is_readme_manual=_is_readme_manual(taught),
            vocabulary=vocabulary(evidence.links.repository.subjects),
            kinds=kinds_of(taught),
            variants=variants_of(taught),
            apart=packages_apart(evidence.links.repository.modules),
        )

    def subject(self, title: str, kind: frozenset[str] = frozenset()) -> str:
        """The term that a heading is about: a public type's, else the one that other headings know best.

        `kind` is what several headings side by side call their subjects: "Retry strategy", "Timeout strategy".
        """
        if route := _ROUTE.match(title):  # what a request asks for, not how
            title = next((part for part in reversed(route["path"].split("/")) if _WORD.fullmatch(part)), title)
        heads = head_terms(title, self.own)
        options = [term for term in heads if term not in kind] or list(heads)
        if not options:
            return ""
        named = [term for term in terms_of(title) if term in self.types and term not in self.own | kind]
        if len(named) == 1 and len(terms_of(title)) > 1:
            return named[0]
        return max(
            options,
            key=lambda term: (
                2.0 * (term in self.types) + math.log2(1 + min(self.known[term], 12)) + (term == options[0]),
                -options.index(term),
            ),
        )

    def title_of(self, section: Section) -> str:
        """A heading as a title, without the project's own name or a series before a mark: "RQ: Jobs" is about jobs."""
        if section.key in self.variants:
            return self.variants[section.key]
        before, after = split_title(section.title)
        known = self.own | self.kinds.get(section.path, frozenset())
        is_own = bool(terms_of(before)) and set(terms_of(before)) <= known
        return clean_title(after if is_own else section.title)

    def doing(self, page: Page, section: Section, depth: int) -> str:
        """What a page or a manual's part says one does with a thing: "Nesting Schemas" is not schemas once more."""
        first, *others = words_of(clean_title(section.title)) or ("",)
        is_part = depth == 1 and self.is_manual(page)
        is_doing = (
            others and first.lower().endswith("ing") and (is_part or (depth == 0 and page.role is PageRole.GUIDE))
        )
        term = next(iter(terms_of(first)), "") if is_doing and first.lower() not in EMPTY else ""
        return term if is_part or term not in self.types else ""

    def is_inside(self, page: Page) -> bool:
        """Whether a page is about a part of a program, for those who work on that part."""
        is_part = page.role is PageRole.README and "/" in page.path
        return self.is_application and (is_part or is_code(page.path))

    def is_manual(self, page: Page) -> bool:
        """Whether a page explains all of the use, or a large part of it: the README, else a long text."""
        is_long = (
            page.role in {PageRole.GUIDE, PageRole.REFERENCE}
            and sum(section.words for section in page.sections) >= MANUAL_WORDS
        )
        return self.is_readme_manual and (page.role is PageRole.README or is_long)

    def pages(self) -> Iterator[Candidate]:
        """Pages and their sections; one late in the contents, below another, or among very many weighs less."""
        guides = sum(page.role is PageRole.GUIDE for page in self.taught)
        few = 1.0 + 0.4 * min(1.0, FEW_PAGES / max(guides, 1))
        apart = self.pages_apart()
        for number, page in enumerate(self.taught[:PAGES_DEEP]):
            share = (1.0 - 0.35 * number / len(self.taught)) * 0.5**page.depth
            # What a part of a program says about itself is for who works on it.
            share *= APART_SHARE if self.is_inside(page) or page.path.startswith(self.apart) else 1.0
            whole = share * (few if page.role is PageRole.GUIDE else 1.0)
            yield from self.page(page, number, share=share, whole=whole, apart={**apart, **self.parts_apart(page)})

    def pages_apart(self) -> Mapping[str, str]:
        """What tells guides apart that share a noun, where a table of contents names them side by side."""
        guides = [page for page in self.taught if page.role is PageRole.GUIDE and page.is_placed and not page.depth]
        titles = (next((s for s in page.sections if s.title and page.is_headed_by(s)), None) for page in guides)
        return told_apart(
            (title for title in titles if title is not None),
            lambda section: self.subject(self.title_of(section), self.kinds.get(section.path, frozenset())),
            self.own,
            TWINS_FROM,
        )

    def parts_apart(self, page: Page) -> Mapping[str, str]:
        """What tells the parts of a manual apart that share a noun: "Scheduling tasks", "Task priority"."""
        if page.role is not PageRole.START and not self.is_manual(page):
            return {}
        parts = [section for section in page.sections if section.level == PART_LEVEL and section.title]
        return told_apart(parts, lambda section: self.subject(clean_title(section.title)), self.own, PARTS_TWINS_FROM)

    def page(
        self, page: Page, number: int, *, share: float, whole: float, apart: Mapping[str, str]
    ) -> Iterator[Candidate]:
        """The candidates of one page: `share` is what its sections' weights are worth, `whole` its own."""
        titled = [section for section in page.sections if section.title]
        if titled and page.title and page.title != titled[0].title and page.role is not PageRole.README:
            yield self.unnamed_page(page, number, share=whole)
        told = next((apart[section.key] for section in titled[:1] if section.key in apart), "")
        for heading in outline(page, is_manual=self.is_manual(page), own=self.own):
            section, depth = heading.section, heading.depth
            yield Candidate(
                title=self.title_of(section),
                term=apart.get(section.key)
                or (told if depth and told in terms_of(section.title) else "")
                or self.term(page, heading),
                ground=_ground(page, depth),
                weight=self.weight(page, section, depth, share if depth else whole) * heading.share,
                position=(_part(page), float(number), float(section.start)),
                says=section.title,
                section=section,
            )

    def term(self, page: Page, heading: Heading) -> str:
        """What a heading is about: a name of code is listed under its subject, which is what most such names have."""
        section, depth = heading.section, heading.depth
        if heading.listed_under is not None and (around := self.part(page, heading.listed_under)):
            return around
        kind = self.kinds.get(page.path, frozenset()) if depth == 0 else frozenset()
        return self.doing(page, section, depth) or self.part(page, section, kind)

    def part(self, page: Page, section: Section, kind: frozenset[str] = frozenset()) -> str:
        """What a heading is about: what the names of code under it have in common, else what it says."""
        entries = [terms_of(entry) for entry in entries_below(page, section)] if self.is_manual(page) else []
        listed = Counter(term for terms in entries for term in terms if term not in self.own)
        common = [term for term, count in listed.most_common() if count >= SHARED_FROM]
        said = set(terms_of(section.title))
        return next((term for term in common if term in said), "") or self.subject(self.title_of(section), kind)

    def weight(self, page: Page, section: Section, depth: int, share: float) -> float:
        """What a section weighs by where it stands, how much there is under it and how its heading is worded."""
        is_front = (page.role is PageRole.GUIDE and page.is_front) or self.is_manual(page)
        is_walk = self.is_application and _ARCHITECTURE.search(page.title) is not None
        weights = WALK_WEIGHTS if is_walk else WEIGHTS[PageRole.README if is_front else page.role]
        weight = weights[depth] * share + 0.5 * math.log10(1 + words_below(page, section))
        weight += 0.8 if has_code(page, section) else 0.0
        weight *= 0.5 if depth > 0 and is_start(clean_title(section.title)) else 1.0
        weight *= INSIDE_SHARE if self.is_inside(page) else 1.0
        return (
            weight
            * share_of_title(section.title, is_application=self.is_application)
            * self.share_in_code(page, section, depth)
        )

    def share_in_code(self, page: Page, section: Section, depth: int) -> float:
        """What the code leaves of a heading's weight: where neither names the other, its subject is elsewhere."""
        terms = set(terms_of(clean_title(section.title))) - self.own
        if not terms or terms & self.vocabulary or (depth == 0 and has_code(page, section)):
            return 1.0
        below = () if only_holds(page, section) else page.below(section)
        names, files = self.evidence.by_name, self.evidence.links.modules
        is_in_code = any(
            any(name in names for name in identifiers_in(block)) or any(path in files for path in paths_in(block))
            for inner in (section, *below)
            for block in inner.blocks
        )
        return 1.0 if is_in_code else ELSEWHERE_SHARE

    def unnamed_page(self, page: Page, number: int, *, share: float) -> Candidate:
        """A page whose own title stands in its name alone."""
        title = clean_title(page.title)
        first = page.sections[0]
        words = sum(section.words for section in page.sections)
        return Candidate(
            title=title,
            term=self.subject(title) if is_title(title) and not is_meta(title) else "",
            ground=Ground.PAGE,
            weight=(WEIGHTS[page.role][0] * share + 0.5 * math.log10(1 + words))
            * share_of_title(page.title, is_application=self.is_application),
            position=(_part(page), float(number), float(first.start)),
            says=page.title,
            section=first,
        )

    def interface(self, scores: Mapping[str, float]) -> Iterator[Candidate]:
        """Public definitions; where pages name enough of them, of the others types that are documented or extended."""
        public = self.evidence.public.values()
        named = {symbol.key for symbol in public if symbol.name in self.evidence.mentioned_in}
        is_documented = len(named) >= DOCUMENTED_MIN
        bases = Counter(base.partition("[")[0].rpartition(".")[2] for symbol in public for base in symbol.bases)
        for symbol in public:
            share = TYPE_SHARE if symbol.kind is Kind.CLASS else FUNCTION_SHARE
            if is_documented and symbol.key not in named:
                if symbol.kind is not Kind.CLASS or (symbol.doc is None and bases[symbol.name] < EXTENDED_MIN):
                    continue
                share *= UNNAMED_SHARE
            if self.is_application and not set(domain_terms(symbol.name)) - self.own:
                share *= LAYER_SHARE
            share *= APART_SHARE if self.is_application or symbol.span.path.startswith(self.apart) else 1.0
            weight = share * self.evidence.weight(symbol) + 0.15 * min(scores.get(symbol.key, 0.0), 8.0)
            yield Candidate(
                title=f"{symbol.name}!" if is_macro(symbol) else symbol.name,
                term=self.subject_of(symbol),
                ground=Ground.INTERFACE,
                weight=weight,
                position=self.first_use(symbol) or (3.0, -round(weight, 3), 0.0),
                says=f"{symbol.name}{symbol.signature}" if symbol.signature[:1] in {"", "("} else symbol.signature,
                symbol=symbol,
            )

    def subject_of(self, symbol: Symbol) -> str:
        """What a definition is about: a function may be about a heading, a term of headings, its folder or its file."""
        if self.is_application and (told := domain_term(symbol.name)):
            return told
        if symbol.kind is Kind.CLASS and (symbol.name[:1].isupper() or not self.homes(symbol)):
            return self.evidence.subject(symbol)
        if explained := self.subject_of_part(symbol):
            return explained
        terms = terms_of(symbol.name)
        options = [known for term in terms for known in (term, f"{term}er") if self.known[known]]  # `serve` a server
        if options:
            return max(options, key=lambda term: self.known[term])
        does = next(iter(terms_of(symbol.doc.text.partition(" ")[0])), "") if symbol.doc is not None else ""
        if self.known[does]:  # what its documentation says first: "Serialize the given value."
            return does
        folder, _, file = symbol.span.path.rpartition("/")
        around, name = subject_of_name(folder.rpartition("/")[2]), file.partition(".")[0]
        found = around if self.known[around] > 1 or (around and name in FRONTS) else subject_of_name(name)
        return subject_of_name(symbol.name) if found in self.own else found

    def subject_of_part(self, symbol: Symbol) -> str:
        """What the manual's part is about that names a function; empty for what is named in several."""
        found = [s for s in self.evidence.mentioned_in.get(symbol.name, ()) if s.path in self.places and s.title]
        homes = self.homes(symbol) or (found if len(found) <= HOMES_MAX else [])
        parts = [self.part_of(section) for section in homes if section.level > 1 and not is_meta(section.title)]
        return next((part for part in parts if part), "")

    def homes(self, symbol: Symbol) -> list[Section]:
        """The sections of a manual that a definition heads: `os.walk` that of `walk`."""
        return [
            section
            for section in self.evidence.mentioned_in.get(symbol.name, ())
            if section.path in self.places
            and is_entry(section.title)
            and self.is_manual(self.evidence.page_of(section))
            if symbol.name in re.split(r"\W+", section.title.strip("`* "))[-2:]
        ]

    def part_of(self, section: Section) -> str:
        """What a section of a manual is about: where it is headed by a name of code, what stands above."""
        page = self.evidence.page_of(section)
        if not self.is_manual(page):
            return ""
        if is_entry(section.title):
            above = [other for other in page.sections if other.start < section.start and section in page.below(other)]
            held = [other for other in above if other.level > 1 and not is_entry(other.title)]
            if held:
                return self.part(page, held[-1])
        title = clean_title(section.title)
        return self.subject(title) if is_title(title) and not is_start(title) else ""

    def first_use(self, symbol: Symbol) -> tuple[float, ...] | None:
        """Where the pages that people read in order first name a definition in code."""
        found = [section for section in self.evidence.mentioned_in.get(symbol.name, ()) if section.path in self.places]
        first = min(found, key=lambda section: (self.places[section.path], section.start), default=None)
        return (1.0, float(self.places[first.path]), first.start + 0.5) if first is not None else None


def _is_readme_manual(pages: Sequence[Page]) -> bool:
    """Whether hardly any other page explains the use, or the README says nearly as much as all of them."""
    guides = [p for p in pages if p.role in {PageRole.GUIDE, PageRole.START} and not p.is_front]
    told = sum(section.words for page in pages if page.role is PageRole.README for section in about_use(page))
    others = sum(section.words for page in guides for section in page.sections)
    return len(guides) <= GUIDES_FEW or (told >= MANUAL_WORDS and told >= README_SHARE * others)


def _part(page: Page) -> float:
    """Where a page stands in the reading: those that a table of contents places, then others, then other references."""
    if page.is_placed or page.role in {PageRole.README, PageRole.START} or page.is_front:
        return 1.0
    return 2.0 if page.role is PageRole.REFERENCE else 1.5


def _ground(page: Page, depth: int) -> Ground:
    if page.role is PageRole.README:
        return Ground.README
    return Ground.PAGE if depth == 0 else Ground.SECTION
