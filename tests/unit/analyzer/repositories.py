"""Small repositories to analyse, and git to make them with."""

import io
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer import cli, pipeline
from analyzer.code.repository import parse_repository
from analyzer.console import Console
from analyzer.graph.entries import entries_of
from analyzer.graph.entry import Entry
from analyzer.graph.links import link
from analyzer.pipeline import Outcome, Request
from analyzer.source import snapshot

ROOT = Path(__file__).resolve().parents[3]
Files = Mapping[str, str | bytes]
README = """# Shop

Shop is a small library that sells fruit to people who like fruit.

```python
from shop import Basket

Basket().add('apple')
```
"""
FRONT = '''"""Sell fruit."""

from shop.basket import Basket
from shop.prices import price

__all__ = ["Basket", "price"]
'''
PRICES = '''"""What fruit costs."""

PRICES = {"apple": 3}


class UnknownFruitError(Exception):
    """The shop does not sell it."""


def price(name: str) -> int:
    """Return the price of one piece.

    Args:
        name: What the fruit is called.
    """
    if name not in PRICES:
        raise UnknownFruitError(name)
    return PRICES[name]
'''
BASKET = '''"""What a customer wants to buy."""

from shop.prices import price


class Basket:
    """A list of fruit with a total."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add(self, name: str) -> int:
        """Put one piece into the basket."""
        # The price is asked first, so that unknown fruit never gets in.
        cost = price(name)
        self.names.append(name)
        return cost

    def total(self) -> int:
        """Return the sum of all prices."""
        return sum(price(name) for name in self.names)
'''
TEST = """from shop import Basket


def test_total():
    basket = Basket()
    basket.add('apple')
    basket.add('apple')
    assert basket.total() == 6
"""
SHOP = {
    "README.md": README,
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
    "src/shop/__init__.py": FRONT,
    "src/shop/prices.py": PRICES,
    "src/shop/basket.py": BASKET,
    "tests/test_basket.py": TEST,
}


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular, at a fixed time."""
    environment = os.environ | {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
    }
    options = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main"]
    options += ["-c", "core.autocrlf=false"]
    done = subprocess.run(
        ["git", *options, "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


def write(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def java(name: str, body: str = "", folder: str = "entities") -> Files:
    """One public type of a Java program."""
    text = f"package shop;\n\npublic class {name} {{\n{body}\n}}\n"
    return {f"src/main/java/shop/{folder}/{name}.java": text}


# A program that keeps a few things and answers one request.
SERVICE: Files = {
    **java("Application", "    public static void main(String[] args) { }", ""),
    **java("Order"), **java("Parcel"), **java("Card"), **java("Carrier"),
    **java(
        "OrderController",
        '    @RequestMapping(path = "/orders", method = RequestMethod.GET)\n    public Order show() { return null; }',
        "controllers",
    ),
}  # fmt: skip


def ways_into(root: Path) -> tuple[tuple[Entry, ...], Mapping[str, Sequence[str]]]:
    """The ways into a program, and its lines by path."""
    read = snapshot.read(snapshot.list_repository(root))
    return entries_of(link(parse_repository(read)), read.files), read.files


def answered(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """What each is called and what answers, in order of name; empty where nothing is known to."""
    return sorted((entry.label, entry.handler.qualname if entry.handler is not None else "") for entry in entries)


def analyze(root: Path, output: Path | None, **changes: object) -> Outcome:
    """Run the pipeline in this process with the static engine; `changes` are fields of the request."""
    request = replace(Request(root=root, output=output, engine="static", version="test"), **changes)  # type: ignore[arg-type]
    console = Console(people=io.StringIO(), programs=None, clock=lambda: 0.0)
    return pipeline.run(request, cli.static_engine, console)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
