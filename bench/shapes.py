"""Repositories that never were, each made from a number: any size, language, depth, page, long lines and long names."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analyzer.source.snapshot import Snapshot

_WORDS: Final = re.findall(
    r"\w+",
    """parser reader writer client server route session cache queue worker token schema table record stream event signal
    filter handler plugin config layout render format value field query index batch retry limit policy store bucket""",
)
_README_EVERY: Final = 5  # all but one in five have one


@dataclass(frozen=True, slots=True)
class Shape:
    """One of them; the same number gives the same files."""

    number: int

    def snapshot(self) -> Snapshot:
        """The repository as the analyzer reads it."""
        chance = random.Random(self.number)  # noqa: S311 - the same each time
        files: dict[str, tuple[str, ...]] = {}
        for place in range(round(10 ** chance.uniform(0, 2.2))):
            depth = chance.randrange(chance.choice((1, 2, 9)))
            folder = "".join(f"{_name(chance)}/" for _ in range(depth))
            kind = chance.choice(("py", "py", "ts", "go", "md", "md", "bin.txt"))
            size = round(10 ** chance.uniform(0, 2.6))
            files[f"{folder}{_name(chance)}_{place}.{kind}"] = tuple(_lines(chance, kind, size))
        if self.number % _README_EVERY:
            files["README.md"] = tuple(_lines(chance, "md", round(10 ** chance.uniform(0, 2.8))))
        name = f"shape{self.number}"
        return Snapshot(root=Path("/", name), name=name, commit="", files=dict(sorted(files.items())), skipped={})


def _name(chance: random.Random) -> str:
    name = "_".join(chance.choice(_WORDS) for _ in range(chance.randrange(1, 4)))
    return name * chance.choice((1,) * 9 + (12,)) + chance.choice(("",) * 9 + ("é日本", "x" * 90))


def _lines(chance: random.Random, kind: str, size: int) -> Iterator[str]:
    for _ in range(size):
        match kind:
            case "md":
                yield from _paragraph(chance)
            case "py":
                yield from _python(chance)
            case "ts":
                yield from _typescript(chance)
            case "go":
                yield from _go(chance)
            case _:
                yield " ".join(chance.choice(_WORDS) for _ in range(chance.choice((3, 4_000))))


def _said(chance: random.Random) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.choice((4, 9, 9, 20, 900)))).capitalize() + "."


def _paragraph(chance: random.Random) -> Iterator[str]:
    match chance.randrange(6):
        case 0:
            yield from ("", f"{'#' * chance.randrange(1, 6)} {_name(chance)} {chance.choice(_WORDS)}", "")
        case 1:
            name = _name(chance)
            yield from ("", "```python", f"from shape import {name}", f"{name}({_name(chance)}=1)", "```", "")
        case 2:
            yield f"- `{_name(chance)}`: {_said(chance)}"
        case _:
            yield from (_said(chance), "")


def _python(chance: random.Random) -> Iterator[str]:
    name = _name(chance)
    yield from (f"class {name.title()}:" if chance.random() < 0.3 else f"def {name}({_name(chance)}=None):",)  # noqa: PLR2004
    yield from (
        f'    """{_said(chance)}"""',
        f"    {_name(chance)} = {chance.choice(_WORDS)}()",
        f"    # {_said(chance)}",
        "",
        "",
    )


def _typescript(chance: random.Random) -> Iterator[str]:
    name = _name(chance)
    yield from (f"/** {_said(chance)} */", f"export function {name}({chance.choice(_WORDS)}: string) {{")
    yield from (f"  return {chance.choice(_WORDS)}({_name(chance)}!);", "}", "")


def _go(chance: random.Random) -> Iterator[str]:
    name = _name(chance).title()
    yield from (f"// {name} {_said(chance)}", f"func {name}({chance.choice(_WORDS)} string) error {{")
    yield from (f"\treturn {chance.choice(_WORDS)}({_name(chance)})", "}", "")
