"""What every answer and every request goes through: headers, host names, sessions, forms from this site only.

Pure ASGI, so that live connections pass unchanged. Decides nothing about what a page shows.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.access import FORM_COOKIE, SESSION_COOKIE, FormTokens, Sessions, Throttle
from web.api.refusals import refused
from web.errors import FormError, RequestError

MAX_FORM_BYTES: Final = 16 << 10
LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PUBLIC_PATHS: Final = ("/health", "/sign-in", "/language")
STATIC_PREFIX: Final = "/static/"
API_PREFIX: Final = "/api/"

# Pages: our own scripts and styles, never inline. Diagrams are shown as images from data, made in the frame below.
PAGE_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "frame-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
# The frame that draws diagrams: an origin of its own, no network, no forms, nothing to navigate. The library writes
# style elements, so styles may be inline there; scripts may not.
FRAME_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "form-action 'none'; "
    "base-uri 'none'; "
    "frame-ancestors 'self'; "
    "sandbox allow-scripts"
)
_HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie, Accept-Language",
}


class SecurityHeaders:
    """Adds the headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class AccessControl:
    """Lets in who is signed in; everything but the sign-in page, static files and the health check needs it.

    A program gives the access token itself, as a bearer token, and only below the API's addresses.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, throttle: Throttle) -> None:
        self._app = app
        self._sessions = sessions
        self._throttle = throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = request.url.path
        is_public = path in PUBLIC_PATHS or path.startswith(STATIC_PREFIX)
        if is_public or self._sessions.is_valid(request.cookies.get(SESSION_COOKIE)):
            await self._app(scope, receive, send)
            return
        if path.startswith(API_PREFIX):
            refusal = self._refusal_of_token(request)
            await (self._app if refusal is None else refused(refusal))(scope, receive, send)
            return
        query = f"?{urlencode({'next': path})}" if request.method == "GET" and path != "/" else ""
        await RedirectResponse(f"/sign-in{query}", status_code=303)(scope, receive, send)

    def _refusal_of_token(self, request: Request) -> RequestError | None:
        """Why the request's bearer token does not let it in; guessing is slowed down as it is on the sign-in page."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return RequestError("token", "send the access token as `Authorization: Bearer <token>`", status=401)
        attempt = self._throttle.attempt(client_of(request), lambda: self._sessions.accepts(token))
        if attempt.wait_s:
            return RequestError("wait", f"too many wrong tokens: wait {attempt.wait_s} s", status=429)
        return None if attempt.is_right else RequestError("token", "this is not the access token", status=401)


class HostGuard:
    """Serves an open application under this machine's own names only.

    A page of another site can point its own name at 127.0.0.1, but cannot choose the Host header (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, is_open: bool) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and self._is_open and not is_loopback_host(Request(scope)):
            text = "Without an access token only localhost and 127.0.0.1 are served.\n"
            await PlainTextResponse(text, status_code=421)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def client_of(request: Request) -> str:
    """Return the address that a request comes from, or nothing where it has none."""
    return request.client.host if request.client else ""


def is_loopback_host(request: Request) -> bool:
    """Return whether the request names this machine; a page of another site cannot (DNS rebinding)."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname in LOOPBACK_HOSTS
    except ValueError:
        return False


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks https, here or to the proxy in front."""
    return "https" in {request.url.scheme, request.headers.get("x-forwarded-proto", "")}


async def accepted_form(request: Request, tokens: FormTokens) -> Mapping[str, str]:
    """Return the fields of a form that comes from a page of this site.

    Raises:
        FormError: Too large, from another site, or without the token of this browser.
    """
    check_origin(request)
    form = await _fields(request)
    if not tokens.accepts(request.cookies.get(FORM_COOKIE), form.get("form-token", "")):
        raise FormError("form_error_expired", status=403)
    return form


def check_origin(request: Request) -> None:
    """Refuse a request that another site made the browser send.

    Raises:
        FormError: `Sec-Fetch-Site` or `Origin` name another site.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_foreign = site is not None and site not in {"same-origin", "none"}
    if origin is not None:
        is_foreign = is_foreign or urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    if is_foreign:
        raise FormError("form_error_origin", status=403)


async def _fields(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise FormError("form_error_large", status=413)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=16, errors="strict"))
    except ValueError as error:
        raise FormError("form_error_field", status=400) from error


def local_path(text: str | None) -> str:
    """Return a path of this site to go to, or the home page for anything else."""
    if text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text:
        return text
    return "/"
