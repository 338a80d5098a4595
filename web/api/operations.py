"""What each operation of the API does. Nothing here knows of HTTP beyond the request's parameters."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from course.repository import parse_repository_url
from course.rows import Job as JobRow
from course.rows import Repository
from course.steps import TOTAL_STEPS
from web.api import values
from web.asking import QUESTION_MAX, passages
from web.errors import RequestError
from web.home_pages import readable_courses
from web.job_pages import cancelled, job_of
from web.outline import Entry
from web.progress import iso_time
from web.search import QUERY_MAX, Hit, Section, search, words_of
from web.search_pages import places_of
from web.shelf import course_of
from web.site import site_of
from web.source_pages import places_citing
from web.sources import Label

LISTED: Final = 50
LISTED_MAX: Final = 1_000


async def courses(request: Request) -> values.CourseList:
    """List the newest course of each repository."""
    origin = _origin(request)
    found = await readable_courses(request, limit=_limit(request))
    return values.CourseList(
        courses=[
            values.CourseListed(
                job=job.id,
                repository=repository.full_name,
                texts=job.docs_count,
                made=iso_time(job.updated_at_ms),
                url=f"{origin}/courses/{job.id}/",
            )
            for job, repository in found
        ]
    )


async def course(request: Request) -> values.Course:
    """Read what a course holds."""
    found = await course_of(request)
    outline, base = found.outline, f"{_origin(request)}{found.base}"
    return values.Course(
        job=found.job.id,
        repository=found.repository.full_name,
        clone_url=found.repository.clone_url,
        commit=outline.commit,
        language=outline.language,
        url=base,
        summary=outline.summary,
        chapters=[
            values.ChapterListed(
                slug=chapter.main.slug,
                name=chapter.name,
                number=chapter.main.number,
                url=f"{base}{chapter.main.slug}",
                tutorial=chapter.tutorial.slug if chapter.tutorial else None,
                draft=chapter.draft.slug if chapter.draft else None,
            )
            for chapter in outline.chapters
        ],
        tutorials=[_listed(entry, base) for entry in outline.tutorials],
        references=[_listed(entry, base) for entry in outline.references],
        sources=sorted(outline.sources.files) if outline.sources else [],
    )


async def text(request: Request) -> values.Text:
    """Read one text of a course."""
    found = await course_of(request)
    entry = found.outline.find(request.path_params["slug"])
    if entry is None:
        raise HTTPException(404)
    before, after = found.outline.neighbours(entry.slug)
    return values.Text(
        job=found.job.id,
        repository=found.repository.full_name,
        slug=entry.slug,
        name=entry.name,
        kind=entry.document.kind,
        url=f"{_origin(request)}{found.base}{entry.slug}",
        content=entry.document.content,
        previous=before.slug if before else None,
        next=after.slug if after else None,
    )


async def source(request: Request) -> values.Source:
    """Read what a course keeps of a file that it cites."""
    found = await course_of(request)
    kept, path = found.outline.sources, request.path_params["path"]
    if kept is None or path not in kept.files:
        raise HTTPException(404)
    file = kept.files[path]
    return values.Source(
        path=path,
        commit=found.outline.commit,
        count=file.count,
        parts=[values.SourcePart(start=part.start, lines=list(part.lines)) for part in file.parts],
        cited_by=[
            values.CitedBy(slug=place.entry.slug, name=place.entry.name, lines=list(place.ranges))
            for place in await asyncio.to_thread(lambda: list(places_citing(found.outline, path)))
        ],
        host_url=found.host_links.href(Label(path=path, start=1, end=1)) if found.host_links else None,
    )


async def search_course(request: Request) -> values.Hits:
    """Find words in a course."""
    found = await course_of(request)
    query = _query(request)
    hits = await asyncio.to_thread(search, found.outline.read_first, query)
    base, name = f"{_origin(request)}{found.base}", found.repository.full_name
    return values.Hits(query=query, hits=[_hit(found.job.id, name, base, hit) for hit in hits])


async def ask(request: Request) -> values.Passages:
    """Find what a course says on a question: whole sections, each with its citations."""
    found = await course_of(request)
    question = request.query_params.get("q", "").strip()[:QUESTION_MAX]
    if not question:
        raise RequestError("query", "give a question as `q`, such as ?q=how+are+calls+retried", status=422)
    chapters = [chapter.main for chapter in found.outline.chapters]
    told = await asyncio.to_thread(passages, chapters, question, found.outline.language)
    base = f"{_origin(request)}{found.base}"
    return values.Passages(
        question=question,
        passages=[
            values.Passage(
                slug=passage.section.entry.slug,
                name=passage.section.entry.name,
                heading=passage.section.heading,
                content=passage.section.source,
                url=_address(base, passage.section),
            )
            for passage in told
        ],
    )


async def search_all(request: Request) -> values.Hits:
    """Find words in the newest course of every repository."""
    query, origin = _query(request), _origin(request)
    found = await site_of(request).backend.search(query)
    places = await asyncio.to_thread(places_of, found, query)
    pairs = zip(found, places, strict=True)
    hits = [_hit(text.job_id, text.full_name, f"{origin}{place.base}", place.hit) for text, place in pairs]
    return values.Hits(query=query, hits=hits)


async def jobs(request: Request) -> values.JobList:
    """List the jobs."""
    backend = site_of(request).backend
    rows = (await backend.jobs())[: _limit(request)]
    named = [(row, await backend.repository(row.repository_id)) for row in rows]
    return values.JobList(jobs=[_job(request, row, repository) for row, repository in named])


async def job(request: Request) -> values.Job:
    """Read the state of a job."""
    return await _told(request, await job_of(request))


async def submit(request: Request, asked: values.Submission) -> values.Job:
    """Make a course of a repository."""
    site = site_of(request)
    url = parse_repository_url(asked.url, site.settings.url_policy)
    repository_id = await site.backend.register(url)
    job_id = await site.backend.create_job(repository_id, url.full_name, asked.language)
    created = await site.backend.job(job_id)
    if created is None:
        raise HTTPException(404)
    return await _told(request, created)


async def cancel(request: Request) -> values.Job:
    """Ask for a job to stop; one that is finished stays as it is."""
    return await _told(request, await cancelled(request))


async def delete(request: Request) -> values.Nothing:
    """Delete a job with its course and its log, for good."""
    row = await job_of(request)
    await site_of(request).backend.delete_job(row.id)
    return values.Nothing()


async def _told(request: Request, row: JobRow) -> values.Job:
    return _job(request, row, await site_of(request).backend.repository(row.repository_id))


def _job(request: Request, row: JobRow, repository: Repository | None) -> values.Job:
    origin = _origin(request)
    return values.Job(
        id=row.id,
        repository=repository.full_name if repository else row.repository_id,
        status=row.status,
        is_finished=not row.is_active,
        step=row.step,
        steps=TOTAL_STEPS,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        error=row.error,
        created=iso_time(row.created_at_ms),
        updated=iso_time(row.updated_at_ms),
        completed=iso_time(row.completed_at_ms) if row.completed_at_ms is not None else None,
        texts=row.docs_count,
        url=f"{origin}/jobs/{row.id}",
        course_url=f"{origin}/courses/{row.id}/" if row.has_course else None,
    )


def _listed(entry: Entry, base: str) -> values.TextListed:
    return values.TextListed(slug=entry.slug, name=entry.name, number=entry.number, url=f"{base}{entry.slug}")


def _hit(job_id: str, full_name: str, base: str, hit: Hit) -> values.Hit:
    entry = hit.section.entry
    return values.Hit(
        job=job_id,
        repository=full_name,
        slug=entry.slug,
        name=entry.name,
        heading=hit.section.heading,
        snippet=hit.snippet.striptags(),
        url=_address(base, hit.section),
    )


def _address(base: str, section: Section) -> str:
    return f"{base}{section.entry.slug}" + (f"#{section.anchor}" if section.anchor else "")


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _query(request: Request) -> str:
    query = request.query_params.get("q", "")
    if not words_of(query):
        raise RequestError("query", "give words to look for as `q`, such as ?q=retry", status=422)
    return query[:QUERY_MAX]


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(LISTED))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LISTED_MAX):
        raise RequestError("limit", f"limit is {text[:40]!r}: give a number from 1 to {LISTED_MAX}", status=422)
    return int(text)
