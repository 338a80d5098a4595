"""The chapters: candidates of one subject become a concept, the best supported concepts are kept, a newcomer's order.

Nothing is weighed by where it lies in the call graph: the graph only says which files belong to a concept.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from analyzer.code.model import Kind, Module, Role
from analyzer.concepts.candidates import Candidate, candidates_of
from analyzer.concepts.clusters import ALWAYS_ASKED, Cluster
from analyzer.concepts.domain import domain_candidates
from analyzer.concepts.evidence import Evidence, identifiers_in, names_used, paths_in
from analyzer.concepts.examples import example_candidates, first_program
from analyzer.concepts.folders import file_candidates, folder_candidates, package_candidates, span_of
from analyzer.concepts.model import Concept, Ground, Reason
from analyzer.concepts.packages import packages_apart
from analyzer.concepts.start import (
    PATHS_MAX,
    SECTIONS_MAX,
    SYMBOLS_MAX,
    entries_concept,
    is_whole,
    paths_of,
    program_concept,
    start_concept,
    start_section,
    used_keys,
)
from analyzer.concepts.terms import FRONTS, is_trivial, joined_terms, own_terms, stem, terms_of, words_of
from analyzer.documentation.model import Page, PageRole, Section
from analyzer.documentation.titles import is_about_operation, is_meta, is_start
from analyzer.graph.entry import Entry, answers_requests
from course.layout import slugify

CONCEPTS_MAX: Final = 12
CONCEPTS_MIN: Final = 5
# How many chapters a project of so many source lines gets at least, where there is something to say.
SIZES: Final = ((400, 4), (1_200, 6), (2_500, 9), (5_000, 11))
STRONG: Final = 3.2
FEW: Final = 3
THIN: Final = 5  # headings of weight; with fewer, what a library's parts are called says more
SMALL_MAX: Final = 6  # chapters of a project of a few hundred lines, where its documentation has as many subjects
SHOWN_TOGETHER: Final = 2
NAMING_MAX: Final = 2
FURTHER_MAX: Final = 14
OPERATED_MAX: Final = 1  # chapters of a program on what only its README tells, beside the first steps
REASONS_MAX: Final = 6
INTERFACE_POSITION: Final = 3.0
PREFIX_FROM: Final = 3  # what so many names begin with says nothing of each: `Json`
ROLES_FROM: Final = 3
ROLES_SHARE: Final = 0.6
ROLE_SHARE: Final = 0.6
WHOLE_SHARE: Final = 0.6
OF_TESTS: Final = frozenset(terms_of("test tests spec specs util utils helper helpers"))
_NAMES: Final = re.compile(r"[A-Za-z_]\w+")


def find_concepts(
    evidence: Evidence,
    scores: Mapping[str, float],
    project: str,
    *,
    is_application: bool,
    first_steps: str,
    ways_in: str = "",
    entries: Sequence[Entry] = (),
) -> tuple[tuple[Concept, ...], tuple[Concept, ...]]:
    """The concepts of a repository in the order in which a newcomer meets them, and those that came just after.

    `first_steps` is the title of a first chapter that the documentation has no name for, `ways_in` of one on a
    program's `entries`.
    """
    ranked = _clusters(evidence, scores, project, entries, is_application=is_application)
    start = start_section(evidence, project, is_application=is_application)
    first: Cluster | None = None
    program: Module | None = None
    if not is_application and (start is None or _is_any_code(start)):
        program = first_program(evidence)
        start = None if program is not None else start
    opens_with_entries = is_application and start is None and bool(entries)
    if opens_with_entries:
        program = first = None
    elif start is None:
        first = _facade(ranked, project)
        named = first is not None and first.term in own_terms(project)
        program, first = (None, first) if named else (program, first if program is None else None)
    elif (main := next((cluster for cluster in ranked[:CONCEPTS_MAX] if _is_main(cluster, start)), None)) is not None:
        first, start = main, None
    else:
        own = own_terms(project)
        keys = used_keys(start[0].sections if is_whole(start) else start[1:], evidence)[:3]
        ranked = [cluster for cluster in ranked if not _is_start_itself(cluster, start, keys, own)]
    ranked = [cluster for cluster in ranked if cluster is not first]
    if is_application:
        ranked = balanced(ranked)
    kept = ranked[: max(1, _count(ranked, evidence) - 1)]
    mentions = _mentions_in(first, evidence) if start is None and first is not None else {}
    lead = _lead(kept, evidence)
    is_served = is_application and answers_requests(entries)
    chosen = sorted(
        kept,
        key=lambda c: (
            is_application and _is_operation(c),
            *((c.domain_place or (1.0,)) if is_served else ()),
            *_place(c, mentions, lead),
            c.term,
        ),
    )
    chosen = [first, *chosen] if first is not None else chosen
    taken = {cluster.best.section.key for cluster in chosen if cluster.best.section is not None}
    concepts = [_concept(cluster, evidence, scores, taken) for cluster in chosen]
    opened = (
        start_concept(start, evidence, concepts, first_steps, project, is_application=is_application)
        if start is not None
        else program_concept(program, evidence, concepts, first_steps) if program is not None
        else (entries_concept(entries, ways_in), "") if opens_with_entries
        else None
    )  # fmt: skip
    if opened is not None:
        opening, met = opened
        # What the first steps are taken with comes next, wherever its own page stands.
        concepts = [opening, *sorted(concepts, key=lambda concept: concept.title != met)]
    further = [_concept(cluster, evidence, scores, taken) for cluster in ranked[len(kept) :][:FURTHER_MAX]]
    chapters = _distinct(concepts)
    return chapters, tuple(concept for concept in _distinct([*chapters, *further]) if concept not in chapters)


def _clusters(
    evidence: Evidence, scores: Mapping[str, float], project: str, entries: Sequence[Entry], *, is_application: bool
) -> list[Cluster]:
    """Candidates by subject, the best supported subject first."""
    found = candidates_of(evidence, scores, project, is_application=is_application)
    if is_application:
        own = own_terms(project) | joined_terms(project)
        found += [c for c in folder_candidates(evidence, scores) if c.term and c.term not in own]
        found += domain_candidates(evidence, scores, entries, own)
    elif sum(candidate.section is not None and candidate.weight >= STRONG for candidate in found) < THIN:
        apart = packages_apart(evidence.links.repository.modules)
        found += list(package_candidates(evidence, scores, own_terms(project), apart))
    telling = [candidate for candidate in found if not _is_trivial(candidate)]
    if len({candidate.term for candidate in telling}) < FEW:
        files = list(file_candidates(evidence, scores))
        telling += [candidate for candidate in files if not _is_trivial(candidate)]
        telling = telling or files
    subjects = {candidate.term for candidate in telling}
    telling += [candidate for candidate in example_candidates(evidence, subjects) if not _is_trivial(candidate)]
    clusters: dict[str, Cluster] = {}
    own = own_terms(project)
    tested = _tested(evidence, OF_TESTS | own)
    terms = {candidate.term for candidate in telling}
    for candidate in telling:
        # A compound that others write as one word: `WebSocket` and "Websockets".
        joined = stem("".join(words_of(candidate.title)).lower())
        candidate = replace(candidate, term=joined) if joined in terms | own else candidate  # noqa: PLW2901 - its subject
        cluster = clusters.setdefault(
            candidate.term,
            Cluster(
                term=candidate.term,
                in_examples=evidence.term_mentions[candidate.term],
                in_tests=tested[candidate.term],
            ),
        )
        cluster.members.append(candidate)
    told = [cluster for cluster in clusters.values() if not cluster.is_example]
    # A project that says enough is not taught by the names of its examples alone.
    weigh_roles(told)
    enough = told if len(told) >= CONCEPTS_MAX else clusters.values()
    return _absorbed(sorted(enough, key=lambda cluster: (-cluster.weight, cluster.term)), own)


def _is_trivial(candidate: Candidate) -> bool:
    return is_trivial(candidate.title, is_heading=candidate.section is not None)


def weigh_roles(clusters: Sequence[Cluster]) -> None:
    """Weigh less what types are for other subjects: `RetryOptions` and `TimeoutOptions` are not about options."""
    headed = {cluster.term for cluster in clusters if any(member.section is not None for member in cluster.members)}
    for cluster in clusters:
        types = [member for member in cluster.members if member.section is None]
        if cluster.term in ALWAYS_ASKED or not types or len(words_of(max(types, key=_known).title)) == 1:
            continue
        names = {member.title for member in types}
        roles = [name for name in names if (set(terms_of(name)) - {cluster.term}) & headed]
        has_page = any(m.ground in {Ground.PAGE, Ground.README} and m.section is not None for m in cluster.members)
        if len(roles) >= ROLES_FROM and len(roles) >= ROLES_SHARE * len(names) and not has_page:
            cluster.share = ROLE_SHARE


def _known(member: Candidate) -> tuple[float, str]:
    return member.weight, member.title


def _tested(evidence: Evidence, nothing: frozenset[str]) -> Counter[str]:
    """How many files of tests are named for a term: what authors test by its name is a part that they see as one.

    `nothing` are the terms that say nothing there: the project's own name, words for tests.
    """
    found: Counter[str] = Counter()
    for module in evidence.links.repository.by_role(Role.TEST):
        folder, _, file = module.path.rpartition("/")
        name = file.partition(".")[0]
        found.update(set(terms_of(folder.rpartition("/")[2] if name in FRONTS else name)) - nothing)
    return found


def _absorbed(ranked: Sequence[Cluster], own: frozenset[str]) -> list[Cluster]:
    """The clusters without names that are a part of another: `CancelToken` of cancellation, `StateTree` of state."""
    headed = [cluster for cluster in ranked if cluster.best.section is not None]
    by_term = {cluster.term: cluster for cluster in headed if cluster.term not in own}
    wholes = {cluster.term: _whole(cluster, by_term) for cluster in ranked}
    parts = Counter(whole for whole in wholes.values() if whole)
    kept: list[Cluster] = []
    for cluster in ranked:
        whole = wholes[cluster.term]
        if whole and parts[whole] < PREFIX_FROM and not wholes[whole]:
            by_term[whole].members += cluster.members
        else:
            kept.append(cluster)
    return kept


def _whole(cluster: Cluster, others: Mapping[str, Cluster]) -> str:
    """The subject of some weight that a cluster's only name is a part of; empty where it has one of its own."""
    options = [others[term] for term in cluster.wholes if term in others]
    return next((other.term for other in options if other.weight >= WHOLE_SHARE * cluster.weight), "")


