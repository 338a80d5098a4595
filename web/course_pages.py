"""The course: overview, chapters, tutorials and references, each on a page of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from course.documents import DocumentKind
from web.asking import QUESTION_MAX, passages
from web.errors import NoCourseError, OutdatedCourseError
from web.outline import Entry
from web.references import ReferenceView, reference_view
from web.rendering import Rendered
from web.search import QUERY_MAX, Hit, Section, search
from web.shelf import Course, course_of, shelf_of
from web.site import page, site_of, texts_of
from web.source_pages import AROUND, SourceView, source_view
from web.takeaway import FORMS, Takeaways, stem

ASK_PAGE: Final = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A section that deals with a question, as HTML."""

    section: Section
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, and what the course says on it."""

    question: str
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was looked for in a course, and where it stands."""

    query: str
    hits: Sequence[Hit]


async def show_overview(request: Request) -> Response:
    """Show what a course holds."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    context = course.context("overview", texts_of(request)("course_diagram_source"))
    summary = await asyncio.to_thread(site_of(request).renderer.render, course.outline.summary, context)
    return _course_page(request, course, "overview.html", entry=None, rendered=summary)


async def show_document(request: Request) -> Response:
    """Show one document of a course."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    entry = course.outline.find(request.path_params["slug"])
    if entry is None:
        raise HTTPException(404)
    renderer = site_of(request).renderer
    context = course.context(entry.slug, texts_of(request)("course_diagram_source"))
    if entry.document.kind is DocumentKind.YAML:
        reference = await asyncio.to_thread(reference_view, entry.document, course.outline, renderer, context)
        return _course_page(request, course, "reference.html", entry=entry, rendered=None, reference=reference)
    rendered = await asyncio.to_thread(renderer.render, entry.document.content, context)
    return _course_page(request, course, "document.html", entry=entry, rendered=rendered)


async def download(request: Request) -> Response:
    """Send the course as one file: an archive, a page, or a book."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    form = FORMS.get(request.path_params["form"])
    if form is None:
        raise HTTPException(404)
    takeaways: Takeaways = request.app.state.takeaways
    content = await takeaways.content(course, form, f"{str(request.base_url).rstrip('/')}{course.base}")
    disposition = f'attachment; filename="{stem(course)}.{form.suffix}"'
    return Response(content, media_type=form.media_type, headers={"Content-Disposition": disposition})


async def search_course(request: Request) -> Response:
    """Show where a course has the words that are looked for."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    query = request.query_params.get("q", "")[:QUERY_MAX]
    hits = await asyncio.to_thread(search, course.outline.read_first, query)
    return _course_page(request, course, "search.html", entry=None, rendered=None, found=Found(query=query, hits=hits))


async def ask(request: Request) -> Response:
    """Show what a course says on a question: its own passages, each with the lines that it cites."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    question = request.query_params.get("q", "").strip()[:QUESTION_MAX]
    outline, renderer = course.outline, site_of(request).renderer
    chapters = [chapter.main for chapter in outline.chapters]
    label = texts_of(request)("course_diagram_source")

    def answered() -> list[Answer]:
        return [
            Answer(
                section=passage.section,
                html=renderer.render(
                    passage.section.source, course.context(passage.section.entry.slug, label, shown_on=ASK_PAGE)
                ).html,
            )
            for passage in passages(chapters, question, outline.language)
        ]

    answers = await asyncio.to_thread(answered) if question else []
    asked = Asked(question=question, answers=answers)
    return _course_page(request, course, "ask.html", entry=None, rendered=None, asked=asked)


async def show_source(request: Request) -> Response:
    """Show a file that the course cites, or with `part` the lines alone, for the panel beside a text."""
    course = await _course(request)
    if isinstance(course, Response):
        return course
    sources, path = course.outline.sources, request.path_params["path"]
    if sources is None or path not in sources.files:
        raise HTTPException(404)
    is_part = "part" in request.query_params
    view = await asyncio.to_thread(
        source_view,
        course.outline,
        sources.files[path],
        request.query_params.get("lines", ""),
        site_of(request).renderer.highlighter,
        course.host_links,
        around=AROUND if is_part else None,
    )
    if is_part:
        return page(request, "source_lines.html", source=view, base=course.base)
    return _course_page(request, course, "source.html", entry=None, rendered=None, source=view)


async def show_latest(request: Request) -> Response:
    """Go to the newest course of a repository, or to a text of it: an address to bookmark.

    A text that the newest course does not have any more leads to its overview.
    """
    backend, slug = site_of(request).backend, request.path_params.get("slug", "")
    wanted = f"{request.path_params['owner']}/{request.path_params['name']}"
    jobs = await backend.jobs()
    for job in jobs:
        if job.has_course:
            repository = await backend.repository(job.repository_id)
            if repository is not None and repository.full_name == wanted:
                found = (await shelf_of(request).outline(job)).find(slug) if slug else None
                return RedirectResponse(f"/courses/{job.id}/{quote(found.slug) if found else ''}", status_code=302)
    raise HTTPException(404)


async def _course(request: Request) -> Course | Response:
    """The course that the address names, or where to go when there is none to read."""
    try:
        return await course_of(request)
    except NoCourseError as error:
        return RedirectResponse(f"/jobs/{error.job_id}", status_code=302)
    except OutdatedCourseError as error:
        return page(request, "outdated.html", status=404, newest_id=error.newest_id, name=error.full_name)


def _course_page(
    request: Request,
    course: Course,
    template: str,
    *,
    entry: Entry | None,
    rendered: Rendered | None,
    reference: ReferenceView | None = None,
    source: SourceView | None = None,
    found: Found | None = None,
    asked: Asked | None = None,
) -> Response:
    before, after = course.outline.neighbours(entry.slug) if entry else (None, None)
    return page(
        request,
        template,
        course=course.outline,
        name=course.repository.full_name,
        base=course.base,
        entry=entry,
        chapter=course.outline.chapter_of(entry.slug) if entry else None,
        rendered=rendered,
        body=rendered.html if rendered else Markup(),
        headings=[heading for heading in (rendered.headings if rendered else ()) if heading.level <= 3],  # noqa: PLR2004
        before=before,
        after=after,
        draws_diagrams=bool(rendered and rendered.has_diagrams and site_of(request).assets.has_mermaid),
        reference=reference,
        source=source,
        found=found,
        asked=asked,
    )
