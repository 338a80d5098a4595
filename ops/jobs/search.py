"""Search over the courses of a stack, on the operator's terminal."""

import json
import re
from collections.abc import Sequence
from typing import Final

from course.rows import FoundText
from ops.context import Context
from ops.errors import NotFoundError
from ops.jobs.jobs import Jobs
from ops.stack.stack import Stack

LINE_CHARS: Final = 160
_WORD: Final = re.compile(r"\w+")


def search(context: Context, query: str, *, limit: int, as_json: bool) -> None:
    """Show where the newest courses have the words of a query, the best first.

    Raises:
        NotFoundError: None has them.
        BackendError: The backend does not answer or refuses.
    """
    stack = Stack(context.folders, context.stack)
    found = Jobs(stack.convex()).search(query, limit=limit)
    web_url = stack.outputs().web_url
    if as_json:
        context.say(json.dumps([_as_json(text, web_url) for text in found], indent=2, ensure_ascii=False))
        return
    if not found:
        raise NotFoundError(f"no course has the words {query!r}: try fewer, or the beginning of one")
    for text in found:
        context.say(_printable(f"{text.full_name}: {text.document.heading}"))
        context.say(f"  {_address(text, web_url)}")
        if line := _line(text.document.content, _WORD.findall(query.lower())):
            context.say(f"  {line}")


def _printable(text: str) -> str:
    """The text without what would move a terminal's cursor: a repository may have written it."""
    return "".join(sign for sign in text if sign.isprintable())


def _address(text: FoundText, web_url: str) -> str:
    return f"{web_url}/courses/{text.job_id}/{text.document.slug}"


def _as_json(text: FoundText, web_url: str) -> dict[str, str]:
    document = text.document
    return {
        "repository": text.full_name,
        "job": text.job_id,
        "slug": document.slug,
        "title": document.title,
        "kind": document.kind.value,
        "url": _address(text, web_url),
    }


def _line(content: str, words: Sequence[str]) -> str:
    """The line below a text's title that has most of the words, without what marks it up; empty where none has any."""
    lines = [line.strip("#>*- ") for line in content.splitlines() if not line.startswith("# ")]
    counts = [sum(word in line.lower() for word in words) for line in lines]
    best = max(counts, default=0)
    line = _printable(lines[counts.index(best)]) if best else ""
    return line if len(line) <= LINE_CHARS else f"{line[: LINE_CHARS - 1].rstrip()}…"
