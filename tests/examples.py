"""Courses of small sample projects, and of this one, as the program writes them: `docs/examples`.

The samples are copied first: inside this checkout they would be part of its commit. `python -m tests.examples` writes
the folder anew; a test holds the samples' courses to what the program writes today.
"""

import io
import shutil
import tempfile
from pathlib import Path
from typing import Final

from analyzer import cli, pipeline
from analyzer.console import Console
from analyzer.manifest import MANIFEST_FILE
from analyzer.pipeline import Existing, Request
from course.steps import Language

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLES: Final = ROOT / "tests" / "samples"
EXAMPLES: Final = ROOT / "docs" / "examples"
LANGUAGES: Final[dict[str, Language]] = {"courier": "en", "tally": "fr"}


def write_course(root: Path, output: Path, language: Language) -> None:
    """Write the course of a folder."""
    request = Request(
        root=root, output=output, engine="static", version="example", existing=Existing.OVERWRITE, language=language
    )
    pipeline.run(request, cli.static_engine, Console(people=io.StringIO(), programs=None, clock=lambda: 0.0))
    (output / MANIFEST_FILE).unlink()


def write_sample(name: str, output: Path) -> None:
    """Write the course of a sample, from a copy that is no repository."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / name
        shutil.copytree(SAMPLES / name, copy)
        write_course(copy, output, LANGUAGES[name])


def main() -> None:
    """Write all examples."""
    for name in LANGUAGES:
        shutil.rmtree(EXAMPLES / name, ignore_errors=True)
        write_sample(name, EXAMPLES / name)
    shutil.rmtree(EXAMPLES / "fondation", ignore_errors=True)
    write_course(ROOT, EXAMPLES / "fondation", "en")


if __name__ == "__main__":
    main()
