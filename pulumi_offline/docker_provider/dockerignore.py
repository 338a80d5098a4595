"""The patterns of a `.dockerignore` file (https://docs.docker.com/reference/dockerfile/#dockerignore-file)."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern; `keeps` is the `!` form."""

    pattern: re.Pattern[str]
    keeps: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRules:
    """All patterns of a file, in order: the last one that matches a path decides."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def parse(cls, lines: Iterable[str]) -> IgnoreRules:
        """The rules of a file's lines; comments and blank lines mean nothing."""
        return cls(rules=tuple(rule for line in lines if (rule := _rule(line)) is not None))

    def ignores(self, path: str) -> bool:
        """Whether the path (relative, `/` separators) is left out; a matched folder takes its content with it."""
        ignored = False
        for rule in self.rules:
            if rule.pattern.fullmatch(path):
                ignored = not rule.keeps
        return ignored

    def may_keep_below(self, folder: str) -> bool:
        """Whether an ignored folder can still hold a kept file; False lets a walk skip it."""
        del folder
        return any(rule.keeps for rule in self.rules)


def _rule(line: str) -> Rule | None:
    text = line.strip()
    if not text or line.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text[1:].strip() if keeps else text
    cleaned = posixpath.normpath(text).lstrip("/")
    if cleaned in ("", "."):
        return None
    return Rule(pattern=re.compile(_expression(cleaned) + r"(?:/.*)?", re.DOTALL), keeps=keeps)


def _expression(pattern: str) -> str:
    """Go's `filepath.Match` plus `**`, as a regular expression."""
    result, index = "", 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            result, index = result + r"(?:.*/)?", index + 3
        elif pattern.startswith("**", index):
            result, index = result + r".*", index + 2
        elif pattern[index] == "*":
            result, index = result + r"[^/]*", index + 1
        elif pattern[index] == "?":
            result, index = result + r"[^/]", index + 1
        elif pattern[index] == "[" and (end := pattern.find("]", index + 2)) > 0:
            result, index = result + _class(pattern[index + 1 : end]), end + 1
        elif pattern[index] == "\\" and index + 1 < len(pattern):
            result, index = result + re.escape(pattern[index + 1]), index + 2
        else:
            result, index = result + re.escape(pattern[index]), index + 1
    return result


def _class(members: str) -> str:
    negated = members[0] in "^!"
    body = (members[1:] if negated else members).replace("\\", r"\\").replace("[", r"\[")
    return f"[^/{body}]" if negated else f"[{body}]"
