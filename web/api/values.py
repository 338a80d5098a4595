"""What the API takes and answers. The OpenAPI document is made from these classes: their docstrings are part of it."""

from dataclasses import dataclass

import msgspec

from course.documents import DocumentKind
from course.jobs import JobStatus
from course.steps import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseListed:
    """The newest course of a repository. `job` is its id; `made` is a moment in RFC 3339, UTC."""

    job: str
    repository: str
    texts: int
    made: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseList:
    """Courses, the newest first."""

    courses: list[CourseListed]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextListed:
    """A text of a course, by its place in its list, counted from 1."""

    slug: str
    name: str
    number: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterListed:
    """A chapter, and the slugs of its exercise and of its draft where it has one."""

    slug: str
    name: str
    number: int
    url: str
    tutorial: str | None
    draft: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course in reading order. `summary` is Markdown; `sources` are the files whose cited lines are kept with it."""

    job: str
    repository: str
    clone_url: str
    commit: str
    language: Language
    url: str
    summary: str
    chapters: list[ChapterListed]
    tutorials: list[TextListed]
    references: list[TextListed]
    sources: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of a course. `content` is Markdown, and JSON where `kind` is `yaml`.

    A citation reads `path#L3-L9`: the operation `source` gives these lines.
    """

    job: str
    repository: str
    slug: str
    name: str
    kind: DocumentKind
    url: str
    content: str
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePart:
    """Lines that follow one another; the first has the number `start`."""

    start: int
    lines: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedBy:
    """A text that cites the lines, and which."""

    slug: str
    name: str
    lines: list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a course keeps of a file that it cites, at the analysed commit. `count` is the file's number of lines."""

    path: str
    commit: str
    count: int
    parts: list[SourcePart]
    cited_by: list[CitedBy]
    host_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A place that has the words: the best section of a text. `heading` is empty before a text's first heading."""

    job: str
    repository: str
    slug: str
    name: str
    heading: str
    snippet: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Places, the best first."""

    query: str
    hits: list[Hit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A section of a chapter that deals with what was asked. `content` is Markdown and cites as a text does."""

    slug: str
    name: str
    heading: str
    content: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """What a course says on a question, the likeliest first; nothing where it says nothing."""

    question: str
    passages: list[Passage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job. `step` is 0 to `steps`; moments are RFC 3339, UTC; `course_url` is there once its course can be read."""

    id: str
    repository: str
    status: JobStatus
    is_finished: bool
    step: int
    steps: int
    attempts: int
    max_attempts: int
    error: str | None
    created: str
    updated: str
    completed: str | None
    texts: int
    url: str
    course_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList:
    """Jobs, the newest first."""

    jobs: list[Job]


class Submission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository to make a course of: an https address, or `owner/name` for one on github.com."""

    url: str
    language: Language = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request was not done. `code` is for programs and stays; `message` says what to do.

    `job` is the job that stands in the way, or the one whose course took the place of the one that was asked for.
    """

    code: str
    message: str
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Done; there is nothing to say."""

    done: bool = True
