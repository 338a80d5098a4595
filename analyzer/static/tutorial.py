"""Step 6: a tutorial that belongs to a chapter: predict, run, change, break, build.

What it practises on is a test of the project or an example of its documentation. Nothing is executed here; what was
run elsewhere (`runs`) is said to be.
"""

from collections.abc import Sequence
from typing import Final

from analyzer.concepts.model import Concept
from analyzer.markup import cite, code, escape, fence
from analyzer.plan import OrderEntry
from analyzer.static.chapter import details
from analyzer.static.course import Course
from analyzer.static.excerpts import excerpt
from analyzer.static.exercises import change_and_break
from analyzer.static.questions import questions
from analyzer.static.script import Script
from analyzer.static.session import Session, session_of
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
    session = session_of(course.repo_map, concept) if snippet is None else None
    if script is not None:
        steps = _with_script(course, concept, script, entry.index)
    elif snippet is not None:
        steps = _with_snippet(course, concept, snippet, entry.index)
    else:
        steps = _with_session(course, session) if session is not None else _with_pages(course, concept)
    was_run = script is not None and course.runs.holds(script)
    blocks = [
        f"# {words('tutorial', title=escape(entry.name))}",
        f"{words('tutorial-of', chapter=title, link=chapter)} {words('was-run' if was_run else 'not-run')}",
    ]
    for number, (name, parts) in enumerate(zip(STEPS, steps, strict=True), start=1):
        blocks += [f"## {number}. {words(name)}", *(part for part in parts if part)]
    return "\n\n".join(blocks) + "\n"


Steps = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str], Sequence[str]]


def _with_script(course: Course, concept: Concept, script: Script, number: int) -> Steps:
    words, snippet = course.words, script.snippet
    package = script.imports[0].split()[1].partition(".")[0]
    return (
        (words("predict-lines"), fence("python", script.program), words("from", cite=cite(snippet.span))),
        (
            words("run-python", package=code(package)),
            details(words("answer"), _answer(course, script)),
        ),
        *change_and_break(course, concept, snippet, number),
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


def _with_snippet(course: Course, concept: Concept, snippet: Snippet, number: int) -> Steps:
    words, repo_map = course.words, course.repo_map
    gap = snippet.gap() or 0
    indent = snippet.lines[gap][: len(snippet.lines[gap]) - len(snippet.lines[gap].lstrip())]
    mark = "#" if snippet.language in {"python", "ruby", "bash"} else "//"
    starter = [*snippet.lines[:gap], f"{indent}{mark} … {words('gap-mark')}", *snippet.lines[gap + 1 :]]
    is_test = bool(snippet.name)
    runner = RUNNERS.get(snippet.language, "").format(name=snippet.name) if is_test else ""
    shown = excerpt(repo_map, snippet.span, snippet.language)
    return (
        (words("predict-lines" if is_test else "predict-read"), shown),
        (words("run-own", command=code(runner)) if runner else words("run-yourself"),),
        *change_and_break(course, concept, snippet, number),
        (
            words("build-gap-own" if is_test else "build-gap-read"),
            fence(f"{snippet.language} starter", starter),
            details(words("solution"), f"{code(snippet.lines[gap].strip(), 160)} ({cite(snippet.cite(gap))})"),
        ),
    )


def _with_session(course: Course, session: Session) -> Steps:
    """Commands of the documentation: what they print is the answer to the prediction."""
    words = course.words
    printed = excerpt(course.repo_map, session.output, "text") if session.output is not None else ""
    other = session.following
    return (
        (words("predict-command"), excerpt(course.repo_map, session.command, "console")),
        (words("run-shell"), details(words("answer"), printed) if printed else ""),
        (words("change-value", value=code(session.word)),),
        (words("break-word", value=code(session.word)),),
        (
            words("build-command", said=session.task)
            if session.task
            else words("build-again", value=code(session.word)),
            details(words("solution"), excerpt(course.repo_map, other, "console")),
        ),
    )


def _with_pages(course: Course, concept: Concept) -> Steps:
    """Where there is nothing to run: what the pages say, asked for and compared."""
    words = course.words
    asked = [
        [question.text, details(words("answer"), question.answer)]
        for question in questions(course.repo_map, concept, words)
    ]
    page = concept.paths[0] if concept.paths else ""
    where = words("read-page", cite=f"`{page}#L1`") if page else words("run-yourself")
    name = code(concept.title)
    asked += [[words(key, name=name)] for key in ("own-question", "own-words", "own-case")]
    first, second, third = asked[:3]
    return first, [where], second, third, [words("explain", name=name)]
