"""From a repository to a course that a browser shows, on the deployed stack."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent
from playwright.sync_api import Browser, Page, expect

from tests.browser import running_browser
from tests.trial import Trial

HTTPX = "httpx==0.28.1 --hash=sha256:75e98c5f16b0f35b567856f597f06ff2270a374470a5c2392242528e3e3e42fc\n"
JOB_TIMEOUT_MS = 90_000


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit_all(folder: Path) -> Path:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Import")
    return folder


@pytest.fixture(scope="session")
def httpx_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository made from httpx's source distribution, which the package index delivers."""
    folder = tmp_path_factory.mktemp("httpx")
    (folder / "requirements.txt").write_text(HTTPX)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"),
            *("--no-binary", "httpx", "--require-hashes", "-r", "requirements.txt", "--dest", "."),
        ],
        cwd=folder,
        check=True,
        timeout=240,
    )
    (folder / "unpacked").mkdir()
    archive = next(folder.glob("httpx-*.tar.gz"))
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder / "unpacked"], check=True)
    return commit_all(next((folder / "unpacked").iterdir()))


@pytest.fixture(scope="session")
def httpx_job(stack: Trial, httpx_repository: Path) -> str:
    """The id of a finished job of httpx, submitted on the command line."""
    done = stack.fondation("submit", str(httpx_repository), "--wait")
    return job_id(done.stdout)


def job_id(output: str) -> str:
    found = re.search(r"\b[a-z0-9]{32}\b", output)
    assert found, output
    return found[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()


def test_httpx_becomes_a_complete_course(stack: Trial, httpx_job: str, tmp_path: Path) -> None:
    stack.fondation("course", httpx_job, "--output", str(tmp_path / "course"))
    course = tmp_path / "course"
    assert len(list(course.glob("*.yaml"))) == 3
    chapters = sorted(path.name for path in (course / "chapters").glob("*.md"))
    assert len(chapters) >= 5
    assert sorted(path.name for path in (course / "reviewed-chapters").glob("*.md")) == chapters
    assert len(list((course / "tutorials").glob("*.md"))) == len(chapters)


def test_every_citation_and_link_of_the_course_resolves(stack: Trial, httpx_job: str) -> None:
    done = stack.fondation("course", httpx_job, "--check")
    assert re.search(r"\b[1-9]\d* citations", done.stdout), done.stdout


def test_the_course_is_found_by_its_words(stack: Trial, httpx_job: str) -> None:
    found = json.loads(stack.fondation("search", "timeout", "--json").stdout)
    assert httpx_job in {item["job"] for item in found}
    assert httpx.get(found[0]["url"]).status_code == 200
    page = httpx.get(f"{stack.outputs()['webUrl']}/search", params={"q": "timeout"}).text
    assert f"/courses/{httpx_job}/" in page
    nothing = stack.fondation("search", "nowhereatall", check=False)
    assert (nothing.returncode != 0, "no course has the words" in nothing.stdout) == (True, True)


def test_a_job_is_followed_opened_and_told_to_programs(stack: Trial, httpx_job: str) -> None:
    course = f"{stack.outputs()['webUrl']}/courses/{httpx_job}/"
    followed = stack.fondation("watch", httpx_job).stdout
    assert followed.rstrip().endswith(course)
    [told] = json.loads(stack.fondation("status", httpx_job, "--json").stdout)
    assert (told["id"], told["status"], told["step"]) == (httpx_job, "completed", 6)
    assert httpx_job in {job["id"] for job in json.loads(stack.fondation("status", "--json").stdout)}
    opened = stack.run("env", "BROWSER=true", "bin/fondation", "open", httpx_job, "--stack", stack.name).stdout
    assert opened.splitlines()[0] == course


def test_a_coding_agent_reads_the_course_and_what_it_cites(stack: Trial, httpx_job: str) -> None:
    command = StdioServerParameters(
        command="bin/fondation", args=["mcp", "--stack", stack.name], env=stack.environment, cwd=stack.checkout
    )

    async def read() -> tuple[str, str]:
        async with Client(command) as client:

            async def told(tool: str, **arguments: str) -> str:
                result = await client.call_tool(tool, arguments)
                [content] = result.content
                assert isinstance(content, TextContent)
                assert not result.is_error, content.text
                return content.text

            contents = json.loads(await told("read_course", course=httpx_job))
            chapter = await told("read_text", course=httpx_job, slug=contents["chapters"][0]["slug"])
            [path, lines] = next(iter(re.findall(r"`(\S+)#L(\d+)", chapter)))
            return chapter, await told("read_source", course=httpx_job, path=path, lines=lines)

    chapter, source = asyncio.run(read())
    assert chapter.startswith("# ")
    number, _, line = source.partition("\t")
    assert number.isdigit()
    assert line.strip()


def test_a_browser_submits_watches_and_reads(stack: Trial, httpx_repository: Path, page: Page) -> None:
    imported = stack.fondation("import", str(httpx_repository)).stdout
    url = re.search(r"file:///srv/repositories/\S+\.git", imported)
    assert url, imported
    page.goto(stack.outputs()["webUrl"])
    page.locator("input[name=url]").fill(url[0])
    page.locator("form.submit button.primary").click()
    page.wait_for_url("**/jobs/*")
    view = page.get_by_role("link", name="Voir le cours").first
    view.wait_for(timeout=JOB_TIMEOUT_MS)
    view.click()
    expect(page.locator("h1").first).to_be_visible()
    page.get_by_role("link", name="Request", exact=True).first.click()
    expect(page.locator("article pre").first).to_be_visible()
    page.wait_for_load_state()  # until the page's script runs, a citation leads to a page of its own
    # A citation of a repository of this machine opens its lines beside the text.
    page.locator("article a.citation").first.click()
    expect(page.locator("#source-panel .row.wanted").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#source-panel")).to_be_hidden()


def test_a_repository_without_code_fails_with_the_reason_and_is_not_retried(stack: Trial, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    repository = commit_all(tmp_path / "empty")
    done = stack.fondation("submit", str(repository), "--wait", check=False)
    assert done.returncode != 0
    assert "nothing to analyse" in done.stdout.lower()
    status = stack.fondation("status", job_id(done.stdout)).stdout
    assert "failed" in status


def test_refused_and_unreachable_repositories_say_why(stack: Trial) -> None:
    refused = stack.fondation("submit", "https://127.0.0.1/a/b", check=False)
    assert refused.returncode != 0
    assert "not a public host name" in refused.stdout
    unknown = stack.fondation("submit", "/does/not/exist", check=False)
    assert unknown.returncode != 0
    assert "/does/not/exist" in unknown.stdout


def test_the_log_of_a_job_tells_its_steps(stack: Trial, httpx_job: str) -> None:
    log = stack.fondation("logs", httpx_job).stdout
    assert "6/6" in log
