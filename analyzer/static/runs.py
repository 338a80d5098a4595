"""Which examples and scripts of a course were run at the analysed commit, and what they printed."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from analyzer.concepts.model import Concept
from analyzer.documentation.model import BlockKind
from analyzer.execution.examples import page_program, session_program
from analyzer.execution.package import PackageTooLargeError, package_files, package_roots
from analyzer.execution.runner import Runner
from analyzer.static.excerpts import Example, first_example
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.script import Script, scripts_of
from sandbox.exchange import NoAnswerError
from sandbox.program import NOT_RUN, Program, Result

CANDIDATES: Final = 4
LINES_MAX: Final = 12
PACKAGES_MAX: Final = 2
LINE_MAX_CHARACTERS: Final = 120
MARK: Final = "..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What was run. `was_asked` is whether somebody wanted it; `why_not` says why nothing came of it, if so."""

    was_asked: bool = False
    why_not: str = ""
    results: Mapping[str, Sequence[Result]] = field(default_factory=dict)

    def holds(self, script: Script) -> bool:
        """Whether it was seen that the program runs and that the check tells the starting file from the solution."""
        return (
            self.printed(_program(script)) is not None
            and self._succeeded(_checked(script, script.solution))
            and self._failed(_checked(script, script.starter(MARK)))
        )

    def output(self, script: Script) -> tuple[str, ...]:
        """The lines that a script printed; empty when it was not run."""
        return self.printed(_program(script)) or ()

    def example(self, repo_map: RepositoryMap, example: Example) -> tuple[str, ...] | None:
        """The lines that an example printed; None when it was not run, or did not run to its end."""
        program = example_program(repo_map, example) if self.results else None
        return self.printed(program) if program is not None else None

    def printed(self, program: Program) -> tuple[str, ...] | None:
        """What a program printed, the same each time that it ran; None when it failed or printed something else."""
        results = self.results.get(_key(program), ())
        if len(results) < 2 or not all(result.succeeded for result in results):  # noqa: PLR2004
            return None
        if len({result.output for result in results}) > 1:
            return None
        lines = tuple(results[0].output.rstrip().splitlines())
        is_short = len(lines) <= LINES_MAX and all(len(line) <= LINE_MAX_CHARACTERS for line in lines)
        return lines if is_short and all(line.isprintable() for line in lines) else None

    def _succeeded(self, program: Program) -> bool:
        return any(result.succeeded for result in self.results.get(_key(program), ()))

    def _failed(self, program: Program) -> bool:
        return any(result.status not in {0, None} for result in self.results.get(_key(program), ()))


def candidates(repo_map: RepositoryMap, concept: Concept) -> Iterator[Script]:
    """The scripts from which a concept's is chosen."""
    return islice(scripts_of(repo_map, concept), CANDIDATES)


def run_course(repo_map: RepositoryMap, runner: Runner | None) -> Runs:
    """Run what the chapters show first and what the tutorials ask for; a course without it is still a course."""
    if runner is None:
        return Runs()
    twice, once = _wanted(repo_map)
    keys = [*twice, *once, *twice]
    if not keys:
        return Runs(was_asked=True)
    try:
        package = package_files(repo_map.snapshot, repo_map.repository)
        if told := _cannot_be_imported(repo_map, runner, package):
            return Runs(was_asked=True, why_not=told)
        results = runner.run([twice.get(key) or once[key] for key in keys], package)
    except (NoAnswerError, PackageTooLargeError) as error:
        return Runs(was_asked=True, why_not=str(error))
    found: dict[str, list[Result]] = {}
    for key, result in zip(keys, results, strict=True):
        if result is not NOT_RUN:
            found.setdefault(key, []).append(result)
    return Runs(was_asked=True, results=found)


def _wanted(repo_map: RepositoryMap) -> tuple[dict[str, Program], dict[str, Program]]:
    """Programs by their key: those whose output is told, which is to be the same twice, and checks."""
    twice: dict[str, Program] = {}
    once: dict[str, Program] = {}
    for concept in repo_map.concepts:
        for script in candidates(repo_map, concept):
            twice[_key(_program(script))] = _program(script)
            for program in (_checked(script, script.solution), _checked(script, script.starter(MARK))):
                once[_key(program)] = program
        example = first_example(repo_map, concept)
        if example is not None and (shown := example_program(repo_map, example)) is not None:
            twice[_key(shown)] = shown
    return twice, once


def _cannot_be_imported(repo_map: RepositoryMap, runner: Runner, package: Mapping[str, bytes]) -> str:
    """Why none of the packages can be imported from the commit alone; empty when one can."""
    names = sorted(package_roots(repo_map.repository))
    tried = runner.run([Program(main="main.py", files={"main.py": f"import {name}\n"}) for name in names], package)
    if any(result.succeeded for result in tried):
        return ""
    said = next((lines[-1] for result in tried if (lines := result.output.strip().splitlines())), "no reason given")
    return f"its packages cannot be imported from the commit alone ({said[:LINE_MAX_CHARACTERS]})"


def example_program(repo_map: RepositoryMap, example: Example) -> Program | None:
    """A Python example of the documentation as a program; None when it is none that could stand on its page."""
    if example.section is None or not (example.language == "pycon" or _parses(example.text)):
        return None
    packages = package_roots(repo_map.repository)
    before = _before(repo_map, example)
    if example.text.startswith(">>>"):
        imported = [] if "import " in "".join((*before, example.text)) else sorted(packages)[:PACKAGES_MAX]
        return session_program(before, example.text, imported)
    if example.language != "python" or not any(name in example.text for name in packages):
        return None
    return page_program(before, example.text, [name for name in packages if f"{name}." in example.text])


def _before(repo_map: RepositoryMap, example: Example) -> list[str]:
    """The examples of the same form that stand before an example on its page."""
    if example.section is None:
        return []
    is_session = example.text.startswith(">>>")
    found: list[str] = []
    for section in repo_map.evidence.page_of(example.section).sections:
        for block in section.blocks:
            if block is example.block:
                return found
            if block.kind is BlockKind.CODE and block.text.startswith(">>>") is is_session:
                found += [block.text] if is_session or _parses(block.text) else []
    return found


def _parses(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    # An ellipsis stands for what the reader is to fill in.
    return not any(isinstance(node, ast.Constant) and node.value is Ellipsis for node in ast.walk(tree))


def _program(script: Script) -> Program:
    return Program(main="predict.py", files={"predict.py": "\n".join(script.program) + "\n"})


def _checked(script: Script, starter: Sequence[str]) -> Program:
    return Program(
        main="check.py", files={"starter.py": "\n".join(starter) + "\n", "check.py": "\n".join(script.check) + "\n"}
    )


def _key(program: Program) -> str:
    return "\0".join((program.main, *(part for item in sorted(program.files.items()) for part in item)))
