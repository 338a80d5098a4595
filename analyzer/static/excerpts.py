"""Pieces of source that a chapter shows: whole where they are short, else their telling lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.declarations import DECLARATION, FUNCTION_WORDS
from analyzer.code.model import Kind, Role, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.languages.table import TABLES
from analyzer.markup import fence, quotable
from analyzer.static.repository_map import RepositoryMap
from course.citations import uncommented

LINES_MAX: Final = 25
LINE_CHARS_MAX: Final = 240
SHORT_LINES: Final = 18
NAME_MIN: Final = 2
LONG_LINES: Final = 40  # a longer example is shown only where there is no other
TEST_LINES: Final = (3, 22)
ALIASES: Final = {
    "py": "python", "py3": "python", "python3": "python", "ipython": "python", "js": "javascript", "node": "javascript",
    "ts": "typescript", "sh": "console", "shell": "console", "bash": "console", "zsh": "console",
    "shell-session": "console",
    "golang": "go", "rs": "rust", "rb": "ruby", "c++": "cpp", "cs": "csharp", "c#": "csharp", "kt": "kotlin",
    "yml": "yaml", "html+jinja": "html", "jinja": "html", "html+erb": "html", "default": "", "none": "", "text": "",
    "python-console": "pycon", "pytb": "pycon", "doctest": "pycon", "no_run": "rust", "should_panic": "rust",
    "ignore": "rust",
}  # fmt: skip
_MEASURES: Final = re.compile(r"bench|perf", re.IGNORECASE)
# A test of a wrong argument shows no use, nor does what only prepares for one.
_SHOWS_NO_USE: Final = re.compile(
    r"fixture\b|setUp|@Before|should_panic|"
    r"([rR]aises?|[tT]hrows?|expectException|raise_error)\w*\W{1,3}(\w+\.)*(Type|Value|Attribute|Key|(Illegal|Invalid)?Argument)"
    r"\w*(Error|Exception)\b"
)
DRAWINGS: Final = frozenset({"mermaid", "dot", "plantuml", "math", "latex", "svg", "graphviz", "ditaa", "raw"})
NOT_PROGRAMS: Final = frozenset(
    {"console", "text", "", "toml", "ini", "yaml", "json", "html", "css", "http", "diff", "xml"}
)
_HELP: Final = re.compile(r"^usage: \S|^\s+-\w, --\w", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example of use: where it stands, its language, its section when it is in documentation."""

    span: Span
    language: str
    text: str
    section: Section | None = None
    block: Block | None = None
    role: Role = Role.DOC


def excerpt(repo_map: RepositoryMap, span: Span, language: str) -> str:
    """A fence with exactly the lines of the span, at most `LINES_MAX` of them; empty when a fence cannot hold them."""
    lines = repo_map.snapshot.files.get(span.path, ())
    end = min(span.end, len(lines))
    if end - span.start >= LINES_MAX:
        end = cut(lines, span.start, span.start + LINES_MAX - 1)
    while end > span.start and not lines[end - 1].strip():
        end -= 1
    shown: Sequence[str] = lines[span.start - 1 : end]
    if not shown or not quotable(shown):
        return ""
    shown = uncommented(shown, span.path) or shown
    label = Span(path=span.path, start=span.start, end=end).label
    return fence(f"{language or 'text'} {label}", shown)


def fits(example: Example) -> bool:
    """Whether every line of an example can be read: none is as long as a key or a file on one line."""
    return all(len(line) <= LINE_CHARS_MAX for line in example.text.splitlines())


