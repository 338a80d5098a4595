"""An Atom feed (RFC 4287) of the newest courses."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from web.home_pages import readable_courses
from web.site import site_of, texts_of

COURSES_MAX: Final = 30
MEDIA_TYPE: Final = "application/atom+xml"


async def courses_feed(request: Request) -> Response:
    """Return the feed; each entry is a course, and a course that was made anew is a new one."""
    courses = await readable_courses(request, limit=COURSES_MAX)
    xml = (
        site_of(request)
        .templates.get_template("courses_atom.html")
        .render(
            t=texts_of(request),
            origin=str(request.base_url).rstrip("/"),
            courses=courses,
            updated_ms=max((job.updated_at_ms for job, _ in courses), default=0.0),
        )
    )
    return Response(xml, media_type=MEDIA_TYPE)
