"""Candidates from a project's examples: what its authors wrote one for, they find worth showing.

An example is a file, or a folder, directly in a folder of examples; what it is called says what it shows.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from analyzer.code.model import Module, Role
from analyzer.code.roles import EXAMPLE_FOLDERS
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.evidence import Evidence, names_used
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import terms_of, words_of
from analyzer.languages.table import TABLES

EXAMPLE_WEIGHT: Final = 1.2
PROGRAM_LINES: Final = (6, 150)
PROGRAM_BEST: Final = 30
_BEGINS: Final = re.compile(
    r"(^|[-_\d])(hello\w*|quick\w*|getting|first|basics?|simple|minimal|start\w*|intro\w*|usage)($|[-_])", re.IGNORECASE
)
EXAMPLES_MAX: Final = 200
_NUMBER: Final = re.compile(r"^\d+[-_]*")
# They show the whole, or how fast it is, and none of its parts.
_WHOLE: Final = re.compile(
    r"^(hello.*|quick.*|basic.*|simple.*|minimal.*|bench.*|tutorial.*|start.*|demo|main|app|index|server|client|todo.*|"
    r"blog|deploy\w*|legacy|src|lib|test.*|common|shared|utils?)$",
    re.IGNORECASE,
)


def example_candidates(evidence: Evidence, subjects: Collection[str]) -> Iterator[Candidate]:
    """One candidate per example whose name says what it shows; its first program is the evidence.

    `subjects` are the terms that other evidence is about.
    """
    shown: dict[str, Module] = {}
    for module in evidence.links.repository.modules:
        if module.role is Role.EXAMPLE and (module.language == "python" or module.language in TABLES):
            name = _name(module.path)
            if name and not _WHOLE.match(name):
                shown.setdefault(name, module)
    titles = {name: " ".join(words_of(_NUMBER.sub("", name))) for name in shown}
    # What several are called for: `route-map` and `route-middleware` both show routing.
    known = Counter(term for title in titles.values() for term in terms_of(title))
    for number, (name, module) in enumerate(sorted(shown.items())[:EXAMPLES_MAX]):
        title, terms = titles[name], terms_of(titles[name])
        if terms:
            yield Candidate(
                title=title[:1].upper() + title[1:],
                term=max(terms, key=lambda term: (known[term], term in subjects, terms.index(term))),
                ground=Ground.EXAMPLE,
                weight=EXAMPLE_WEIGHT,
                position=(4.5, float(number), 0.0),
                says=module.path,
                path=module.path,
            )


def first_program(evidence: Evidence) -> Module | None:
    """The example that one begins with where no page shows any: what is called so."""
    repository = evidence.links.repository
    language, packages = repository.main_language, repository.packages
    found = [
        module
        for module in repository.by_role(Role.EXAMPLE)
        if module.language == language and _BEGINS.search(_name(module.path))
        if PROGRAM_LINES[0] <= module.line_count <= PROGRAM_LINES[1] and _uses(module, evidence, packages)
    ]
    return min(found, key=lambda module: (abs(module.line_count - PROGRAM_BEST), module.path), default=None)


def _uses(program: Module, evidence: Evidence, packages: Collection[str]) -> bool:
    """Whether a program names something public of the project, or imports one of its packages."""
    imported = {item.module.partition(".")[0] for item in program.imports}
    return not (names_used(program).isdisjoint(evidence.by_name) and imported.isdisjoint(packages))


def _name(path: str) -> str:
    """What an example is called: what lies directly in the folder of examples; nothing for what lies elsewhere."""
    parts = path.split("/")
    place = next((number for number, part in enumerate(parts[:-1]) if part.lower() in EXAMPLE_FOLDERS), None)
    return parts[place + 1].partition(".")[0] if place is not None else ""
