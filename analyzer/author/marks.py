"""From what the model wrote to Markdown that can be proved: marks become excerpts, citations, quotations and links.

Code that the model typed itself, HTML, links and images of its own do not get through. What was wrong is told, so that
the model can be asked again; what is left without it is still a text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.author.material import Material, Piece, quote_of
from analyzer.code.model import Span
from analyzer.markup import cite, fence, one_line
from analyzer.mermaid import check_mermaid
from analyzer.static.excerpts import LINES_MAX, excerpt
from analyzer.static.repository_map import RepositoryMap
from course import citations, markdown

SOLUTION: Final = "solution"
PROBLEMS: Final = 20  # told to whoever answers again
PROBLEM_CHARS: Final = 300
OWN_CODE: Final = ("starter", "check", SOLUTION)
_PIECE: Final = r"E(?P<number>\d{1,3})(?::(?P<lines>\d+(?:\s*[-\u2013]\s*\d+)?))?"
_BLOCK: Final = re.compile(rf"^\s*\[\[(?P<quote>quote\s+)?{_PIECE}\]\]\s*$")
_INLINE: Final = re.compile(rf"\(?\[\[{_PIECE}\]\]\)?")
_CHAPTER: Final = re.compile(r"\[\[chapter\s+(?P<number>\d{1,3})\]\]", re.IGNORECASE)
_MARK: Final = re.compile(r"\[\[[^\]\n]*\]\]|<<<|>>>")
_UNDERLINE: Final = re.compile(r"^\s{0,3}(=+|-+|_{3,}|\*{3,})\s*$")
_QUOTE: Final = re.compile(r"^\s{0,3}>\s?")
_INDENT: Final = re.compile(r"^(?:\s{4,}|\t+\s*)")
_HEADING: Final = re.compile(r"^(#{1,6})\s+(?P<title>\S.*)$")
_FENCE: Final = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_SPAN: Final = re.compile(r"(`+)(?P<content>.+?)\1")
_OWN: Final = re.compile(rf"^```\w+ (?:{'|'.join(OWN_CODE)})\b[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_NAME: Final = re.compile(r"[A-Za-z_][\w.:]*(?:\(\))?")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->|<!?[A-Za-z]")
_LINK: Final = re.compile(r"!?\[([^\]\[]*)\]\((?:[^()]|\([^()]*\))*\)|!?\[([^\]\[]*)\]\[[^\]\[]*\]")
_DEFINITION: Final = re.compile(r"^\s{0,3}\[[^\]]+\]:")
_ADDRESS: Final = re.compile(r"(?i)\b(https?|ftp):(?=//)")


@dataclass(slots=True, kw_only=True)
class Rendering:
    """A text being made from an answer.

    Attributes:
        repo_map: Where names and lines are looked up.
        material: What the marks stand for.
        links: Markdown links to the chapters, by their number from 1.
        answered: Makes a block that hides an answer.
        solved: Makes a block that hides the solution of a task.
        code: Language of code that the model may write itself; empty where it may not.
        own_names: Names in code that the model may write itself.
        problems: What was wrong, and is not in the text any more.
        faults: What is wrong with the text as a whole.
    """

    repo_map: RepositoryMap
    material: Material
    links: Mapping[int, str]
    answered: Callable[[str], str]
    solved: Callable[[str], str]
    code: str = ""
    problems: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    own_code: dict[str, str] = field(default_factory=dict)
    own_names: set[str] = field(default_factory=set)
    excerpts: int = 0
    citations: int = 0

    def of(self, answer: str) -> str:
        """The Markdown of an answer."""
        blocks: list[str] = []
        self.own_names = set(_WORD.findall("\n".join(_OWN.findall(answer)))) if self.code else set()
        lines = iter(answer.replace("\r\n", "\n").split("\n"))
        question = ""
        number = 0
        for line in lines:
            if match := _FENCE.match(line):
                blocks += self._fence(match, lines)
            elif match := _BLOCK.match(line):
                blocks += ["", self._shown(match), ""]
            elif line.startswith("? "):
                question = self._inline(line[2:])
            elif line.startswith("! ") and question:
                number += 1
                asked = question if self.code else f"**{number}.** {question}"
                blocks += ["", asked, "", self.answered(self._inline(line[2:])), ""]
                question = ""
            elif _UNDERLINE.match(line) or _DEFINITION.match(line):
                # Under a line of text the first would make a title of that; the other is where a link leads.
                blocks.append("")
            elif match := _HEADING.match(line):
                level = max(2, len(match[1]))
                blocks += ["", f"{'#' * level} {self._inline(match['title'])}", ""]
            else:
                blocks.append(self._line(line))
        if question:
            self.problems.append("a question has no answer: “! …” is missing below it")
        # One blank line between paragraphs; those inside an excerpt are the repository's.
        kept = [block for place, block in enumerate(blocks) if block or (place and blocks[place - 1])]
        return "\n".join(kept).strip() + "\n"

    def _line(self, line: str) -> str:
        """A line of prose: no block quote of the model's own, no code by indentation."""
        if match := _QUOTE.match(line):
            self.problems.append("words were quoted by hand: quote a piece by a mark such as [[quote E2]]")
            line = line[match.end() :]
        return self._inline(_INDENT.sub("   ", line))

    def _fence(self, opening: re.Match[str], lines: Iterator[str]) -> list[str]:
        """A block between fences: a diagram, code that is allowed, or nothing."""
        content: list[str] = []
        for line in lines:
            if line.strip().startswith(opening["mark"]) and not line.strip().strip("`~"):
                break
            content.append(line)
        info = opening["info"].split()
        if info[:1] == ["mermaid"]:
            reason = check_mermaid("\n".join(content) + "\n")
            if reason is None:
                return ["", fence("mermaid", content), ""]
            self.problems.append(f"a diagram cannot be drawn: {reason}")
            return []
        name = next((word for word in info if word.partition(".")[0] in OWN_CODE), "")
        if self.code and name:
            name = name.partition(".")[0]
            self.own_code[name] = "\n".join(content) + "\n"
            shown = fence(f"{self.code} {name}", content)
            return ["", self.solved(shown) if name == SOLUTION else shown, ""]
        self.problems.append("code was typed: show lines of the repository by a mark such as [[E1]] instead")
        return []

    def _shown(self, match: re.Match[str]) -> str:
        piece = self.material.piece(int(match["number"]))
        span = self._span(piece, match["lines"])
        if piece is None or span is None:
            return ""
        if match["quote"]:
            if quoted := quote_of(self.repo_map, piece.section, piece.block):
                return quoted
            self.problems.append(f"E{match['number']} is no prose that can be quoted; show it or cite it")
            return ""
        if span.end - span.start >= LINES_MAX:
            self.problems.append(
                f"E{match['number']} has {span.end - span.start + 1} lines; show at most {LINES_MAX}, as [[E1:5-20]]"
            )
        shown = excerpt(self.repo_map, span, piece.language)
        self.excerpts += bool(shown)
        return shown

    def _span(self, piece: Piece | None, written: str | None) -> Span | None:
        """The lines that a mark stands for, or None with the reason told."""
        if piece is None:
            self.problems.append(f"there are no pieces beyond E{len(self.material.pieces)}")
            return None
        if not written:
            return piece.span
        first, _, last = written.replace("\u2013", "-").replace(" ", "").partition("-")
        start, end = int(first), int(last or first)
        if not piece.span.start <= start <= end <= piece.span.end:
            self.problems.append(
                f"lines {written} are not of {piece.span.label}, which has {piece.span.start} to {piece.span.end}"
            )
            return piece.span
        return Span(path=piece.span.path, start=start, end=end)

    def _inline(self, line: str) -> str:
        """One line of prose: marks replaced, everything else that could lead anywhere taken out."""
        pieces: list[str] = []
        place = 0
        for match in _SPAN.finditer(line):
            pieces += [self._prose(line[place : match.start()]), self._code(match)]
            place = match.end()
        return "".join([*pieces, self._prose(line[place:])]).rstrip()

    def _code(self, match: re.Match[str]) -> str:
        """A code span; a name that the repository does not have is no code."""
        content = one_line(match["content"].strip("`"))
        if citations.citations(f"`{content}`"):
            self.problems.append(f"`{content}` was typed: cite a piece by a mark such as [[E1:4]]")
            content = content.partition("#L")[0]
        if _NAME.fullmatch(content) and not self._knows(content.removesuffix("()")):
            self.problems.append(f"`{content}` is nowhere in the repository")
            return self._prose(content)
        return f"`{content}`" if "`" not in content else content.replace("`", "")

    def _knows(self, name: str) -> bool:
        last = re.split(r"[.:]+", name.strip(".:"))[-1]
        if not last or last in self.own_names or last in self.repo_map.evidence.by_name:
            return True
        return self.repo_map.has_word(last)

    def _prose(self, text: str) -> str:
        text = _LINK.sub(lambda match: match[1] or match[2] or "", text)
        if _TAG.search(text):
            self.problems.append("HTML was written")
            text = _TAG.sub("", text)
        text = _ADDRESS.sub(r"\1&#58;", text)
        text = _INLINE.sub(self._cited, text)
        text = _CHAPTER.sub(self._linked, text)
        if _MARK.search(text):
            self.problems.append(f"{_MARK.search(text)[0]} is no mark that stands for anything")  # type: ignore[index]
            text = _MARK.sub("", text)
        return text

    def _cited(self, match: re.Match[str]) -> str:
        span = self._span(self.material.piece(int(match["number"])), match["lines"])
        self.citations += span is not None
        return f"({cite(span)})" if span is not None else ""

    def _linked(self, match: re.Match[str]) -> str:
        link = self.links.get(int(match["number"]))
        if link is None:
            self.problems.append(f"there is no chapter {match['number']}")
        return link or ""


def count_of_words(text: str) -> int:
    """How many words of prose a text has, outside fences and quotations."""
    fenced = markdown.fenced_lines(text)
    return sum(
        len(line.split())
        for number, line in enumerate(text.split("\n"))
        if number not in fenced and not line.startswith((">", "#"))
    )


def told(problems: Sequence[str]) -> str:
    """Problems as a list for the prompt, each once; of very many, the first."""
    different = list(dict.fromkeys(problem[:PROBLEM_CHARS] for problem in problems))
    more = [f"- and {len(different) - PROBLEMS} more"] if len(different) > PROBLEMS else []
    return "\n".join([*(f"- {problem}" for problem in different[:PROBLEMS]), *more])
