"""`search:courses`: where the newest courses have the words that somebody looks for. An extension of ours."""

from typing import Any, Final

from backend import shown_text
from backend.errors import Code, FunctionError
from backend.registry import Args, Function, QueryContext, query
from backend.transaction import state_tag
from backend.validator import Optional, number, string

FOUND_MAX: Final = 20
QUERY_MAX: Final = 1_000
# Of each text: enough for the place where the words stand, and the answer stays small.
CONTENT_MAX: Final = 100_000
_FIELDS: Final = ("jobId", "repositoryId", "fullName", "slug", "title", "kind", "content")


def functions() -> tuple[Function, ...]:
    """Return the functions of this module."""
    return (query("search:courses", courses, query=string(), limit=Optional(number())),)


def courses(context: QueryContext, args: Args) -> list[dict[str, Any]]:
    """Return the texts with all words, the best first; where none has them all, those with any."""
    limit = args.get("limit", float(FOUND_MAX))
    if not 1 <= limit <= FOUND_MAX:
        raise FunctionError(Code.INVALID, f"limit is {limit:g}: expected 1 to {FOUND_MAX}")
    wanted = shown_text.query_of(args["query"][:QUERY_MAX])
    if wanted is None:
        return []
    found: list[tuple[Any, ...]] = []
    for terms in dict.fromkeys((wanted.all_words, wanted.any_word)):
        found = context.db.scalars(shown_text.FOUND, (terms, int(limit)), tag=state_tag("docs"))
        if found:
            break
    return [dict(zip(_FIELDS, (*row[:-1], row[-1][:CONTENT_MAX]), strict=True)) for row in found]
