"""The server for coding agents, asked by the official client: it lists, searches and reads, or says what to do."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from course.cited_sources import sources_document
from course.repository import UrlPolicy, parse_repository_url
from course.rows import JobId
from ops.jobs.course_tools import LINES_MAX, Page, server_of
from tests.doubles.memory_backend import MemoryBackend
from tests.unit.web.visitor import COMMIT, TOKEN, chapter, reference, tutorial
from web.app import create_app
from web.settings import Secret, Settings

CITED = chapter(1, "Retry", "It waits (`src/retry.py#L300`).\n\n## Pauses\n\nThe pause doubles.")
RELATIONS = json.dumps({"commit": COMMIT, "summary": "Sends again."})
SOURCE = tuple(f"line {number}" for number in range(1, 1001))
Use = Callable[[Client], Awaitable[Any]]


class Desk:
    """A page with one course, and an agent that uses the server on it."""

    def __init__(self, token: str | None = None, *, given: str | None = None) -> None:
        self.loop = asyncio.new_event_loop()
        self.backend = MemoryBackend(now_ms=lambda: 1_800_000_000_000.0)
        secret = Secret(token) if token else None
        app = create_app(Settings(convex_url="http://backend.test", access_token=secret), self.backend)
        self.page = Page("http://localhost", given, transport=httpx.ASGITransport(app))

    def run(self, use: Use) -> Any:  # noqa: ANN401 - what the use returns
        async def used() -> Any:  # noqa: ANN401
            async with Client(server_of(self.page)) as client:
                return await use(client)

        return self.loop.run_until_complete(used())

    def call(self, tool: str, **arguments: Any) -> CallToolResult:  # noqa: ANN401
        async def called(client: Client) -> CallToolResult:
            return await client.call_tool(tool, arguments)

        result: CallToolResult = self.run(called)
        return result

    def text(self, tool: str, *, fails: bool = False, **arguments: Any) -> str:  # noqa: ANN401
        result = self.call(tool, **arguments)
        assert bool(result.is_error) is fails, result.content
        [content] = result.content
        assert isinstance(content, TextContent)
        return content.text

    def publish(self) -> JobId:
        async def published() -> JobId:
            url = parse_repository_url("owner/name", UrlPolicy())
            repository = await self.backend.register(url)
            return await self.backend.create_job(repository, url.full_name, "en")

        job = self.loop.run_until_complete(published())
        texts = [chapter(0, "Start"), CITED, tutorial(0, "Start"), reference("step2_relationships.yaml", RELATIONS)]
        kept = sources_document(texts, {"src/retry.py": SOURCE}.get)
        assert kept is not None
        self.backend.put_documents(job, [*texts, kept])
        return job


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.loop.close()


def test_every_tool_says_that_it_only_reads(desk: Desk) -> None:
    async def listed(client: Client) -> Any:  # noqa: ANN401
        return await client.list_tools()

    tools = desk.run(listed).tools
    assert {tool.name for tool in tools} == {"list_courses", "read_course", "read_text", "read_source", "search", "ask"}
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.description.endswith(".")


@pytest.mark.parametrize("by_name", [True, False], ids=["by repository", "by job"])
def test_an_agent_finds_a_chapter_and_reads_what_it_cites(desk: Desk, *, by_name: bool) -> None:
    job = desk.publish()
    course = "owner/name" if by_name else job
    assert [item["repository"] for item in json.loads(desk.text("list_courses"))["courses"]] == ["owner/name"]
    contents = desk.call("read_course", course=course).structured_content
    assert contents is not None
    assert (contents["commit"], contents["sources"]) == (COMMIT, ["src/retry.py"])
    slug = contents["chapters"][1]["slug"]
    for where in ("", course):
        [hit] = json.loads(desk.text("search", words="doubles", course=where))["hits"]
        assert (hit["job"], hit["slug"], hit["heading"]) == (job, slug, "Pauses")
    [passage] = json.loads(desk.text("ask", course=course, question="How long does it wait?"))["passages"]
    assert (passage["slug"], "`src/retry.py#L300`" in passage["content"]) == (slug, True)
    assert desk.text("read_text", course=course, slug=slug) == CITED.content
    cited = desk.text("read_source", course=course, path="src/retry.py", lines="299-300")
    assert cited == "299\tline 299\n300\tline 300"


def test_lines_that_are_left_out_show_and_lines_that_are_not_kept_are_named(desk: Desk) -> None:
    desk.publish()
    whole = desk.text("read_source", course="owner/name", path="src/retry.py").splitlines()
    assert len(whole) <= LINES_MAX
    assert whole[0] == "…"  # the file is long: what stands around the cited line is kept
    told = desk.text("read_source", fails=True, course="owner/name", path="src/retry.py", lines="1-3")
    assert "lines 1-3 of src/retry.py are not kept; kept are: 240-360" in told


def test_what_is_not_there_is_told_with_what_is(desk: Desk) -> None:
    desk.publish()
    assert "there are courses of: owner/name" in desk.text("read_course", fails=True, course="owner/other")
    assert "nothing at this address" in desk.text("read_course", fails=True, course="nowhere?q=1#x")
    assert "nothing at this address" in desk.text("read_text", fails=True, course="owner/name", slug="chapters/no.md")
    assert "?q=retry" in desk.text("search", fails=True, words="!")
    told = desk.text("read_source", fails=True, course="owner/name", path="src/retry.py", lines="x")
    assert "give such as 3-9" in told


def test_without_a_page_or_its_token_the_agent_is_told_what_to_do() -> None:
    for given in (None, "a-wrong-one"):
        desk = Desk(TOKEN, given=given)
        told = desk.text("list_courses", fails=True)
        assert told.endswith("give it in the variable FONDATION_TOKEN")
        assert TOKEN not in told
        desk.loop.close()
    let_in = Desk(TOKEN, given=TOKEN)
    assert json.loads(let_in.text("list_courses")) == {"courses": []}
    let_in.backend.is_down = True
    assert "nothing is lost" in let_in.text("list_courses", fails=True)
    let_in.page = Page("http://127.0.0.1:9", None)
    assert "is the stack up?" in let_in.text("list_courses", fails=True)
    let_in.loop.close()
