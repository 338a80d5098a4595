"""The application: a table of routes, and what answers when a page cannot.

`create_app` is the only way to get one; nothing happens at import.
"""

import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from web import atom, course_pages, home_pages, job_pages, search_pages, session_pages
from web.access import FormTokens, Sessions, Throttle
from web.api import routes as api
from web.api.refusals import refused
from web.assets import MERMAID, Assets
from web.backend import Backend
from web.errors import RETRY_AFTER_S, BackendError, BackendKeyError, BackendRefusedError, FormError
from web.metrics import Measured, Metrics
from web.rendering import Renderer
from web.security import API_PREFIX, FRAME_POLICY, AccessControl, HostGuard, SecurityHeaders
from web.settings import Settings
from web.shelf import CourseShelf
from web.site import Site, environment, page, site_of
from web.streams import StreamLimit
from web.takeaway import Takeaways

_log = logging.getLogger(__name__)

ROUTES: Final = (
    Route("/", home_pages.home),
    Route("/jobs", home_pages.submit, methods=["POST"]),
    Route("/jobs/{job_id}", job_pages.show_job),
    Route("/jobs/{job_id}/events", job_pages.job_events),
    Route("/jobs/{job_id}/status", job_pages.job_status),
    Route("/jobs/{job_id}/cancel", job_pages.cancel_job, methods=["POST"]),
    Route("/jobs/{job_id}/retry", job_pages.retry_job, methods=["POST"]),
    Route("/jobs/{job_id}/delete", job_pages.ask_to_delete, methods=["GET"]),
    Route("/jobs/{job_id}/delete", job_pages.delete, methods=["POST"]),
    Route("/courses/{job_id}/", course_pages.show_overview),
    Route("/courses/{job_id}/course.{form}", course_pages.download),
    Route("/courses/{job_id}/search", course_pages.search_course),
    Route(f"/courses/{{job_id}}/{course_pages.ASK_PAGE}", course_pages.ask),
    Route("/courses/{job_id}/source/{path:path}", course_pages.show_source),
    Route("/courses/{job_id}/{slug:path}", course_pages.show_document),
    Route("/courses.atom", atom.courses_feed),
    Route("/search", search_pages.search_all),
    Route("/course/{owner}/{name}/latest", course_pages.show_latest),
    Route("/course/{owner}/{name}/latest/{slug:path}", course_pages.show_latest),
    Route("/sign-in", session_pages.sign_in_page, methods=["GET"]),
    Route("/sign-in", session_pages.sign_in, methods=["POST"]),
    Route("/sign-out", session_pages.sign_out, methods=["POST"]),
    Route("/language", session_pages.choose_language, methods=["POST"]),
)


def create_app(
    settings: Settings,
    backend: Backend,
    *,
    now_s: Callable[[], float] = time.time,
    form_secret: bytes | None = None,
) -> Starlette:
    """Return the application.

    Args:
        settings: What the environment said.
        backend: Closed when the application shuts down.
        now_s: Epoch seconds.
        form_secret: Signs forms; a random one when absent, so that open forms end with the process.
    """
    site = Site(
        settings=settings,
        backend=backend,
        renderer=Renderer(),
        assets=Assets(mermaid=settings.mermaid),
        templates=environment(),
        sessions=Sessions(settings.access_token, now_s=now_s),
        form_tokens=FormTokens(form_secret or secrets.token_bytes(32)),
        throttle=Throttle(now_s=now_s),
        streams=StreamLimit(settings.max_streams),
        now_s=now_s,
    )

    metrics = Metrics(site.streams)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await backend.aclose()

    app = Starlette(
        routes=[
            *ROUTES,
            *api.routes(),
            Route("/diagram-frame", diagram_frame),
            Route("/static/{digest}/{name}", static_file),
            Route("/health", health),
        ],
        middleware=[
            Middleware(Measured, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(HostGuard, is_open=settings.is_open),
            Middleware(AccessControl, sessions=site.sessions, throttle=site.throttle),
        ],
        exception_handlers={
            HTTPException: _http_error,
            FormError: _form_error,
            BackendError: _backend_error,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )
    app.state.site = site
    app.state.metrics = metrics
    app.state.takeaways = Takeaways()
    app.state.shelf = CourseShelf(backend, now_s=now_s)
    return app


async def health(request: Request) -> Response:
    """Return whether this process serves; `backend` tells whether the backend answers, which is not its fault."""
    is_ready = await site_of(request).backend.is_ready()
    return JSONResponse({"status": "ok", "backend": is_ready}, headers={"Cache-Control": "no-store"})


async def diagram_frame(request: Request) -> Response:
    """Return the frame that draws diagrams; its policy gives it an origin of its own."""
    site = site_of(request)
    if not site.assets.has_mermaid:
        raise HTTPException(404)
    html = site.templates.get_template("diagram_frame.html").render(
        library=site.assets.url(MERMAID), script=site.assets.url("diagram-frame.js")
    )
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)


async def static_file(request: Request) -> Response:
    """Return a static file."""
    response = site_of(request).assets.response(request)
    if response is None:
        raise HTTPException(404)
    return response


async def _http_error(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(API_PREFIX):
        return refused(error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = status if status in {404, 405} else 404
    headers = error.headers if isinstance(error, HTTPException) else None
    return _error_page(request, f"error_{known}", status=status, headers=headers)


async def _form_error(request: Request, error: Exception) -> Response:
    text = error.text if isinstance(error, FormError) else "form_error_field"
    status = error.status if isinstance(error, FormError) else 400
    return _error_page(request, "error_form", status=status, text=text)


async def _backend_error(request: Request, error: Exception) -> Response:
    _log.warning("%s %s: %s", request.method, request.url.path, error)
    if isinstance(error, BackendKeyError):
        return _error_page(request, "error_key", status=503)
    if isinstance(error, BackendRefusedError):
        return _error_page(request, "error_refused", status=502)
    return _error_page(
        request,
        "error_503",
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_S)},
        # Repeating a form by itself could submit twice.
        reload_s=RETRY_AFTER_S if request.method == "GET" else 0,
    )


async def _unexpected(request: Request, _: Exception) -> Response:
    return _error_page(request, "error_500", status=500)


def _error_page(
    request: Request,
    name: str,
    *,
    status: int,
    text: str | None = None,
    headers: object = None,
    reload_s: int = 0,
) -> Response:
    response = page(
        request, "error.html", status=status, title=f"{name}_title", text=text or f"{name}_text", reload_s=reload_s
    )
    if isinstance(headers, dict):
        response.headers.update(headers)
    return response
