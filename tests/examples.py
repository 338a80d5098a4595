"""Courses of small sample projects, and of this one, as the program writes them: `docs/examples`.

The samples are copied first: inside this checkout they would be part of its commit. `python -m tests.examples` writes
the folder anew; a test holds the samples' courses to what the program writes today.
"""

import io
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from analyzer import cli, pipeline
from analyzer.author.desk import Desk
from analyzer.claude.transcript import Answer
from analyzer.console import Console
from analyzer.manifest import MANIFEST_FILE
from analyzer.output import OutputFolder
from analyzer.pipeline import Existing, Request
from course.steps import Language
from tests.scripted_model import RecordedModel

ROOT: Final = Path(__file__).resolve().parents[1]
SAMPLES: Final = ROOT / "tests" / "samples"
EXAMPLES: Final = ROOT / "docs" / "examples"
LANGUAGES: Final[dict[str, Language]] = {"courier": "en", "larder": "en", "tally": "fr"}
RECORDED: Final = ("courier", "larder")
RECORDED_MODEL: Final = "recorded-answers"


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


def by_model(name: str) -> Path:
    """The example that holds a sample's course from recorded answers."""
    return EXAMPLES / f"{name}-by-a-model"


def answers_of(name: str) -> Path:
    """The answers about a sample that a model once gave."""
    return SAMPLES / f"{name}-answers"


def write_recorded(name: str, output: Path) -> None:
    """Write the course of a sample from the answers that a model once gave."""
    recorded = RecordedModel(folder=answers_of(name))

    def ask(prompt: str) -> Answer:
        return Answer(text=recorded.answer(prompt), input_tokens=0, output_tokens=0, cost_usd=0.0, model=RECORDED_MODEL)

    with tempfile.TemporaryDirectory() as scratch:
        copy, kept = Path(scratch) / name, Path(scratch) / "answers"
        shutil.copytree(SAMPLES / name, copy)
        kept.mkdir()
        desk = Desk(ask=ask, folder=OutputFolder(root=kept), settings={})
        request = Request(
            root=copy, output=output, engine="claude", version="example", existing=Existing.OVERWRITE
        )  # fmt: skip
        quiet = Console(people=io.StringIO(), programs=None, clock=lambda: 0.0)
        pipeline.run(request, partial(cli.claude_engine, desk=desk), quiet)
        (output / MANIFEST_FILE).unlink()


def main() -> None:
    """Write all examples."""
    for name in LANGUAGES:
        shutil.rmtree(EXAMPLES / name, ignore_errors=True)
        write_sample(name, EXAMPLES / name)
    for name in RECORDED:
        shutil.rmtree(by_model(name), ignore_errors=True)
        write_recorded(name, by_model(name))
    shutil.rmtree(EXAMPLES / "fondation", ignore_errors=True)
    write_course(ROOT, EXAMPLES / "fondation", "en")


if __name__ == "__main__":
    main()
