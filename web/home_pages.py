"""The home page: the form and the list of courses and jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from course.repository import RepositoryUrlError, parse_repository_url
from course.rows import Job, Repository
from course.steps import Language, language_named
from web.errors import ActiveJobError
from web.progress import Badge, badge
from web.security import accepted_form
from web.site import page, site_of, texts_of

LISTED_REPOSITORIES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A repository in the list: its newest job, and the job whose course can be read."""

    repository: Repository
    newest: Job
    badge: Badge
    course: Job | None


async def home(request: Request) -> Response:
    """Show the form and the list."""
    return await _home_page(request)


async def submit(request: Request) -> Response:
    """Take a repository and go to its new job; show the form again with the reason when it is not accepted."""
    site = site_of(request)
    form = await accepted_form(request, site.form_tokens)
    text = form.get("url", "")
    try:
        url = parse_repository_url(text, site.settings.url_policy)
    except RepositoryUrlError as error:
        return await _home_page(request, url=text, reason=str(error), status=422)
    repository_id = await site.backend.register(url)
    try:
        job_id = await site.backend.create_job(repository_id, url.full_name, _language(request, form.get("language")))
    except ActiveJobError as error:
        return page(request, "busy.html", status=409, job_id=error.job_id, name=url.full_name)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def _language(request: Request, chosen: str | None) -> Language:
    """The language that the form names, else the page's own."""
    return language_named(chosen) or texts_of(request).language


async def _home_page(request: Request, *, url: str = "", reason: str = "", status: int = 200) -> Response:
    site = site_of(request)
    jobs = await site.backend.jobs()
    rows = await _rows(request, jobs)
    return page(
        request,
        "home.html",
        status=status,
        rows=rows[:LISTED_REPOSITORIES],
        is_cut=len(rows) > LISTED_REPOSITORIES,
        url=url,
        reason=reason,
        local_prefix=site.settings.url_policy.local_prefix,
        private=", ".join(site.settings.private),
    )


async def _rows(request: Request, jobs: Sequence[Job]) -> list[Row]:
    """Return one row per repository, newest job first; older courses are gone once a newer one is complete."""
    site, texts = site_of(request), texts_of(request)
    rows: list[Row] = []
    seen: set[str] = set()
    for job in jobs:
        if job.repository_id in seen or len(rows) > LISTED_REPOSITORIES:
            continue
        seen.add(job.repository_id)
        repository = await site.backend.repository(job.repository_id)
        if repository is not None:
            rows.append(
                Row(repository=repository, newest=job, badge=badge(job, texts), course=newest_course(jobs, job))
            )
    return rows


async def readable_courses(request: Request, *, limit: int) -> list[tuple[Job, Repository]]:
    """Return the newest course of each repository with its repository, the newest first."""
    backend = site_of(request).backend
    newest: dict[str, Job] = {}
    for job in await backend.jobs():
        if job.has_course:
            newest.setdefault(job.repository_id, job)
    jobs = sorted(newest.values(), key=lambda job: -job.updated_at_ms)[:limit]
    found = [(job, await backend.repository(job.repository_id)) for job in jobs]
    return [(job, repository) for job, repository in found if repository is not None]


def newest_course(jobs: Sequence[Job], like: Job) -> Job | None:
    """Return the newest job of the same repository that has a course; `jobs` are newest first."""
    return next((job for job in jobs if job.repository_id == like.repository_id and job.has_course), None)