def _facade(ranked: Sequence[Cluster], project: str) -> Cluster | None:
    """Where one begins without any documentation: the type that the project is named for, else the best known."""
    own = set(own_terms(project))
    undocumented = [cluster for cluster in ranked if all(member.section is None for member in cluster.members)]
    named = [
        cluster
        for cluster in undocumented
        if cluster.term in own and cluster.best.symbol is not None and cluster.best.symbol.kind is Kind.CLASS
    ]
    return next(iter([*named, *(ranked[:1] if ranked and ranked[0] in undocumented else [])]), None)


def _mentions_in(cluster: Cluster, evidence: Evidence) -> Mapping[str, int]:
    """The lines at which the file of a concept's main definition first names others."""
    symbol = cluster.best.symbol
    module = evidence.links.modules.get(symbol.span.path) if symbol is not None else None
    found: dict[str, int] = {}
    for known in module.symbols if module is not None else ():
        texts = [known.signature, known.doc.text if known.doc else "", *(call.name for call in known.calls)]
        for name in _NAMES.findall(" ".join(texts)):
            found.setdefault(name, known.span.start)
    return found


def _lead(clusters: Sequence[Cluster], evidence: Evidence) -> Mapping[str, int]:
    """How many other concepts each uses, less how many use it: what people hold first uses the rest."""
    owner = {
        member.symbol.key: cluster.term
        for cluster in clusters
        for member in cluster.members
        if member.symbol is not None
    }
    pairs: set[tuple[str, str]] = set()
    for link in evidence.links.all:
        source, target = owner.get(_top(link.source)), owner.get(_top(link.target))
        if source is not None and target is not None and source != target:
            pairs.add((source, target))
    found: dict[str, int] = {}
    for source, target in pairs:
        found[source] = found.get(source, 0) + 1
        found[target] = found.get(target, 0) - 1
    return found


