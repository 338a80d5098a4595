"""Step 6: a tutorial that belongs to a chapter: predict, run, change, break, build.

What it practises on is a test of the project or an example of its documentation. Nothing is executed here; what was
run elsewhere (`runs`) is said to be.
"""

from collections.abc import Sequence
from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.concepts.model import Concept
from analyzer.markup import cite, code, escape, fence
from analyzer.plan import OrderEntry
from analyzer.static.chapter import details
from analyzer.static.course import Course
from analyzer.static.excerpts import excerpt, main_language, telling_span
from analyzer.static.failures import raises_of
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.script import Script
from analyzer.static.snippet import Snippet, snippet_of
from course.layout import REVIEWED_DIR, chapter_file

RUNNERS: Final = {
    "python": "python -m pytest -k {name}", "go": "go test ./... -run {name}", "rust": "cargo test {name}",
    "javascript": "npm test", "typescript": "npm test", "tsx": "npm test", "jsx": "npm test", "java": "mvn test",
    "kotlin": "gradle test", "scala": "sbt test", "csharp": "dotnet test", "ruby": "bundle exec rake test",
    "php": "vendor/bin/phpunit --filter {name}", "swift": "swift test", "c": "ctest", "cpp": "ctest", "bash": "bats",
}  # fmt: skip


STEPS: Final = ("predict", "run", "change", "break", "build")


def write_tutorial(course: Course, entry: OrderEntry) -> str:
    """The Markdown of one tutorial."""
    concept = course.concept(entry)
    words = course.words
    chapter = f"../{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}"
    title = words("chapter", number=entry.index + 1, title=escape(entry.name))
    script = course.scripts.get(concept.title)
    snippet = script.snippet if script is not None else snippet_of(course.repo_map, concept)
    steps = _with_script(course, script) if script is not None else _with_snippet(course, concept, snippet)
    was_run = script is not None and course.runs.holds(script)
    blocks = [
        f"# {words('tutorial', title=escape(entry.name))}",
        f"{words('tutorial-of', chapter=title, link=chapter)} {words('was-run' if was_run else 'not-run')}",
    ]
    for number, (name, parts) in enumerate(zip(STEPS, steps, strict=True), start=1):
        blocks += [f"## {number}. {words(name)}", *(part for part in parts if part)]
    return "\n\n".join(blocks) + "\n"


Steps = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str], Sequence[str]]


def _with_script(course: Course, script: Script) -> Steps:
    words, snippet = course.words, script.snippet
    package = script.imports[0].split()[1].partition(".")[0]
    return (
        (words("predict-lines"), fence("python", script.program), words("from", cite=cite(snippet.span))),
        (
            words("run-python", package=code(package)),
            details(words("answer"), _answer(course, script)),
        ),
        _change(course, snippet),
        _break(course, snippet),
        (
            words("build-gap"),
            fence("python starter.py", script.starter(words("gap-mark"))),
            fence("python check.py", script.check),
            details(words("solution"), fence("python solution.py", script.solution)),
        ),
    )


def _answer(course: Course, script: Script) -> str:
    """What the program printed when it was run here, else what the test expects."""
    expected = f"{code(script.right, 160)} ({cite(script.right_span)})"
    if not course.runs.holds(script) or not (output := course.runs.output(script)):
        return expected
    return "\n\n".join([course.words("printed-here"), fence("text", output), course.words("expected", value=expected)])


def _with_snippet(course: Course, concept: Concept, snippet: Snippet | None) -> Steps:
    words, repo_map = course.words, course.repo_map
    if snippet is None:
        return _with_source(course, concept)
    gap = snippet.gap() or 0
    indent = snippet.lines[gap][: len(snippet.lines[gap]) - len(snippet.lines[gap].lstrip())]
    mark = "#" if snippet.language in {"python", "ruby", "bash"} else "//"
    starter = [*snippet.lines[:gap], f"{indent}{mark} … {words('gap-mark')}", *snippet.lines[gap + 1 :]]
    runner = RUNNERS.get(snippet.language, "").format(name=snippet.name)
    shown = excerpt(repo_map, snippet.span, snippet.language)
    is_test = bool(snippet.name)
    return (
        (words("predict-lines" if is_test else "predict-read"), shown),
        (words("run-own", command=code(runner)) if runner else words("not-run"),),
        _change(course, snippet),
        _break(course, snippet),
        (
            words("build-gap-own"),
            fence(f"{snippet.language} starter", starter),
            details(words("solution"), f"{code(snippet.lines[gap].strip(), 160)} ({cite(snippet.cite(gap))})"),
        ),
    )


def _change(course: Course, snippet: Snippet) -> list[str]:
    words = course.words
    literal, assertion = snippet.literal(), snippet.assertion()
    if literal is None:
        return [words("change-value", value=code(snippet.lines[-1].strip(), 60))]
    value, number = literal
    noticed = assertion if assertion is not None else number
    line = snippet.lines[noticed].strip()
    answer = words("change-answer", line=code(line, 100), cite=cite(snippet.cite(noticed)))
    return [words("change-value", value=code(value)), details(words("answer"), answer)]


def _break(course: Course, snippet: Snippet) -> list[str]:
    words = course.words
    gap = snippet.gap()
    if gap is None:
        return [words("break-line", line=code(snippet.lines[0].strip(), 80))]
    name = snippet.assigned(gap)
    user = snippet.user_of(name, gap) or gap
    line = snippet.lines[user].strip()
    return [
        words("break-line", line=code(snippet.lines[gap].strip(), 100)),
        details(
            words("answer"), words("break-answer", name=code(name), line=code(line, 100), cite=cite(snippet.cite(user)))
        ),
    ]


def _with_source(course: Course, concept: Concept) -> Steps:
    """Where there is neither test nor example: the definition itself, read closely."""
    words, repo_map = course.words, course.repo_map
    symbols = [symbol for symbol in repo_map.symbols_of(concept) if symbol.kind is not Kind.CONSTANT]
    main = symbols[0] if symbols else None
    if main is None:
        return _with_pages(course, concept)
    span = telling_span(main)
    language = repo_map.module(main).language or main_language(repo_map)
    runner = RUNNERS.get(language, "").format(name=main.name)
    raised = next(iter(raises_of(repo_map, concept)), None)
    broken = (
        words("break-raise", error=code(raised[1].name), condition=cite(raised[0].span))
        if raised is not None
        else words("break-line", line=code(repo_map.line(span.path, span.start), 80))
    )
    head = words("build-hint", line=code(repo_map.line(main.span.path, main.head_start), 120), cite=cite(main.span))
    return (
        (words("predict-read"), excerpt(repo_map, span, language)),
        (words("run-own", command=code(runner)) if runner else words("not-run"),),
        (words("change-value", value=code(_value(repo_map, main))),),
        (broken,),
        (words("build-own", name=code(main.qualname)), details(words("solution"), head)),
    )


def _value(repo_map: RepositoryMap, symbol: Symbol) -> str:
    lines = tuple(repo_map.lines(symbol.span))
    snippet = Snippet(span=symbol.span, lines=lines, language="")
    literal = snippet.literal()
    return literal[0] if literal is not None else repo_map.line(symbol.span.path, symbol.span.end)


def _with_pages(course: Course, concept: Concept) -> Steps:
    """Where there is no code at all: the concept's page."""
    words = course.words
    path = concept.paths[0] if concept.paths else ""
    name = code(path or concept.title)
    return (
        (words("predict-read"), words("from", cite=f"`{path}#L1`") if path else ""),
        (words("not-run"),),
        (words("change-value", value=name),),
        (words("break-line", line=name),),
        (words("build-own", name=name),),
    )
