"""Search over all courses."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from course.layout import TUTORIALS_DIR, file_index
from course.rows import FoundText
from web.errors import FunctionMissingError
from web.outline import Entry, display_name
from web.search import QUERY_MAX, Hit, best_of, words_of
from web.site import page, site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a course has the words: its name, its address, the section."""

    course: str
    base: str
    is_tutorial: bool
    hit: Hit


async def search_all(request: Request) -> Response:
    """Show where the courses have the words that are looked for."""
    query = request.query_params.get("q", "")[:QUERY_MAX]
    try:
        found = await site_of(request).backend.search(query) if words_of(query) else []
    except FunctionMissingError:  # the functions of a deployment that is older than this page
        return page(request, "search_all.html", status=501, query=query, places=[], is_missing=True)
    places = await asyncio.to_thread(places_of, found, query)
    return page(request, "search_all.html", query=query, places=places, is_missing=False)


def places_of(found: Sequence[FoundText], query: str) -> list[Place]:
    """Return where each text has the words, at its best section."""
    return [
        Place(
            course=text.full_name,
            base=f"/courses/{text.job_id}/",
            is_tutorial=text.document.slug.startswith(f"{TUTORIALS_DIR}/"),
            hit=best_of(_entry(text), query),
        )
        for text in found
    ]


def _entry(text: FoundText) -> Entry:
    index = file_index(text.document.slug.rpartition("/")[2])
    return Entry(document=text.document, name=display_name(text.document), number=(index or 0) + 1)
