"""A stand-in for a model that writes courses: it does what each prompt asks for, with what the prompt shows.

Deterministic, and no better than a form that is filled in: it serves to run the engine, not to judge what it writes.
`fault` makes one kind of answer go wrong the first time, or always.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_TASKS: Final = {
    "concepts": "Choose what the course teaches",
    "relations": "Say how the concepts depend",
    "order": "Put the chapters into the order",
    "chapter": "Write chapter",
    "review": "Check chapter",
    "tutorial": "Write the exercise",
}
_PIECE: Final = re.compile(r"^E(\d+) — (.*?) — \S+#L(\d+)-L(\d+)$", re.MULTILINE)
_SHOWN: Final = 20
PARAGRAPH: Final = (
    "This is what the piece is for, and the lines that follow are short enough to be read one after the other. "
    "Each of them does one thing, and what it does can be seen in the line itself. Without it the next one would have "
    "nothing to work on, so the order in which they stand here is the order in which they are needed."
)


def task_of(prompt: str) -> str:
    """Which step a prompt belongs to."""
    return next(name for name, words in _TASKS.items() if words in prompt)


@dataclass(slots=True, kw_only=True)
class ScriptedModel:
    """Answers prompts.

    Attributes:
        faults: An answer in the place of the right one, by task; asked again, the right one is given.
        always: The same, however often it is asked.
        asked: The tasks in the order in which they were asked.
    """

    faults: dict[str, str] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    def answer(self, prompt: str) -> str:
        """The answer to a prompt."""
        task = task_of(prompt)
        self.asked.append(task)
        self.prompts.append(prompt)
        if task in self.always:
            return self.always[task]
        if task in self.faults and "You have answered before" not in prompt:
            return self.faults[task]
        return _ANSWERS[task](prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedModel:
    """Answers that a capable model once gave, by task and chapter; the wording of a prompt may have changed since."""

    folder: Path

    def answer(self, prompt: str) -> str:
        """The recorded answer to a prompt."""
        task = task_of(prompt)
        number = re.search(rf"{re.escape(_TASKS[task])}.*?chapter (\d+)|{re.escape(_TASKS[task])} (\d+)", prompt)
        name = f"{task}-{number[1] or number[2]}" if number and task in {"chapter", "review", "tutorial"} else task
        return (self.folder / f"{name}.md").read_text(encoding="utf-8")


def _concepts(prompt: str) -> str:
    known = re.findall(r"^K(\d+) (.+?)(?: \(first steps\))? — ", prompt, re.MULTILINE)
    most = int(re.findall(r"(\d+) to (\d+) concepts", prompt)[0][1])
    chosen = [
        {"name": title, "description": f"What {title} is, and what it is good for, as a tool is.", "from": [f"K{mark}"]}
        for mark, title in known[:most]
    ]
    return json.dumps(chosen)


def _relations(prompt: str) -> str:
    uses = re.findall(r"^R(\d+) ", prompt, re.MULTILINE)
    relations = [{"use": f"R{mark}", "label": "relies on"} for mark in uses]
    return json.dumps({"summary": "It keeps things.\n\nIts parts work together.", "relations": relations})


def _order(prompt: str) -> str:
    listed = prompt.partition("The concepts:")[2].partition("How they use each other")[0]
    names = re.findall(r"^- (.+?) — ", listed, re.MULTILINE)
    return json.dumps({"order": [{"name": name, "why": "As the documentation has it."} for name in names]})


def _chapter(prompt: str) -> str:
    pieces = [(int(n), what, int(first), int(last)) for n, what, first, last in _PIECE.findall(prompt)]
    titles = re.findall(r'"## ([^"]+)"', prompt)
    parts = [f"Whoever reads on needs this first. {PARAGRAPH}"]
    parts += [f"[[quote E{number}]]" for number, what, _, _ in pieces if what.startswith("prose")][:1]
    for title, (number, _, first, last) in zip(titles[:3], pieces * 3, strict=False):
        shown = f"[[E{number}:{first}-{min(last, first + _SHOWN)}]]"
        parts += [f"## {title}", shown, f"{PARAGRAPH} It begins here [[E{number}:{first}]]. {PARAGRAPH}"]
    number, _, first, _ = pieces[0]
    parts += [f"## {titles[3]}", f"? Where does it begin?\n! In its first line [[E{number}:{first}]]."]
    parts += ["In short, it is what it says, and it is used as shown. Next comes [[chapter 1]]."]
    return "\n\n".join(parts)


def _review(prompt: str) -> str:
    return json.dumps({"checked": int(re.findall(r'"checked": (\d+)', prompt)[-1]), "failed": []})


def _tutorial(prompt: str) -> str:
    number, _, first, last = _PIECE.findall(prompt)[0]
    headings = re.findall(r"^## \d\. .+$", prompt, re.MULTILINE)
    language = re.findall(r"```(\w+) starter", prompt)[0]
    end = min(int(last), int(first) + _SHOWN)
    asked = f"? What comes of it?\n! What the line says [[E{number}:{first}]]."
    own = [
        f"```{language} starter\nready = False\n```",
        f"```{language} check\nfrom starter import *\n\nassert ready\n```",
        f"```{language} solution\nready = True\n```",
    ]
    parts = [headings[0], f"[[E{number}:{first}-{end}]]", "What will it do?", headings[1], asked]
    parts += [headings[2], asked, headings[3], asked, headings[4], "Make it ready.", *own]
    return "\n\n".join(parts)


_ANSWERS: Final[dict[str, Callable[[str], str]]] = {
    "concepts": _concepts,
    "relations": _relations,
    "order": _order,
    "chapter": _chapter,
    "review": _review,
    "tutorial": _tutorial,
}
