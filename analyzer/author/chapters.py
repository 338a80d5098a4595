"""Chapters by the model: written from the material with marks, then read a second time sentence by sentence."""

from collections.abc import Mapping, Sequence
from typing import Final

from analyzer.author import answers, claims
from analyzer.author.answers import FaultyAnswerError
from analyzer.author.conversation import Conversation
from analyzer.author.marks import Rendering, count_of_words
from analyzer.author.material import Material, as_text, cited_lines, material_of
from analyzer.code.model import Span
from analyzer.markup import escape
from analyzer.plan import CoursePlan, OrderEntry
from analyzer.static.chapter import details, ending, lead
from analyzer.static.course import Course
from analyzer.static.page import Page
from analyzer.static.review import Author
from course import citations
from course.steps import Step

WORDS_MIN: Final = 250
WORDS_MAX: Final = 2_500
CITATIONS_MIN: Final = 3
FALLEN_MAX: Final = 1 / 3  # of a chapter's sentences; more, and the chapter is no use
_HEADINGS: Final = {"example": "first-example", "happens": "happens", "wrong": "wrong", "check": "check"}


def write_chapter(talk: Conversation, course: Course, entry: OrderEntry) -> str:
    """One chapter.

    Raises:
        FaultyAnswerError: The model gave none that holds.
    """
    plan = course.plan
    page = Page(course=course, entry=entry, concept=course.concept(entry))
    material = material_of(course.repo_map, page.concept)
    if not material.pieces:
        raise FaultyAnswerError(["no lines of the repository belong to it"])
    words = course.words

    def read(text: str) -> Rendering:
        rendering = rendering_of(course, material)
        page.blocks = [rendering.of(text).rstrip()]
        count = count_of_words(page.blocks[0])
        if not WORDS_MIN <= count <= WORDS_MAX:
            rendering.faults.append(f"{count} words; at least {WORDS_MIN} are wanted, at most {WORDS_MAX}")
        if not rendering.excerpts:
            rendering.faults.append("no lines of the repository are shown: a mark such as [[E1]] alone on its line")
        if rendering.citations < min(CITATIONS_MIN, len(material.pieces)):
            rendering.faults.append("hardly any sentence cites its lines; end it with a mark such as [[E1:4]]")
        return rendering

    rendering = talk.written(
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


def review(talk: Conversation, course: Course, entry: OrderEntry, text: str) -> tuple[str, Author]:
    """The chapter without what the cited lines do not support, and how much that was.

    Raises:
        FaultyAnswerError: Hardly anything of it holds, or the review says nothing that can be used.
    """
    sentences = sentences_of(course, text)
    shown = shown_of(course, text)
    verdicts = verdicts_on(talk, entry, shown, sentences)
    instead = {item.sentence: claims.replacement(item, sentences[item.sentence - 1], shown) for item in verdicts}
    if len(instead) > len(sentences) * FALLEN_MAX:
        raise FaultyAnswerError([f"{len(instead)} of {len(sentences)} sentences are not supported by their lines"])
    replaced = sum(bool(new) for new in instead.values())
    author = Author(
        model=talk.model,
        supported=len(sentences) - len(instead),
        replaced=replaced,
        left_out=len(instead) - replaced,
    )
    return claims.mended(text, sentences, instead), author


def sentences_of(course: Course, text: str) -> list[claims.Sentence]:
    """What a review of a chapter is asked about."""
    words = course.words
    began = words("reading", minutes="\0").partition("\0")[0]
    ends = [f"## {words(name)}" for name in ("map", "further", "glossary")]
    return claims.sentences_in(text, [began, words("practise"), *ends])


def shown_of(course: Course, text: str) -> Mapping[Span, str]:
    """The lines that a review of a chapter is shown: those that it cites."""
    cited = [Span(path=item.path, start=item.start, end=item.end) for item in citations.citations(text)]
    return cited_lines(course.repo_map, cited)


def verdicts_on(
    talk: Conversation,
    entry: OrderEntry,
    shown: Mapping[Span, str],
    sentences: Sequence[claims.Sentence],
) -> list[answers.Verdict]:
    """Those of a chapter's sentences that the lines which are shown do not support.

    Raises:
        FaultyAnswerError: The review says nothing that can be used.
    """
    return talk.asked(
        Step.REVIEW_CHAPTERS,
        "5-review",
        lambda answer: answers.read_review(answer, len(sentences)),
        number=entry.index + 1,
        name=entry.name,
        sentences=claims.as_list(sentences),
        material="\n\n".join(shown.values()),
        count=len(sentences),
    )


def rendering_of(course: Course, material: Material, *, own: str = "") -> Rendering:
    """What turns an answer into Markdown; `own` is the language of code that the model may write itself."""
    words = course.words
    return Rendering(
        repo_map=course.repo_map,
        material=material,
        links={number: course.link(entry) for number, entry in enumerate(course.plan.order, start=1)},
        answered=lambda text: details(words("answer"), text),
        solved=lambda text: details(words("solution"), text),
        code=own,
    )


def _chapters(plan: CoursePlan) -> str:
    return "; ".join(f"{number} {entry.name}" for number, entry in enumerate(plan.order, start=1))
