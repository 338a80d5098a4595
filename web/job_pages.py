"""The job page: progress through the six steps, live and by reload, and what can be done about the job."""

import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from course.repository import RepositoryUrlError, parse_repository_url
from course.rows import Job, JobId
from web.errors import ActiveJobError, BackendRefusedError
from web.progress import JobView, job_view
from web.security import accepted_form
from web.site import page, site_of, texts_of
from web.streams import event_stream

RELOAD_S: Final = 5
_ID: Final = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


async def job_of(request: Request) -> Job:
    """Return the job that the address names.

    Raises:
        HTTPException: 404, there is none.
    """
    job_id = request.path_params["job_id"]
    job = await site_of(request).backend.job(JobId(job_id)) if _ID.match(job_id) else None
    if job is None:
        raise HTTPException(404)
    return job


async def show_job(request: Request) -> Response:
    """Show a job."""
    job = await job_of(request)
    repository = await site_of(request).backend.repository(job.repository_id)
    return page(
        request,
        "job.html",
        job=job,
        view=await _view(request, job),
        name=repository.full_name if repository else job.repository_id,
        clone_url=repository.clone_url if repository else "",
        reload_s=RELOAD_S,
    )


async def job_status(request: Request) -> Response:
    """Return what the job page shows as JSON, for scripts and for browsers whose live connection fails."""
    job = await job_of(request)
    view = await _view(request, job)
    return JSONResponse(view.to_json(), headers={"Cache-Control": "no-store"})


async def job_events(request: Request) -> Response:
    """Send what the job page shows, now and after each change, until the job is finished."""
    site = site_of(request)
    if site.streams.is_full:
        return Response(status_code=503, headers={"Retry-After": str(RELOAD_S)})
    job_id = (await job_of(request)).id

    async def event(job: Job | None) -> tuple[object, bool]:
        if job is None:
            return None, True
        return (await _view(request, job)).to_json(), not job.is_active

    return event_stream(site.backend.watch(job_id), event, site.streams)


async def cancel_job(request: Request) -> Response:
    """Ask for the job to stop, and go back to its page."""
    await accepted_form(request, site_of(request).form_tokens)
    job = await cancelled(request)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


async def cancelled(request: Request) -> Job:
    """Ask for the job to stop, and return it; one that is finished meanwhile stays as it is."""
    job = await job_of(request)
    if job.is_active:
        try:
            await site_of(request).backend.cancel(job.id)
        except BackendRefusedError:
            if (await job_of(request)).is_active:
                raise
    return await job_of(request)


async def retry_job(request: Request) -> Response:
    """Queue a new job for the same repository and go to it."""
    site = site_of(request)
    await accepted_form(request, site.form_tokens)
    job = await job_of(request)
    repository = await site.backend.repository(job.repository_id)
    if repository is None:
        raise HTTPException(404)
    try:
        # What the stack accepts may have changed since the repository was registered.
        parse_repository_url(repository.clone_url, site.settings.url_policy)
        new_id = await site.backend.create_job(repository.id, repository.full_name, texts_of(request).language)
    except RepositoryUrlError as error:
        return page(request, "refused.html", status=422, reason=str(error))
    except ActiveJobError as error:
        return page(request, "busy.html", status=409, job_id=error.job_id, name=repository.full_name)
    return RedirectResponse(f"/jobs/{new_id}", status_code=303)


async def ask_to_delete(request: Request) -> Response:
    """Ask what is to be deleted, before anything is."""
    job = await job_of(request)
    repository = await site_of(request).backend.repository(job.repository_id)
    own = [other for other in await site_of(request).backend.jobs() if other.repository_id == job.repository_id]
    return page(
        request,
        "delete.html",
        job=job,
        name=repository.full_name if repository else job.repository_id,
        jobs=len(own),
        courses=sum(other.has_course for other in own),
        is_local=repository is not None and repository.clone_url.startswith("file:"),
    )


async def delete(request: Request) -> Response:
    """Delete a job, or its repository with all of its jobs, for good, and go home."""
    site = site_of(request)
    form = await accepted_form(request, site.form_tokens)
    job = await job_of(request)
    if form.get("what") == "repository":
        await site.backend.delete_repository(job.repository_id)
    else:
        await site.backend.delete_job(job.id)
    return RedirectResponse("/", status_code=303)


async def _view(request: Request, job: Job) -> JobView:
    site = site_of(request)
    try:
        log = await site.backend.logs(job.id)
    except BackendRefusedError:
        log = []  # A deployment without logs still has jobs.
    return job_view(job, log, texts_of(request), site.now_ms)
