"""Signing in and out, and the choice of language."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from course.steps import LANGUAGES
from web.access import SESSION_COOKIE, SESSION_S
from web.errors import FormError
from web.security import accepted_form, client_of, is_secure, local_path
from web.site import LANGUAGE_COOKIE, page, set_cookie, site_of

_YEAR_S = 365 * 24 * 3600


async def sign_in_page(request: Request) -> Response:
    """Ask for the access token."""
    target = local_path(request.query_params.get("next"))
    if site_of(request).sessions.is_valid(request.cookies.get(SESSION_COOKIE)):
        return RedirectResponse(target, status_code=303)
    return page(request, "sign_in.html", target=target, wrong=False, wait_s=0)


async def sign_in(request: Request) -> Response:
    """Start a session for the right token; slow down guessing."""
    site = site_of(request)
    form = await accepted_form(request, site.form_tokens)
    target = local_path(form.get("next"))
    token = form.get("token", "")
    attempt = site.throttle.attempt(client_of(request), lambda: site.sessions.accepts(token))
    if attempt.wait_s:
        response = page(request, "sign_in.html", status=429, target=target, wrong=False, wait_s=attempt.wait_s)
        response.headers["Retry-After"] = str(attempt.wait_s)
        return response
    if not attempt.is_right:
        return page(request, "sign_in.html", status=403, target=target, wrong=True, wait_s=0)
    answer = RedirectResponse(target, status_code=303)
    set_cookie(request, answer, SESSION_COOKIE, site.sessions.start(), max_age_s=SESSION_S)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session."""
    site = site_of(request)
    await accepted_form(request, site.form_tokens)
    site.sessions.end(request.cookies.get(SESSION_COOKIE))
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict", secure=is_secure(request))
    return response


async def choose_language(request: Request) -> Response:
    """Keep the chosen language in a cookie and go back to the page."""
    form = await accepted_form(request, site_of(request).form_tokens)
    language = form.get("language", "")
    if language not in LANGUAGES:
        raise FormError("form_error_field", status=400)
    response = RedirectResponse(quote(local_path(form.get("next")), safe="/%?=&-_.~"), status_code=303)
    set_cookie(request, response, LANGUAGE_COOKIE, language, max_age_s=_YEAR_S)
    return response
