"""The courses that are being read: each with its job, its repository and its outline."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from course.rows import Job, Repository
from web.backend import Backend
from web.errors import NoCourseError, OutdatedCourseError
from web.home_pages import newest_course
from web.job_pages import job_of
from web.outline import Outline, outline
from web.rendering import Context
from web.site import site_of
from web.sources import KeptSources, SourceLinks, source_links

COURSES_KEPT: Final = 16
COURSE_KEPT_S: Final = 15.0


class CourseShelf:
    """Keeps the outlines of the courses that are being read: a course does not change once its job is complete.

    Kept for seconds only, because a newer course of the repository takes its place.
    """

    def __init__(self, backend: Backend, *, now_s: Callable[[], float]) -> None:
        self._backend = backend
        self._now_s = now_s
        self._kept: OrderedDict[tuple[str, float], tuple[float, Outline]] = OrderedDict()

    async def outline(self, job: Job) -> Outline:
        """Return a job's course."""
        key = (job.id, job.updated_at_ms)
        kept = self._kept.get(key)
        if kept is not None and self._now_s() < kept[0] + COURSE_KEPT_S:
            return kept[1]
        made = await asyncio.to_thread(outline, await self._backend.documents(job.id))
        self._kept[key] = (self._now_s(), made)
        self._kept.move_to_end(key)
        while len(self._kept) > COURSES_KEPT:
            self._kept.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course that can be read."""

    job: Job
    repository: Repository
    outline: Outline

    def context(self, slug: str, diagram_source: str, *, shown_on: str = "") -> Context:
        """What the links of one of its texts depend on."""
        return Context(
            slug=slug,
            slugs=self.outline.slugs,
            sources=self.host_links,
            diagram_source=diagram_source,
            kept=KeptSources(f"{self.base}source/", self.outline.sources) if self.outline.sources else None,
            shown_on=shown_on,
        )

    @property
    def base(self) -> str:
        """The course's address."""
        return f"/courses/{self.job.id}/"

    @property
    def host_links(self) -> SourceLinks | None:
        """Links to the repository's host, where its form is known."""
        return source_links(self.repository.clone_url, self.outline.commit)


async def course_of(request: Request) -> Course:
    """Return the course that the address names.

    Raises:
        HTTPException: 404, there is no such job.
        NoCourseError: The job has not made one.
        OutdatedCourseError: A newer one took its place.
    """
    backend = site_of(request).backend
    job = await job_of(request)
    if not job.has_course:
        raise NoCourseError(job.id)
    repository = await backend.repository(job.repository_id)
    made = await shelf_of(request).outline(job)
    if repository is None:
        raise HTTPException(404)
    if not made.entries:
        newest = newest_course(await backend.jobs(), job)
        newest_id = newest.id if newest is not None and newest.id != job.id else None
        raise OutdatedCourseError(repository.full_name, newest_id)
    return Course(job=job, repository=repository, outline=made)


def shelf_of(request: Request) -> CourseShelf:
    """Return the application's shelf."""
    shelf: CourseShelf = request.app.state.shelf
    return shelf
