"""The engine `claude`: a language model writes, code gives it the material, checks the answer and puts in all code.

Grounded in the static engine, which reads the repository and writes each chapter that the model fails at. The model has
no tools and no files: it gets one prompt a call and answers with text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from analyzer.author import answers, claims
from analyzer.author.answers import Chosen, FaultyAnswerError
from analyzer.author.desk import BudgetError, Desk
from analyzer.author.estimate import estimate_of
from analyzer.author.marks import OWN_CODE, Rendering, told, words_of
from analyzer.author.material import Material, as_text, cited_lines, material_of
from analyzer.author.outline import as_map, candidates_of, merged, uses_of
from analyzer.author.prompts import prompt
from analyzer.code.model import Span
from analyzer.errors import CutAnswerError, RefusalError, UsageError
from analyzer.execution.package import PackageTooLargeError, package_files
from analyzer.markup import cite, code, escape
from analyzer.plan import Abstraction, CoursePlan, OrderEntry, Relationship, Relationships
from analyzer.static.chapter import details, ending, lead
from analyzer.static.course import Course
from analyzer.static.engine import StaticEngine
from analyzer.static.excerpts import main_language
from analyzer.static.page import Page
from analyzer.static.relations import relations
from analyzer.static.repository_map import with_concepts
from analyzer.static.review import Author, review_chapter
from course import citations
from course.layout import REVIEWED_DIR, chapter_file
from course.steps import Language, Step
from sandbox.exchange import NoAnswerError
from sandbox.program import NOT_RUN, Program

WORDS_MIN: Final = 250
WORDS_MAX: Final = 2_500
EXCERPTS_MIN: Final = 1
CITATIONS_MIN: Final = 3
CONCEPTS_MIN: Final = 3
LANGUAGES: Final[dict[Language, str]] = {"en": "English", "fr": "French"}
Read = TypeVar("Read")
# What a course goes on after, with the static engine's text in that place; everything else ends the run.
PASSING: Final = (FaultyAnswerError, BudgetError, RefusalError, CutAnswerError)


@dataclass(slots=True, kw_only=True)
class ClaudeEngine:
    """Writes a course with a language model.

    Attributes:
        base: The static engine with the repository's own map.
        desk: Where questions go.
        language: Language of the course.
        say: Takes a line for whoever watches.
        replaced: Chapters and tutorials that the static engine wrote, with the reason.
    """

    base: StaticEngine
    desk: Desk
    language: Language = "en"
    say: Callable[[str], None] = lambda _: None
    replaced: dict[str, str] = field(default_factory=dict)
    _grounded: StaticEngine | None = None
    _described: dict[str, str] = field(default_factory=dict)
    _map_text: str = ""

    def extract(self) -> Sequence[Abstraction]:
        """The concepts that the model chose, with the evidence that code has for them."""
        found = self.grounded.extract()
        return [
            Abstraction(
                name=item.name,
                description=self._described.get(item.name) or item.description,
                file_paths=item.file_paths,
                evidence=item.evidence,
            )
            for item in found
        ]

    @property
    def grounded(self) -> StaticEngine:
        """The static engine on the concepts that the model chose; on its own where the model gave none."""
        if self._grounded is None:
            self._grounded = self._chosen()
        return self._grounded

    def _chosen(self) -> StaticEngine:
        repo_map = self.base.repo_map
        known = candidates_of(repo_map)
        most = max(len(repo_map.concepts), CONCEPTS_MIN)
        least = min(len(known), max(CONCEPTS_MIN, most // 2))

        def read(text: str) -> list[Chosen]:
            return answers.read_concepts(text, [candidate.words for candidate in known], least=least, most=most)

        self._announce(least=least, most=most)
        chosen = self._passing(
            "concepts", lambda: self._asked(Step.EXTRACT, "1-concepts", read, least=least, most=most)
        )
        if chosen is None:
            return self.base
        concepts = tuple(merged(item.name, [known[place].concept for place in item.candidates]) for item in chosen)
        taken = {place for item in chosen for place in item.candidates}
        further = tuple(candidate.concept for place, candidate in enumerate(known) if place not in taken)
        self._described = {item.name: escape(item.description) for item in chosen}
        base = self.base
        return StaticEngine(with_concepts(repo_map, concepts, further), base.words, base.runner, base.say)

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Uses that code found, chosen and named by the model; what it leaves out of touch, code links."""
        repo_map = self.grounded.repo_map
        uses = relations(repo_map)
        found = self._passing(
            "relations",
            lambda: self._asked(
                Step.ANALYZE,
                "2-relations",
                lambda text: answers.read_relations(text, len(uses)),
                concepts=_listed(abstractions),
                uses=uses_of(repo_map, uses),
            ),
        )
        by_code = self.grounded.relate(abstractions)
        if found is None:
            return by_code
        summary, chosen = found
        place = {item.name: number for number, item in enumerate(abstractions)}
        items: list[Relationship] = []
        for number, label in chosen:
            use = uses[number]
            source, target = (place.get(repo_map.concepts[end].title) for end in (use.source, use.target))
            if source is not None and target is not None:
                line = code(repo_map.line(use.span.path, use.span.start))
                items.append(
                    Relationship(source=source, target=target, label=label, evidence=f"{cite(use.span)}: {line}")
                )
        touched = {number for item in items for number in (item.source, item.target)}
        items += [item for item in by_code.items if item.source not in touched or item.target not in touched]
        told_by = self.base.words("by-model-summary", model=code(self.desk.model or "?"))
        plain = "\n\n".join(escape(part) for part in summary.split("\n\n") if part.strip())
        return Relationships(summary=f"{plain}\n\n{told_by}\n\n{by_code.summary}", items=tuple(items))

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """The order in which the model teaches the concepts, with its reasons."""
        by_code = self.grounded.order(abstractions, relationships)
        names = [item.name for item in abstractions]
        found = self._passing(
            "order",
            lambda: self._asked(
                Step.ORDER,
                "3-order",
                lambda text: answers.read_order(text, names),
                concepts=_listed(abstractions),
                relations="\n".join(
                    f"- {names[item.source]} {item.label} {names[item.target]}" for item in relationships.items
                ),
                documented=", ".join(entry.name for entry in by_code),
            ),
        )
        if found is None:
            return by_code
        return [OrderEntry(index=number, name=name, reasoning=why) for number, (name, why) in enumerate(found)]

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """One chapter; the static engine's where the model gives none that holds."""
        written = self._passing(f"chapter {entry.index + 1}", lambda: self._chapter(plan, entry))
        if written is not None:
            return written
        return self._instead(plan, entry, self.replaced[f"chapter {entry.index + 1}"])

    def _chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        course = self.grounded.course(plan)
        page = Page(course=course, entry=entry, concept=course.concept(entry))
        material = material_of(course.repo_map, page.concept)
        words = course.words

        def read(text: str) -> Rendering:
            rendering = self._rendering(course, material)
            page.blocks = [rendering.of(text)]
            count = words_of(page.blocks[0])
            if not WORDS_MIN <= count <= WORDS_MAX:
                rendering.faults.append(f"{count} words; at least {WORDS_MIN} are wanted, at most {WORDS_MAX}")
            if rendering.excerpts < EXCERPTS_MIN and material.pieces:
                rendering.problems.append(
                    "no lines of the repository are shown; use a mark such as [[E1]] on its own line"
                )
            if rendering.citations < min(CITATIONS_MIN, len(material.pieces)):
                rendering.faults.append("hardly any sentence cites its lines; end it with a mark such as [[E1:4]]")
            return rendering

        rendering = self._written(
            Step.GENERATE_CHAPTERS,
            "4-chapter",
            read,
            number=entry.index + 1,
            count=len(plan.order),
            name=entry.name,
            description=plan.abstraction(entry).description,
            chapters=_chapters(plan),
            material=as_text(course.repo_map, material),
            **{key: words(phrase) for key, phrase in _HEADINGS.items()},
        )
        page.excerpts = rendering.excerpts
        ending(page)
        title = words("chapter", number=entry.index + 1, title=escape(entry.name))
        return "\n\n".join([f"# {title}", lead(page), *page.blocks]) + "\n"

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """The chapter, checked by code, then read sentence by sentence by a second call."""
        course = self.grounded.course(plan)
        name = f"chapter {entry.index + 1}"
        if self.base.words("instead", reason="\0").partition("\0")[0] in chapter:
            return review_chapter(course, entry, chapter)
        checked = review_chapter(course, entry, chapter)
        text = checked.rpartition(f"\n## {course.words('review')}\n")[0]
        found = self._passing(f"{name}, review", lambda: self._reviewed(course, entry, text))
        if found is None:
            return review_chapter(course, entry, self._instead(plan, entry, self.replaced[f"{name}, review"]))
        text, author = found
        return review_chapter(course, entry, text, author=author)

    def _instead(self, plan: CoursePlan, entry: OrderEntry, reason: str) -> str:
        first, _, rest = self.grounded.chapter(plan, entry).partition("\n")
        return f"{first}\n\n{self.base.words('instead', reason=escape(reason))}\n{rest}"

    def _reviewed(self, course: Course, entry: OrderEntry, text: str) -> tuple[str, Author]:
        words = course.words
        began = words("reading", minutes="\0").partition("\0")[0]
        ends = [f"## {words(name)}" for name in ("map", "further", "glossary")]
        sentences = claims.sentences_in(text, [began, words("practise"), *ends])
        cited = [Span(path=item.path, start=item.start, end=item.end) for item in citations.citations(text)]
        verdicts = self._asked(
            Step.REVIEW_CHAPTERS,
            "5-review",
            lambda answer: answers.read_review(answer, len(sentences)),
            number=entry.index + 1,
            name=entry.name,
            sentences=claims.as_list(sentences),
            material=cited_lines(course.repo_map, cited),
            count=len(sentences),
        )
        instead = {item.sentence: claims.replacement(item, sentences[item.sentence - 1]) for item in verdicts}
        if len(instead) > len(sentences) / 3:
            raise FaultyAnswerError([f"{len(instead)} of {len(sentences)} sentences are not supported by their lines"])
        replaced = sum(bool(new) for new in instead.values())
        author = Author(
            model=self.desk.model or "?",
            supported=len(sentences) - len(instead),
            replaced=replaced,
            left_out=len(instead) - replaced,
        )
        return claims.mended(text, sentences, instead), author

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """The exercise; the static engine's where the model gives none that holds."""
        written = self._passing(f"tutorial {entry.index + 1}", lambda: self._tutorial(plan, entry))
        return written if written is not None else self.grounded.tutorial(plan, entry, reviewed)

    def _tutorial(self, plan: CoursePlan, entry: OrderEntry) -> str:
        course = self.grounded.course(plan)
        words = course.words
        material = material_of(course.repo_map, course.concept(entry))
        language = main_language(course.repo_map)
        texts: list[str] = []
        ran: list[bool] = []

        def read(text: str) -> Rendering:
            rendering = self._rendering(course, material, own=language)
            texts.append(rendering.of(text))
            wanted = [f"## {number}. {words(name)}" for number, name in enumerate(_STEPS, start=1)]
            found = [line for line in texts[-1].split("\n") if line.startswith("## ")]
            if found != wanted:
                rendering.faults.append(f"the headings are to be these, in this order: {', '.join(wanted)}")
            missing = [f"```{language} {name}" for name in OWN_CODE if name not in rendering.own_code]
            if missing:
                rendering.faults.append(f"a code block is missing: {', '.join(missing)}")
            elif language == "python":
                ran.append(self._checked(rendering))
            return rendering

        self._written(
            Step.GENERATE_TUTORIALS,
            "6-tutorial",
            read,
            number=entry.index + 1,
            name=entry.name,
            description=plan.abstraction(entry).description,
            material=as_text(course.repo_map, material),
            code=language,
            how=words("how-python") if language == "python" else words("how-other"),
            **{name: words(name) for name in _STEPS},
        )
        was_run = "was-run" if ran and ran[-1] else "not-run"
        chapter = f"../{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}"
        title = words("chapter", number=entry.index + 1, title=escape(entry.name))
        return "\n\n".join(
            [
                f"# {words('tutorial', title=escape(entry.name))}",
                f"{words('tutorial-of', chapter=title, link=chapter)} {words(was_run)}",
                texts[-1].strip(),
            ]
        ) + "\n"  # fmt: skip

    def _checked(self, rendering: Rendering) -> bool:
        """Whether check and solution were run, and the check told the starting file from the solution."""
        if self.base.runner is None:
            return False
        repo_map, own = self.base.repo_map, rendering.own_code
        programs = [
            Program(main="check.py", files={"starter.py": own[name], "check.py": own["check"]})
            for name in ("starter", "solution")
        ]
        try:
            package = package_files(repo_map.snapshot, repo_map.repository)
            before, after = self.base.runner.run(programs, package)
        except (NoAnswerError, PackageTooLargeError) as error:
            self.say(f"a check was not run: {error}")
            return False
        if NOT_RUN in {before, after}:
            return False
        if before.succeeded:
            rendering.faults.append("the check passes on the starting file; it has to fail there")
        if not after.succeeded:
            last = (after.output.strip().splitlines() or ["no output"])[-1]
            rendering.faults.append(f"the check fails with the solution: {last[:200]}")
        return not before.succeeded and after.succeeded

    def _rendering(self, course: Course, material: Material, *, own: str = "") -> Rendering:
        words = course.words
        return Rendering(
            repo_map=course.repo_map,
            material=material,
            links={number: course.link(entry) for number, entry in enumerate(course.plan.order, start=1)},
            answered=lambda text: details(words("answer"), text),
            solved=lambda text: details(words("solution"), text),
            code=own,
        )

    def _announce(self, **limits: int) -> None:
        """Say what the course will take, before the first call.

        Raises:
            UsageError: It is more than the run may take.
        """
        if self.desk.knows(self._question("1-concepts", **limits)):
            return
        expected = estimate_of(self.base.repo_map, self._map)
        limit = self.desk.budget.tokens
        self.say(f"About {expected.calls} calls and {expected.tokens} tokens are expected")
        if limit is not None and expected.tokens > limit:
            raise UsageError(
                f"the course would take about {expected.tokens} tokens, and at most {limit} are allowed",
                remedy="raise fondation:claudeTokensMax (FONDATION_CLAUDE_TOKENS_MAX), or use the engine static",
            )

    def _asked(self, step: Step, file: str, read: Callable[[str], Read], /, **values: object) -> Read:
        """An answer that is read; where it is faulty, asked for once more with the faults."""
        question = self._question(file, **values)
        try:
            return read(self.desk.answer(step, question))
        except FaultyAnswerError as error:
            return read(self._again(step, question, error.faults))

    def _written(self, step: Step, file: str, read: Callable[[str], Rendering], /, **values: object) -> Rendering:
        """A text that holds; where it does not, asked for once more with the reasons.

        What the second one has that does not belong there is taken out.

        Raises:
            FaultyAnswerError: It is no text that could stand there.
        """
        question = self._question(file, **values)
        rendering = read(self.desk.answer(step, question))
        if rendering.problems or rendering.faults:
            rendering = read(self._again(step, question, [*rendering.faults, *rendering.problems]))
        if rendering.faults:
            raise FaultyAnswerError(rendering.faults)
        for problem in dict.fromkeys(rendering.problems):
            self.say(f"taken out of {values['name']}: {problem}")
        return rendering

    def _question(self, file: str, /, **values: object) -> str:
        return f"{self._map}\n{prompt(file, language=LANGUAGES[self.language], **values)}"

    def _again(self, step: Step, question: str, faults: Sequence[str]) -> str:
        return self.desk.answer(step, question + prompt("again", problems=told(faults)))

    def _passing(self, name: str, write: Callable[[], Read]) -> Read | None:
        """What the model gave; None, with the reason kept, where the course goes on without it."""
        try:
            return write()
        except PASSING as error:
            self.replaced[name] = str(error)
            self.say(f"{name}: without the model ({error})")
            return None

    @property
    def _map(self) -> str:
        """What all prompts begin with, byte-equal, so that the service's cache pays."""
        if not self._map_text:
            repo_map = self.base.repo_map
            self._map_text = prompt(
                "map", project=repo_map.project, kind=repo_map.kind.value, map=as_map(repo_map)
            )  # fmt: skip
        return self._map_text


_STEPS: Final = ("predict", "run", "change", "break", "build")
_HEADINGS: Final = {"example": "first-example", "happens": "happens", "wrong": "wrong", "check": "check"}


def _listed(abstractions: Sequence[Abstraction]) -> str:
    return "\n".join(f"- {item.name} — {item.description}" for item in abstractions)


def _chapters(plan: CoursePlan) -> str:
    return "; ".join(f"{number} {entry.name}" for number, entry in enumerate(plan.order, start=1))
