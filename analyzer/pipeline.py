"""The six steps with their checkpoints: what to run, what to keep, what to write.

It decides and records; engines write the text and `OutputFolder` writes the files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from analyzer.checks import check_course
from analyzer.console import Console
from analyzer.engine import Engine
from analyzer.errors import CheckFailedError, OutputNotWritableError, RunInterruptedError, UsageError
from analyzer.execution.runner import Runner
from analyzer.manifest import MANIFEST_FILE, Identity, Manifest, StepStatus, digest_of
from analyzer.output import OutputFolder
from analyzer.plan import (
    Abstraction,
    CoursePlan,
    OrderEntry,
    Relationships,
    dump_abstractions,
    dump_order,
    dump_relationships,
    load_abstractions,
    load_order,
    load_relationships,
)
from analyzer.source import snapshot
from analyzer.source.snapshot import Listing, Snapshot
from course.layout import (
    ABSTRACTIONS_FILE,
    CHAPTERS_DIR,
    ORDER_FILE,
    OUTPUT_DIR,
    RELATIONSHIPS_FILE,
    REVIEWED_DIR,
    TUTORIALS_DIR,
    chapter_file,
    tutorial_file,
)
from course.steps import STEPS, Language, Step

PROBLEMS_SHOWN = 5
CHANGES_SHOWN = 8
LOOK_S = 0.25


class Existing(StrEnum):
    """What to do with files that are there already."""

    RESUME = "resume"  # keep what this very analysis wrote, rewrite the rest
    OVERWRITE = "overwrite"  # rewrite everything
    KEEP = "keep"  # keep every chapter and tutorial that exists, whoever wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One `analyze`: `output` is None for the default folder inside the repository.

    `settings` are what else the text depends on, such as the model that writes it.
    """

    root: Path
    output: Path | None
    engine: str
    version: str
    steps: tuple[Step, ...] = STEPS
    existing: Existing = Existing.RESUME
    processes: int = 1
    language: Language = "en"
    runner: Runner | None = None
    settings: str = ""

    @property
    def folder(self) -> Path:
        """Where the course goes."""
        return self.output if self.output is not None else self.root / OUTPUT_DIR


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did: files written and kept, and the folder."""

    folder: Path
    written: int
    kept: int


Unit = tuple[str, Callable[[], str]]
"""A file of a step, and what makes its text."""
MakeEngine = Callable[[Snapshot, Request, Console], Engine]


def run(request: Request, make_engine: MakeEngine, console: Console) -> Outcome:
    """Run the requested steps.

    Raises:
        AnalyzerError: one of its subclasses, by what the caller does about it.
    """
    console.info("Starting codebase analysis")
    listing = snapshot.list_repository(request.root, output=request.folder)
    _refuse_foreign_folder(request, listing)
    identity = Identity(
        commit=listing.commit,
        source=listing.digest,
        engine=request.engine,
        version=f"{request.version}+{request.settings}" if request.settings else request.version,
        language=request.language,
        runs_examples=request.runner is not None,
    )
    folder = OutputFolder(root=request.folder)
    run_ = _Run(request=request, listing=listing, folder=folder, console=console, make_engine=make_engine)
    run_.take_up(identity)
    if run_.is_current():
        kept = sum(len(run_.manifest.record(step).files) for step in request.steps)
        console.info(f"Nothing to do: the course in {folder.root} is that of {_commit_name(listing)} ({kept} files)")
        return Outcome(folder=folder.root, written=0, kept=kept)
    folder.prepare()
    run_.remove_stale()
    run_.steps()
    if set(request.steps) == set(STEPS) and run_.written:
        _verify(folder.root, run_.snapshot)
    if run_.previous:
        told = ", ".join(run_.changed[:CHANGES_SHOWN]) + ("…" if len(run_.changed) > CHANGES_SHOWN else "")
        total = run_.written + run_.kept
        console.info(f"{len(run_.changed)} of {total} files differ from the earlier commit's: {told}")
    console.info("Analysis complete!")
    _summary(run_, console)
    return Outcome(folder=folder.root, written=run_.written, kept=run_.kept)


def _commit_name(listing: Listing) -> str:
    return f"commit {listing.commit[:12]}" if listing.commit else "these files"


def _refuse_foreign_folder(request: Request, listing: Listing) -> None:
    """The default folder is ours only as long as the repository does not bring its own."""
    folder = request.folder
    if request.output is None and listing.tracked_output and request.existing is not Existing.OVERWRITE:
        raise OutputNotWritableError(
            f"{folder} belongs to the repository itself: its files are part of the commit",
            remedy="name another folder with --output-dir, or say --overwrite",
        )
    if request.output is None and folder.is_symlink():
        raise OutputNotWritableError(f"{folder} is a symbolic link", remedy="name a folder with --output-dir")
    if folder.exists() and not folder.is_dir():
        raise OutputNotWritableError(f"{folder} is not a folder", remedy="name a folder with --output-dir")


def _summary(run_: "_Run", console: Console) -> None:
    console.info("Output summary:")
    for name in (ABSTRACTIONS_FILE, RELATIONSHIPS_FILE, ORDER_FILE, CHAPTERS_DIR, REVIEWED_DIR, TUTORIALS_DIR):
        console.info(f"  {run_.folder.root / name}")


@dataclass(slots=True)
class _Run:
    """One run in progress. `previous` are the files that the same analysis wrote for an earlier commit, by digest."""

    request: Request
    listing: Listing
    folder: OutputFolder
    console: Console
    make_engine: MakeEngine
    manifest: Manifest = field(init=False)
    previous: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    written: int = 0
    kept: int = 0
    _snapshot: Snapshot | None = None
    _engine: Engine | None = None

    def take_up(self, identity: Identity) -> None:
        """Continue the earlier run when it was this very analysis; of another commit, know what its files were."""
        known = self.folder.manifest() if self.request.existing is not Existing.OVERWRITE else None
        if known is not None and known.identity == identity:
            self.manifest = known
            return
        self.manifest = Manifest(identity=identity)
        if known is not None and known.identity.same_but_for_the_commit(identity):
            self.previous = {name: digest for record in known.steps.values() for name, digest in record.files.items()}

    def is_current(self) -> bool:
        """Whether every requested step is complete and every file is as it was written."""
        if self.request.existing is Existing.OVERWRITE:
            return False
        records = [self.manifest.steps.get(step) for step in self.request.steps]
        return all(
            record is not None
            and record.status is StepStatus.COMPLETE
            and all(self.folder.holds(name, digest) for name, digest in record.files.items())
            for record in records
        )

    def remove_stale(self) -> None:
        """Remove course files that the requested steps will replace or that no step of this analysis made."""
        if self.request.existing is Existing.KEEP:
            return
        mine = {name for record in self.manifest.steps.values() for name in record.files} | self.previous.keys()
        whole = set(self.request.steps) == set(STEPS)
        for name in self.folder.course_files():
            if name not in mine and (whole or name.endswith(".partial")):
                self.console.detail(f"      removing {name}: not of this analysis")
                self.folder.remove(name)

    def steps(self) -> None:
        """Run the requested steps in order."""
        for step in STEPS:
            if step in self.request.steps:
                self.console.step(step)
                self._step(step)

    def _step(self, step: Step) -> None:
        record = self.manifest.record(step)
        before = dict(record.files)
        record.status, record.files = StepStatus.PARTIAL, {}
        units = list(self._units(step))
        with self._texts([unit for unit in units if not self._is_kept(unit[0], before)]) as texts:
            for number, (name, _) in enumerate(units, start=1):
                if len(units) > 1:
                    self.console.count("chapters", number, len(units))
                if name in texts:
                    record.files[name] = self._write(name, texts[name]())
                    self._checkpoint(before)
                    continue
                self.kept += 1
                known = name in before and self.folder.holds(name, before[name])
                record.files[name] = before[name] if known else self.folder.write(name, self.folder.read(name) or "")
        folder = next(iter(record.files), "").rpartition("/")[0]
        old = {name for name in self.previous if folder and name.startswith(f"{folder}/")}
        for name in (before.keys() | old) - record.files.keys():
            self.folder.remove(name)
        record.status = StepStatus.COMPLETE
        self._checkpoint({})

    def _is_kept(self, name: str, before: Mapping[str, str]) -> bool:
        """Whether a file stays as it is: this analysis wrote it, or whatever exists is to be kept."""
        if name in before and self.folder.holds(name, before[name]):
            return True
        return self.request.existing is Existing.KEEP and name.endswith(".md") and bool(self.folder.read(name))

    @contextmanager
    def _texts(self, units: Sequence[Unit]) -> Iterator[Mapping[str, Callable[[], str]]]:
        """Provide what makes each text; begun ahead, several at a time, where an engine waits for somebody else.

        Where one fails, those that have begun come to their end, so that nothing is lost that was paid for; where the
        run is stopped, they end at once.
        """
        at_once = min(self.engine.at_once, len(units)) if units else 1
        if at_once == 1:
            yield dict(units)
            return
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            try:
                futures = {name: pool.submit(write) for name, write in units}
                yield {name: partial(_result, future) for name, future in futures.items()}
            except RunInterruptedError:
                pool.shutdown(wait=False, cancel_futures=True)  # first, so that no other one begins
                self.engine.halt()
                raise
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _write(self, name: str, text: str) -> str:
        """Put a file in place, unless the earlier commit's says the same."""
        digest = digest_of(text.encode())
        if self.previous.get(name) == digest and self.folder.holds(name, digest):
            self.kept += 1
            return digest
        self.written += 1
        if self.previous:
            self.changed.append(name)
        return self.folder.write(name, text)

    def _checkpoint(self, unseen: dict[str, str]) -> None:
        """Write the manifest; what an earlier run made and this one has not reached yet stays recorded."""
        kept = [(record, dict(record.files)) for record in self.manifest.steps.values()]
        for record in self.manifest.steps.values():
            if record.status is StepStatus.PARTIAL:
                record.files = {**unseen, **record.files}
        self.folder.write(MANIFEST_FILE, self.manifest.to_json())
        for record, files in kept:
            record.files = files

    def _units(self, step: Step) -> Iterator[Unit]:
        """The files of a step, each with the function that makes its text."""
        if step is Step.EXTRACT:
            yield ABSTRACTIONS_FILE, lambda: dump_abstractions(self.engine.extract())
        elif step is Step.ANALYZE:
            yield RELATIONSHIPS_FILE, self._relationships_text
        elif step is Step.ORDER:
            yield ORDER_FILE, lambda: dump_order(self.engine.order(self._abstractions(), self._relationships()))
        else:
            plan = self._plan()
            yield from (self._unit(step, plan, entry) for entry in plan.order)

    def _unit(self, step: Step, plan: CoursePlan, entry: OrderEntry) -> Unit:
        chapter = chapter_file(entry.index, entry.name)
        if step is Step.GENERATE_CHAPTERS:
            return f"{CHAPTERS_DIR}/{chapter}", lambda: self.engine.chapter(plan, entry)
        reviewed = f"{REVIEWED_DIR}/{chapter}"
        if step is Step.REVIEW_CHAPTERS:
            draft = f"{CHAPTERS_DIR}/{chapter}"
            return reviewed, lambda: self.engine.review(plan, entry, self._needed(draft, Step.GENERATE_CHAPTERS))
        tutorial = f"{TUTORIALS_DIR}/{tutorial_file(entry.index, entry.name)}"
        return tutorial, lambda: self.engine.tutorial(plan, entry, self._needed(reviewed, Step.REVIEW_CHAPTERS))

    def _relationships_text(self) -> str:
        relationships = self.engine.relate(self._abstractions())
        return dump_relationships(
            relationships, commit=self.listing.commit, engine=self.request.engine, language=self.request.language
        )

    def _abstractions(self) -> tuple[Abstraction, ...]:
        return load_abstractions(self._needed(ABSTRACTIONS_FILE, Step.EXTRACT), ABSTRACTIONS_FILE)

    def _relationships(self) -> Relationships:
        text = self._needed(RELATIONSHIPS_FILE, Step.ANALYZE)
        return load_relationships(text, RELATIONSHIPS_FILE, len(self._abstractions()))

    def _plan(self) -> CoursePlan:
        abstractions = self._abstractions()
        names = [item.name for item in abstractions]
        order = load_order(self._needed(ORDER_FILE, Step.ORDER), ORDER_FILE, names)
        return CoursePlan(abstractions=abstractions, relationships=self._relationships(), order=order)

    def _needed(self, name: str, step: Step) -> str:
        text = self.folder.read(name)
        if text is None or not text.strip():
            raise UsageError(
                f"{self.folder.root / name} is missing or empty, and this step needs it",
                remedy=f"run the step {step} as well: --steps {step},…",
            )
        return text

    @property
    def engine(self) -> Engine:
        """The engine, made when the first file has to be written; reading the repository is its cost."""
        if self._engine is None:
            self._engine = self.make_engine(self.snapshot, self.request, self.console)
        return self._engine

    @property
    def snapshot(self) -> Snapshot:
        """The repository's text, read once."""
        if self._snapshot is None:
            total = len(self.listing.candidates)
            self._snapshot = snapshot.read(
                self.listing, progress=lambda done, _: self.console.count("files read", done, total)
            )
            skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(self._snapshot.skipped.items()))
            self.console.info(f"{len(self._snapshot.files)} files read" + (f"; left out: {skipped}" if skipped else ""))
        return self._snapshot


def _result(future: Future[str]) -> str:
    """What a thread made; looks up now and then, since a signal that another thread gets wakes nobody here."""
    while True:
        done, _ = wait([future], timeout=LOOK_S)
        if done:
            return future.result()


def _verify(folder: Path, repository: Snapshot) -> None:
    """Check every citation, link and diagram of the finished course.

    Raises:
        CheckFailedError: something that a reader would follow leads nowhere.
    """
    problems: Sequence[str] = check_course(folder, repository.lines)
    if problems:
        shown = "; ".join(problems[:PROBLEMS_SHOWN])
        raise CheckFailedError(f"{len(problems)} checks failed: {shown}", remedy="run again with --overwrite")