def _top(key: str) -> str:
    """The key of the top-level definition that holds a definition."""
    path, separator, qualname = key.partition("::")
    return path + separator + qualname.partition(".")[0]


def _place(cluster: Cluster, mentions: Mapping[str, int], lead: Mapping[str, int]) -> tuple[float, ...]:
    """Where a concept belongs: by the documentation, else by where the first concept's code names it, else top down."""
    if cluster.position[0] < INTERFACE_POSITION:
        return cluster.position
    lines = [mentions[member.title] for member in cluster.members if member.title in mentions]
    if lines:
        return (INTERFACE_POSITION, float(min(lines)), 0.0)
    return (INTERFACE_POSITION + 1, float(-lead.get(cluster.term, 0)), *cluster.position[1:])


def _count(ranked: Sequence[Cluster], evidence: Evidence) -> int:
    """Five to twelve by how much there is to say; fewer only where there is less than that."""
    line_count = sum(module.line_count for module in evidence.links.repository.subjects)
    strong = sum(cluster.weight >= STRONG for cluster in ranked)
    by_size = next((count for limit, count in SIZES if line_count < limit), CONCEPTS_MAX)
    wanted = max(strong, by_size if strong < by_size else CONCEPTS_MIN)
    if line_count >= SIZES[0][0]:
        return min(wanted, CONCEPTS_MAX)
    headed = sum(cluster.weight >= STRONG and cluster.best.section is not None for cluster in ranked)
    return min(wanted, max(FEW, line_count // 40, min(headed + 1, SMALL_MAX)))


def balanced(ranked: Sequence[Cluster]) -> list[Cluster]:
    """A program's subjects, after the first those last that only READMEs tell of: how it is run is not all of it."""
    operated = [cluster for cluster in ranked if all(member.ground is Ground.README for member in cluster.members)]
    late = {cluster.term for cluster in operated[OPERATED_MAX:]}
    return sorted(ranked, key=lambda cluster: cluster.term in late)


def _is_operation(cluster: Cluster) -> bool:
    """Whether a subject is how a program is built and shipped, by the heading in its README."""
    return cluster.best.ground is Ground.README and is_about_operation(cluster.best.title)


def _is_any_code(start: tuple[Page, Section]) -> bool:
    """Whether one would begin with the first code that a page shows, under a heading about one thing among others."""
    page, section = start
    return page.role is PageRole.README and section.level > 1 and not is_start(section.title)


def _is_main(cluster: Cluster, start: tuple[Page, Section]) -> bool:
    """Whether newcomers begin in a section that is a concept of its own, and not in one called `Quick start`."""
    page, section = start
    return (
        not is_start(section.title)
        and page.role is not PageRole.START
        and any(member.section is not None and member.section.key == section.key for member in cluster.members)
    )


def _is_start_itself(cluster: Cluster, start: tuple[Page, Section], keys: Sequence[str], own: frozenset[str]) -> bool:
    """Whether a concept would repeat the first chapter: its section, a part of that, or only what it uses."""
    best = cluster.best
    if best.section is not None:
        parts = {section.key for section in start[0].below(start[1]) if is_start(section.title)}
        return best.section.key in parts or (best.section.key == start[1].key and len(cluster.members) == 1)
    if cluster.term in own and best.symbol is not None and best.symbol.key in keys:
        return True
    if any(member.section is not None for member in cluster.members):
        return False
    return best.symbol is not None and best.symbol.kind is not Kind.CLASS and best.symbol.key in keys


def _concept(cluster: Cluster, evidence: Evidence, scores: Mapping[str, float], taken: set[str]) -> Concept:
    best = cluster.best
    sections = _sections(cluster, evidence, taken)
    symbols = _symbols(cluster, sections, evidence, scores)
    reasons = sorted(cluster.members, key=lambda member: (-member.weight, member.position))[:REASONS_MAX]
    files = [member.path for member in cluster.members if member.path]
    return Concept(
        title=cluster.title,
        term=cluster.term,
        main=best.section,
        sections=tuple(sections),
        symbols=tuple(symbols),
        paths=tuple(dict.fromkeys([*paths_of(symbols, sections, evidence), *files]))[:PATHS_MAX],
        reasons=tuple(
            Reason(
                ground=member.ground,
                span=member.span if member.section is not None or member.symbol is None else span_of(member.symbol),
                says=member.says,
            )
            for member in reasons
        ),
        position=cluster.position,
    )


def _sections(cluster: Cluster, evidence: Evidence, taken: set[str]) -> list[Section]:
    """Sections on the subject, the main one and what stands under it first."""
    main = cluster.best.section
    found: dict[str, Section] = {}
    for member in sorted(cluster.members, key=lambda m: (m.section is not main, -m.weight, m.position)):
        if member.section is None:
            continue
        page = evidence.page_of(member.section)
        # What stands before a page's first heading is the page's.
        below = page.below(member.section) if member.section.title else page.sections
        for section in (member.section, *below):
            if section is main or (section.key not in taken and not is_meta(section.title)):
                found.setdefault(section.key, section)
    return list(found.values())[:SECTIONS_MAX] or _naming(cluster, evidence, taken)


def _naming(cluster: Cluster, evidence: Evidence, taken: set[str]) -> list[Section]:
    """Sections that show several of a subject's definitions, whatever their headings say; the richest first."""
    named: dict[str, list[Section]] = {}
    for name in {member.symbol.name for member in cluster.members if member.symbol is not None}:
        for section in evidence.mentioned_in.get(name, ()):
            named.setdefault(section.key, []).append(section)
    showing = [
        found for key, found in named.items()
        if len(found) >= SHOWN_TOGETHER and key not in taken and found[0].title and not is_meta(found[0].title)
    ]  # fmt: skip
    showing.sort(key=lambda found: (-len(found), found[0].path, found[0].start))
    return [found[0] for found in showing[:NAMING_MAX]]


def _symbols(
    cluster: Cluster, sections: Sequence[Section], evidence: Evidence, scores: Mapping[str, float]
) -> list[str]:
    """Public definitions: those that the subject names, then those that its main sections use in code."""
    own = [member.symbol for member in cluster.members if member.symbol is not None]
    face = cluster.best.symbol
    own.sort(key=lambda s: (s is not face, -evidence.weight(s), -scores.get(s.key, 0.0), s.key))
    mentioned: Counter[str] = Counter()
    for section in sections[:6]:
        for block in section.blocks:
            for name in identifiers_in(block):
                if name in evidence.by_name and section in evidence.mentioned_in.get(name, ()):
                    mentioned[evidence.by_name[name][0].key] += 1
    others = [key for key, _ in sorted(mentioned.items(), key=lambda item: (-item[1], item[0]))]
    others += [key for section in sections[:6] for key in _in_named_files(section, evidence, scores)]
    if not own and not others:
        files = [member.path for member in cluster.members if member.ground is Ground.EXAMPLE]
        used = sorted({name for path in files for name in names_used(evidence.links.modules[path])})
        others = [evidence.by_name[name][0].key for name in used if name in evidence.by_name]
    return list(dict.fromkeys([symbol.key for symbol in own] + others))[:SYMBOLS_MAX]


def _in_named_files(section: Section, evidence: Evidence, scores: Mapping[str, float]) -> Iterator[str]:
    """The main definition of each file that a section names in code, in its order."""
    for block in section.blocks:
        for written in paths_in(block):
            module = evidence.links.modules.get(written.strip("/"))
            tops = [s for s in module.symbols if not s.parent and s.is_public] if module is not None else []
            if tops:
                yield max(tops, key=lambda symbol: (scores.get(symbol.key, 0.0), symbol.key)).key


def _distinct(concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """Titles that stay distinct as file names; a second of the same title is left out."""
    seen: set[str] = set()
    kept: list[Concept] = []
    for concept in concepts:
        key = slugify(concept.title).strip("_-") or concept.title
        if key not in seen:
            seen.add(key)
            kept.append(concept)
    return tuple(kept)
