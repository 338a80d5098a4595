"""Everything a page needs, in one frozen value, and the one way in which pages are written."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from course.steps import LANGUAGES
from web.access import FORM_COOKIE, SESSION_COOKIE, FormTokens, Sessions, Throttle
from web.assets import Assets
from web.backend import Backend
from web.language import Texts, negotiated
from web.progress import elapsed_text, iso_time, time_text
from web.rendering import Renderer
from web.security import is_secure
from web.settings import Settings
from web.streams import StreamLimit

LANGUAGE_COOKIE: Final = "fondation-language"
TEMPLATE_FOLDER: Final = Path(__file__).parent / "templates"
_MAX_COOKIE_CHARACTERS: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The application's parts."""

    settings: Settings
    backend: Backend
    renderer: Renderer
    assets: Assets
    templates: Environment
    sessions: Sessions
    form_tokens: FormTokens
    throttle: Throttle
    streams: StreamLimit
    now_s: Callable[[], float]

    @property
    def now_ms(self) -> float:
        """Epoch milliseconds."""
        return self.now_s() * 1000


def site_of(request: Request) -> Site:
    """Return the application's parts."""
    site: Site = request.app.state.site
    return site


def texts_of(request: Request) -> Texts:
    """Return the texts in the request's language."""
    cookie = request.cookies.get(LANGUAGE_COOKIE)
    return Texts(negotiated(cookie, request.headers.get("accept-language", "")))


def page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page written from a template, with a form cookie where the browser has none."""
    site, texts = site_of(request), texts_of(request)
    cookie = request.cookies.get(FORM_COOKIE, "")
    is_new = not 0 < len(cookie) <= _MAX_COOKIE_CHARACTERS
    if is_new:
        cookie = secrets.token_urlsafe()
    html = site.templates.get_template(template).render(
        t=texts,
        language=texts.language,
        languages=[Texts(language) for language in LANGUAGES],
        asset=site.assets.url,
        form_token=site.form_tokens.token(cookie),
        path=request.url.path,
        can_sign_out=not site.sessions.is_open and site.sessions.is_valid(request.cookies.get(SESSION_COOKIE)),
        **values,
    )
    response = HTMLResponse(html, status_code=status, headers={"Content-Language": texts.language})
    if is_new:
        set_cookie(request, response, FORM_COOKIE, cookie)
    return response


def set_cookie(request: Request, response: Response, name: str, value: str, *, max_age_s: int | None = None) -> None:
    """Set a cookie that scripts and other sites cannot use."""
    response.set_cookie(
        name, value, max_age=max_age_s, httponly=True, samesite="strict", secure=is_secure(request), path="/"
    )


def environment() -> Environment:
    """Return the templates: everything is escaped, an unknown name is an error."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(elapsed=elapsed_text, time=time_text, iso_time=iso_time)
    return templates