def cut(lines: Sequence[str], start: int, limit: int) -> int:
    """A line at which a long example can stop: before a blank line, in its second half."""
    for number in range(limit, start + LINES_MAX // 2, -1):
        if not lines[number - 1].strip():
            return number - 1
    return limit


def example_language(repo_map: RepositoryMap, block: Block) -> str:
    """The language of an example as highlighters know it; unlabelled code that uses the project is in its language."""
    written = ALIASES.get(block.language.split(",")[0], block.language.split(",")[0])
    if written:
        return written
    if block.text.lstrip().startswith(("$ ", "> ", "# ")):
        return "console"
    if _HELP.search(block.text):
        return "text"
    if any(True for _ in repo_map.evidence.named_in(block.text)):
        return repo_map.repository.main_language
    return "text"


def examples_in(repo_map: RepositoryMap, section: Section) -> list[Example]:
    """A section's examples, in order."""
    return [
        Example(
            span=section.span(block),
            language=example_language(repo_map, block),
            text=block.text,
            section=section,
            block=block,
        )
        for block in section.blocks
        if block.kind is BlockKind.CODE and block.language not in DRAWINGS
    ]


def first_example(repo_map: RepositoryMap, concept: Concept) -> Example | None:
    """The example that a chapter opens with: the first of the documentation that uses the concept, else a test."""
    names = {symbol.name for symbol in repo_map.symbols_of(concept)[:6]}
    known = [example for section in concept.sections for example in examples_in(repo_map, section)]
    programs = [example for example in known if example.language not in NOT_PROGRAMS]
    short = [example for example in programs if example.text.count("\n") <= LONG_LINES]
    own = [example for example in programs if example.section is concept.main]
    # A long example of the concept's own section is shown in part, rather than one of another section.
    programs = short if short and (not own or any(example in short for example in own)) else programs
    programs = [example for example in programs if not _is_definition(repo_map, example.text)] or programs
    programs = [example for example in programs if fits(example)] or programs
    using = [example for example in programs if any(name in example.text for name in names)] or programs
    # The authors' own first example of the subject, where it is one of the project.
    main = next((example for example in programs if example.section is concept.main), None)
    if main is not None and concept.term and _is_of_project(repo_map, main.text):
        using = [main, *(example for example in using if example is not main)]
    if using:
        # A single line is shown with what follows it on its page, where that is longer.
        first, following = using[0], using[1] if len(using) > 1 else None
        is_line = first.text.count("\n") == 0
        return following if is_line and following and following.section is first.section else first
    sampled = sample(repo_map, concept)
    if sampled is not None and sampled.role is Role.EXAMPLE:
        return sampled
    commands = [example for example in known if example.language == "console" and example.section is concept.main]
    return next(iter(commands), None) or elsewhere(repo_map, concept) or sampled or (known[0] if known else None)


def _is_of_project(repo_map: RepositoryMap, text: str) -> bool:
    """Whether an example names the project or something public of it."""
    name = re.split(r"[^a-z0-9]+", repo_map.project.rpartition("/")[2].lower())[0]
    is_named = len(name) >= NAME_MIN and re.search(rf"\b{re.escape(name)}\b", text.lower()) is not None
    return is_named or any(True for _ in repo_map.evidence.named_in(text))


def elsewhere(repo_map: RepositoryMap, concept: Concept) -> Example | None:
    """The first short example on any page that makes or calls what the concept is about; none that opens another."""
    heads = {other.main.key for other in repo_map.concepts if other is not concept and other.main is not None}
    for symbol in repo_map.own_symbols(concept)[:2]:
        used = re.compile(rf"(?<![\w.]){re.escape(symbol.name)}(?:<[^<>]*>)?(?:\(|::|\.\w|\{{)")
        for section in repo_map.evidence.mentioned_in.get(symbol.name, ()):
            for example in examples_in(repo_map, section) if section.key not in heads else ():
                is_program = example.language not in NOT_PROGRAMS and not _is_definition(repo_map, example.text)
                is_short = TEST_LINES[0] <= example.text.count("\n") + 1 <= LINES_MAX
                if is_program and is_short and used.search(example.text):
                    return example
    return None


def _is_definition(repo_map: RepositoryMap, text: str) -> bool:
    """Whether an example is a definition of the project itself, or nothing but a signature: neither shows a use."""
    found = DECLARATION.match(text)
    if found is None:
        return False
    is_own = found["name"] in repo_map.evidence.by_name
    return is_own or (found["word"] in FUNCTION_WORDS and not re.search(r"[{=:]\s*$", text, re.MULTILINE))


def sample(repo_map: RepositoryMap, concept: Concept) -> Example | None:
    """The shortest whole function of an example or test that uses the concept's first definitions."""
    best: tuple[tuple[object, ...], Symbol] | None = None
    for place, symbol in enumerate(repo_map.symbols_of(concept)[:4]):
        keys = repo_map.keys_with_members(symbol)
        for key in keys:
            for link in repo_map.links.into(key, roles=(Role.EXAMPLE, Role.TEST)):
                function = repo_map.symbol(link.source)
                if function is None or not TEST_LINES[0] <= function.line_count <= TEST_LINES[1]:
                    continue
                rank = (
                    place,
                    concept.term != "error"
                    and _SHOWS_NO_USE.search("\n".join(repo_map.lines(function.span))) is not None,
                    _role_of(repo_map, function) is not Role.EXAMPLE,
                    _is_helper(repo_map, function),
                    _MEASURES.search(function.span.path) is not None,
                    abs(function.line_count - 9),
                    function.span.path,
                    function.span.start,
                )
                if best is None or rank < best[0]:
                    best = (rank, function)
    if best is None:
        return None
    function = best[1]
    return Example(
        span=function.span,
        language=repo_map.module(function).language,
        text="\n".join(repo_map.lines(function.span)),
        role=_role_of(repo_map, function),
    )


def _is_helper(repo_map: RepositoryMap, function: Symbol) -> bool:
    """Whether a definition among the tests is none itself: tests call it, or it is a value that they share."""
    is_called = " " not in function.qualname and bool(repo_map.evidence.used_in[function.name])
    return repo_map.module(function).role is Role.TEST and (is_called or function.kind is Kind.CONSTANT)


def _role_of(repo_map: RepositoryMap, function: Symbol) -> Role:
    """A function's role: that of its file, unless it is what the language has for showing a use beside the tests."""
    module = repo_map.module(function)
    shown = TABLES[module.language].example_name if module.language in TABLES else ""
    return Role.EXAMPLE if shown and re.match(shown, function.name) else module.role


def telling_span(symbol: Symbol) -> Span:
    """The lines of a definition that say most: all of a short one; of a long one its body after the documentation."""
    if symbol.line_count <= SHORT_LINES:
        return symbol.span
    inside = symbol.doc is not None and symbol.doc.start > symbol.head_start
    start = (
        symbol.doc.end + 1
        if inside and symbol.doc is not None and symbol.doc.end < symbol.span.end
        else symbol.head_start
    )
    return Span(path=symbol.span.path, start=start, end=min(symbol.span.end, start + SHORT_LINES - 1))
