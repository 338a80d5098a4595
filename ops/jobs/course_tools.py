"""Courses for coding agents: a read-only server of the Model Context Protocol, on the JSON API of a page (docs/api.md).

It speaks over standard input and output, changes nothing, and needs only the page's address and its access token.
"""

import re
from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from course.version import VERSION

TIMEOUT_S: Final = 20.0
LINES_MAX: Final = 2_000
TOKEN_VARIABLE: Final = "FONDATION_TOKEN"  # noqa: S105 - the name of a variable
INSTRUCTIONS: Final = """\
Courses that teach how a git repository works, chapter by chapter. Statements cite lines as `path#L3-L9` at the analysed
commit. Begin with `list_courses`, `search` or `ask`; `read_course` gives the table of contents, `read_text` a chapter,
`read_source` the cited lines. Nothing here changes anything."""
_READS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_LINES: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")

CourseName = Annotated[str, Field(description="A repository as `owner/name`: its newest course. Or a course's `job`.")]
Slug = Annotated[str, Field(description="The text's `slug`, as `read_course` and `search` give it.")]


class Page:
    """The JSON API of one page."""

    def __init__(self, url: str, token: str | None, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        base = f"{url.rstrip('/')}/api/v1"
        self._url = url
        self._client = httpx.AsyncClient(base_url=base, headers=headers, timeout=TIMEOUT_S, transport=transport)

    async def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401 - what the API's document says
        """Return an answer of the API.

        Raises:
            ToolError: There is none; it says what to do.
        """
        try:
            answer = await self._client.get(path, params=query)
            told = answer.json()
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise ToolError(f"{self._url} does not answer ({reason}): is the stack up?") from error
        except ValueError as error:
            raise ToolError(f"{self._url} answered {answer.status_code} and no JSON: is it a page of ours?") from error
        if answer.is_success:
            return told
        message = told.get("message", answer.status_code) if isinstance(told, dict) else answer.status_code
        hint = f"; give it in the variable {TOKEN_VARIABLE}" if answer.status_code == httpx.codes.UNAUTHORIZED else ""
        raise ToolError(f"{message}{hint}")

    async def path_of(self, course: str) -> str:
        """Return the address of a course that is named by its repository or by its job."""
        return f"/courses/{quote(await self._job_of(course), safe='')}"

    async def _job_of(self, course: str) -> str:
        if "/" not in course:
            return course
        known = {item["repository"]: item["job"] for item in (await self.get("/courses", limit=1000))["courses"]}
        if course not in known:
            named = ", ".join(sorted(known)[:20]) or "none"
            raise ToolError(f"there is no course of {course!r}; there are courses of: {named}")
        return str(known[course])


def server_of(page: Page) -> MCPServer[Any]:
    """Return the server; nothing is asked of the page before a tool is used."""
    server: MCPServer[Any] = MCPServer(
        "fondation", title="Fondation", instructions=INSTRUCTIONS, version=VERSION, log_level="WARNING"
    )

    @server.tool(annotations=_READS)
    async def list_courses(limit: Annotated[int, Field(ge=1, le=1000)] = 50) -> dict[str, Any]:
        """List the newest course of each repository, the newest first."""
        found: dict[str, Any] = await page.get("/courses", limit=limit)
        return found

    @server.tool(annotations=_READS)
    async def read_course(course: CourseName) -> dict[str, Any]:
        """Read the table of contents of a course: its summary, chapters, exercises and cited files, in order."""
        found: dict[str, Any] = await page.get(await page.path_of(course))
        return found

    @server.tool(annotations=_READS, structured_output=False)
    async def read_text(course: CourseName, slug: Slug) -> str:
        """Read one text of a course, a chapter or an exercise, as Markdown."""
        return str((await page.get(f"{await page.path_of(course)}/texts/{quote(slug)}"))["content"])

    @server.tool(annotations=_READS, structured_output=False)
    async def read_source(
        course: CourseName,
        path: Annotated[str, Field(description="The file, as a citation names it.")],
        lines: Annotated[str, Field(description="Which lines, such as `3-9` or `3`; all that are kept without.")] = "",
    ) -> str:
        """Read lines that a course cites, at the analysed commit, each with its number."""
        match = _LINES.fullmatch(lines)
        if lines and match is None:
            raise ToolError(f"lines is {lines[:40]!r}: give such as 3-9, or 3")
        kept = await page.get(f"{await page.path_of(course)}/sources/{quote(path)}")
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, kept["count"])
        return _numbered(kept, first, last)

    @server.tool(annotations=_READS)
    async def search(
        words: Annotated[str, Field(description="Words, or the beginnings of words: of titles, text, names in code.")],
        course: Annotated[str, Field(description="A course, as for `read_course`; all courses without.")] = "",
    ) -> dict[str, Any]:
        """Find words in a course, or in all: the best sections, each with the text's `job` and `slug`."""
        where = f"{await page.path_of(course)}/search" if course else "/search"
        found: dict[str, Any] = await page.get(where, q=words)
        return found

    @server.tool(annotations=_READS)
    async def ask(
        course: CourseName,
        question: Annotated[str, Field(description="A question on the project, in the names that it uses.")],
    ) -> dict[str, Any]:
        """Find what a course says on a question: its own passages as Markdown, with the lines that they cite."""
        found: dict[str, Any] = await page.get(f"{await page.path_of(course)}/ask", q=question)
        return found

    return server


def serve(url: str, token: str | None) -> None:
    """Serve until standard input ends."""
    server_of(Page(url, token)).run("stdio")


def _numbered(kept: dict[str, Any], first: int, last: int) -> str:
    """The kept lines of a range, with `…` where some are left out; an error where none of them is kept."""
    told: list[str] = []
    before = first - 1
    for part in kept["parts"]:
        for number, text in enumerate(part["lines"], start=part["start"]):
            if first <= number <= last and len(told) < LINES_MAX:
                if number != before + 1:
                    told.append("…")
                told.append(f"{number}\t{text}")
                before = number
    if not told:
        ranges = ", ".join(f"{part['start']}-{part['start'] + len(part['lines']) - 1}" for part in kept["parts"])
        raise ToolError(f"lines {first}-{last} of {kept['path']} are not kept; kept are: {ranges}")
    return "\n".join(told)
