"""Courses by a model: how long its prompts get, what a course takes, what kills cost. No model is asked.

`python -m bench model` prints the figures by themselves. Kills go through the real Claude Code and a local service that
gives recorded answers.
"""

import io
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Final

from analyzer import cli, pipeline
from analyzer.author.desk import Ask, Desk
from analyzer.author.engine import ClaudeEngine
from analyzer.author.material import cited_lines
from analyzer.claude.transcript import Answer
from analyzer.code.model import Span
from analyzer.console import Console
from analyzer.errors import NothingToAnalyseError
from analyzer.output import OutputFolder
from analyzer.pipeline import Existing, Request
from analyzer.plan import CoursePlan
from analyzer.source.snapshot import Snapshot, list_repository, read
from analyzer.static.engine import StaticEngine
from bench import model_failures
from bench.local_model import local_model
from bench.report import Figure, timed
from bench.shapes import Shape
from course import citations
from tests.examples import RECORDED, SAMPLES, answers_of
from tests.messages_api import text_of
from tests.scripted_model import PARAGRAPH, RecordedModel, ScriptedModel, task_of

SHAPES: Final = 1_000
KILLS: Final = 100
PROMPT_CHARS: Final = 40_000
_WORDY: Final = 28  # paragraphs: a chapter that is as long as one may be
_CHARACTERS_PER_TOKEN: Final = 4
_QUIET: Final = Console(people=io.StringIO(), programs=None, clock=time.time, level=-1)


def measure() -> Iterator[Figure]:
    """Yield the figures of this machine."""
    yield from _shapes()
    for name in RECORDED:
        yield from _recorded(name)
    yield _kills("courier")
    yield from model_failures.measure()


def _shapes() -> Iterator[Figure]:
    with Pool(os.cpu_count()) as pool:
        longest = [size for size in pool.imap_unordered(_longest_prompt, range(SHAPES), chunksize=4) if size]
    yield Figure(name=f"longest prompt about each of {len(longest)} generated repositories", samples=longest,
                 unit="characters", limit=PROMPT_CHARS)  # fmt: skip
    over = sum(size > PROMPT_CHARS for size in longest)
    yield Figure(name=f"… of which any is over {PROMPT_CHARS}", samples=[over], unit="repositories", limit=0)


def _longest_prompt(number: int) -> int:
    """The longest prompt of a course about a generated repository; 0 where there is nothing to analyse."""
    wordy = PARAGRAPH + "\n\n"

    def ask(model: ScriptedModel, prompt: str) -> Answer:
        text = model.answer(prompt)
        if task_of(prompt) == "chapter":  # wrong the first time, and as long as it may be the second
            text = text.replace(wordy, wordy * _WORDY, 1) if "You have answered before" in prompt else "Nothing."
        return _answer(text)

    model = ScriptedModel()
    snapshot = Shape(number).snapshot()
    with tempfile.TemporaryDirectory() as folder:
        try:
            _write(snapshot, Path(folder), partial(ask, model))
        except NothingToAnalyseError:
            return 0
    return max(map(len, model.prompts))


def _write(snapshot: Snapshot, folder: Path, ask: Ask) -> None:
    """Ask everything that a course asks, without the pipeline's files."""
    desk = Desk(ask=ask, folder=OutputFolder(root=folder), settings={})
    engine = ClaudeEngine(base=StaticEngine.of(snapshot), desk=desk)
    abstractions = engine.extract()
    relationships = engine.relate(abstractions)
    order = engine.order(abstractions, relationships)
    plan = CoursePlan(abstractions=tuple(abstractions), relationships=relationships, order=tuple(order))
    for entry in plan.order:
        reviewed = engine.review(plan, entry, engine.chapter(plan, entry))
        engine.tutorial(plan, entry, reviewed)


def _answer(text: str, prompt: str = "") -> Answer:
    sent, received = (round(len(said) / _CHARACTERS_PER_TOKEN) for said in (prompt, text))
    return Answer(text=text, input_tokens=sent, output_tokens=received, cost_usd=0.0, model="recorded")


def _recorded(name: str) -> Iterator[Figure]:
    """What the recorded course of a sample took, and its prompts beside the lines that its chapters cite."""
    model = RecordedModel(folder=answers_of(name))
    prompts: list[str] = []

    def ask(prompt: str) -> Answer:
        prompts.append(prompt)
        return _answer(model.answer(prompt), prompt)

    with tempfile.TemporaryDirectory() as scratch:
        root, kept, output = (Path(scratch) / part for part in (name, "answers", "course"))
        shutil.copytree(SAMPLES / name, root)
        kept.mkdir()
        desk = Desk(ask=ask, folder=OutputFolder(root=kept), settings={})
        request = Request(root=root, output=output, engine="claude", version="bench", existing=Existing.OVERWRITE)
        pipeline.run(request, partial(cli.claude_engine, desk=desk), _QUIET)
        snapshot = read(list_repository(root))
        texts = [path.read_text(encoding="utf-8") for path in sorted((output / "chapters").iterdir())]
    lines = sum(len(found) for path, found in snapshot.files.items() if path.endswith((".py", ".go")))
    total = desk.total()
    yield Figure(name=f"{name}, {lines} lines of code: tokens sent", samples=[total.input_tokens], unit="tokens")
    yield Figure(name="… received", samples=[total.output_tokens], unit="tokens")
    chapters = [prompt for prompt in prompts if task_of(prompt) == "chapter"]
    repo_map = StaticEngine.of(snapshot).repo_map
    overheads = []
    for prompt, text in zip(chapters, texts, strict=True):
        spans = [Span(path=item.path, start=item.start, end=item.end) for item in citations.citations(text)]
        shown = len(prompt.rpartition("<<<MATERIAL")[2].partition("MATERIAL>>>")[0])
        cited = cited_lines(repo_map, spans, limit=10**9).values()
        overheads.append((len(prompt) - shown) / len("\n\n".join(cited)))
    yield Figure(
        name="… characters of a chapter's prompt that are no material, for each that the chapter cites",
        samples=overheads,
        unit="characters",
        limit=1.3,
    )


def _kills(name: str) -> Figure:
    """Kill courses at random moments, each time going on; then compare what came out with a run that nobody killed."""
    model, chance = RecordedModel(folder=answers_of(name)), random.Random(7)  # noqa: S311 - no secret
    with local_model(name) as local:
        local.api.reply = lambda body: model.answer(text_of(body["messages"][0]["content"]))
        expected, output = local.folder / "expected", local.folder / "killed"
        spent_s = timed(lambda: local.analyze(expected).wait())
        wanted, asked = _contents(expected), len(local.api.messages)
        kills = courses = differing = 0
        while kills < KILLS:
            run = local.analyze(output)
            try:
                code = run.wait(chance.uniform(0.02, 0.3) * spent_s)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                kills += 1
                continue
            courses += 1
            differing += (code != 0) + sum(wanted[path] != text for path, text in _contents(output).items())
            shutil.rmtree(output)
        repeated = local.api.statuses[200] - asked * courses
    return Figure(
        name=f"files that differ after {kills} kills of {courses} courses by a model",
        samples=[differing],
        unit="files",
        limit=0,
        peer=f"{repeated} calls more than {courses} courses take that nobody kills",
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.md")}
