"""Does the review catch what is false? Plants false claims in a model's chapters and counts those that it lets pass.

`python -m bench.planted_claims REPOSITORY ANSWERS REVIEWS CHAPTERS COUNT` takes CHAPTERS (as 1,4) of a course from
recorded answers, makes COUNT sentences of each say something else, and has the chapters reviewed. The review of a
chapter is the file REVIEWS/<number>.md; where that is missing, its prompt is written beside, for whoever is to answer.
What was planted stays untold until every review is there.
"""

import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analyzer.author import chapters
from analyzer.author.claims import Sentence
from analyzer.author.desk import Desk
from analyzer.author.engine import ClaudeEngine
from analyzer.claude.transcript import Answer
from analyzer.errors import ModelUnavailableError
from analyzer.output import OutputFolder
from analyzer.plan import CoursePlan
from analyzer.source.snapshot import list_repository, read
from analyzer.static.engine import StaticEngine
from course import citations
from tests.scripted_model import RecordedModel, task_of

Change = Callable[[str, random.Random], str | None]
_OPPOSITES: Final = (
    *(("never", "always"), ("first", "last"), ("before", "after"), ("more", "less"), ("older", "newer")),
    *(("longer", "shorter"), ("larger", "smaller"), ("earlier", "later"), ("at most", "at least"), ("without", "with")),
    *(("nothing", "everything"), ("every", "no"), ("empty", "full"), ("begins", "ends"), ("same", "other")),
    *(("raises", "returns"), ("True", "False"), ("is not", "is"), ("does not", "does"), ("cannot", "can")),
    *(("one", "two"), ("two", "three"), ("three", "four"), ("both", "neither"), ("only", "also"), ("all", "none")),
    *(("once", "twice"), ("until", "from when"), ("up", "down"), ("least", "most"), ("left", "right")),
)
_CODE: Final = re.compile(r"`([A-Za-z_][\w.]*)(\(\))?`(?!\))")
_NUMBER: Final = re.compile(r"(?<![\w#.`L])(\d{1,4})(?![\w`])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A chapter in which some sentences (by number, from 1) say something else than they did."""

    text: str
    changed: dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a review made of a chapter: numbers of sentences it did not let pass."""

    chapter: int
    planted: Planted
    sentences: Sequence[Sentence]
    failed: frozenset[int]

    @property
    def missed(self) -> list[int]:
        """Planted claims that passed."""
        return sorted(self.planted.changed.keys() - self.failed)

    @property
    def alarms(self) -> list[int]:
        """Sentences that nobody changed and that did not pass."""
        return sorted(self.failed - self.planted.changed.keys())


def _opposite(text: str, chance: random.Random) -> str | None:
    pairs = [pair for known in _OPPOSITES for pair in (known, known[::-1])]
    chance.shuffle(pairs)
    for word, other in pairs:
        pattern = re.compile(rf"(?<![\w`#/.-]){re.escape(word)}(?![\w`/-])")
        if pattern.search(text):
            return pattern.sub(other, text, count=1)
    return None


def _number(text: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    match = chance.choice(found)
    return text[: match.start()] + str(int(match[1]) + chance.choice((1, 2, 10))) + text[match.end() :]


def _name(names: Sequence[str]) -> Change:
    def change(text: str, chance: random.Random) -> str | None:
        found = list(_CODE.finditer(text))
        others = [name for name in names if f"`{name}" not in text]
        if not found or not others:
            return None
        match = chance.choice(found)
        like = [name for name in others if name[:1].isupper() == match[1][:1].isupper()] or others
        return text[: match.start()] + f"`{chance.choice(like)}{match[2] or ''}`" + text[match.end() :]

    return change


def plant(text: str, sentences: Sequence[Sentence], count: int, seed: int) -> Planted:
    """Change some sentences that cite something, each in one word, one number or one name."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    names = sorted({match[1] for match in _CODE.finditer(text)})
    places = [n for n, found in enumerate(sentences, start=1) if citations.citations(found.text)]
    chance.shuffle(places)
    changed: dict[int, tuple[str, str]] = {}
    for number in places:
        if len(changed) == count:
            break
        before = sentences[number - 1].text
        said, mark, cited = before.partition(" (`")
        ways: list[Change] = [_opposite, _number, _name(names)]
        chance.shuffle(ways)
        after = next((new for way in ways if (new := way(said, chance)) and new != said), None)
        if after is not None and text.count(before) == 1:
            changed[number] = (before, after + mark + cited)
            text = text.replace(before, after + mark + cited)
    return Planted(text=text, changed=changed)


def reviewed(repository: Path, answers: Path, reviews: Path, wanted: Sequence[int], count: int) -> Iterator[Found]:
    """Plant and review; what the reviews say is told at the end.

    Raises:
        ModelUnavailableError: A review is missing; its prompt was written.
    """
    model = RecordedModel(folder=answers)
    missing: list[Path] = []

    def ask(prompt: str) -> Answer:
        text = model.answer(prompt) if task_of(prompt) != "review" else _review_of(prompt, reviews, missing)
        return Answer(text=text, input_tokens=0, output_tokens=0, cost_usd=0.0, model="recorded")

    found: list[Found] = []
    with tempfile.TemporaryDirectory() as scratch:
        root, kept = Path(scratch) / repository.name, Path(scratch) / "answers"
        shutil.copytree(repository, root)
        kept.mkdir()
        desk = Desk(ask=ask, folder=OutputFolder(root=kept), settings={})
        engine = ClaudeEngine(base=StaticEngine.of(read(list_repository(root))), desk=desk)
        abstractions = engine.extract()
        relationships = engine.relate(abstractions)
        order = tuple(engine.order(abstractions, relationships))
        plan = CoursePlan(abstractions=tuple(abstractions), relationships=relationships, order=order)
        for entry in [plan.order[number - 1] for number in wanted]:
            text = chapters.write_chapter(engine.talk, engine.grounded.course(plan), entry)
            course = engine.grounded.course(plan)
            planted = plant(text, chapters.sentences_of(course, text), count, seed=entry.index)
            sentences = chapters.sentences_of(course, planted.text)
            shown = chapters.shown_of(course, planted.text)
            try:
                verdicts = chapters.verdicts_on(engine.talk, entry, shown, sentences)
            except ModelUnavailableError:
                continue
            failed = frozenset(item.sentence for item in verdicts)
            found.append(Found(chapter=entry.index + 1, planted=planted, sentences=sentences, failed=failed))
    if missing:
        raise ModelUnavailableError(f"reviews are missing: {', '.join(map(str, missing))}", remedy="answer the prompts")
    yield from found


def _review_of(prompt: str, reviews: Path, missing: list[Path]) -> str:
    number = re.findall(r"Check chapter (\d+)", prompt)[-1]
    file = reviews / f"{number}.md"
    if not file.is_file():
        reviews.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".prompt.md").write_text(prompt, encoding="utf-8")
        missing.append(file)
        raise ModelUnavailableError("no review yet", remedy="")
    return file.read_text(encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Print what was planted, what was missed and what was a false alarm."""
    repository, answers, reviews = map(Path, arguments[:3])
    wanted = [int(number) for number in arguments[3].split(",")]
    try:
        found = list(reviewed(repository, answers, reviews, wanted, int(arguments[4])))
    except ModelUnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    for item in found:
        print(f"chapter {item.chapter}: {len(item.planted.changed)} planted among {len(item.sentences)} sentences, "
              f"{len(item.missed)} missed, {len(item.alarms)} false alarms")  # fmt: skip
        for number in item.missed:
            before, after = item.planted.changed[number]
            print(f"  missed {number}: {after}\n      before: {before}")
        for number in item.alarms:
            print(f"  alarm {number}: {item.sentences[number - 1].text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
