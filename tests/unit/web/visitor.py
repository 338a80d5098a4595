import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from course.documents import Document, DocumentKind
from course.rows import JobId
from tests.doubles.memory_backend import MemoryBackend
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from web.metrics import Metrics

COMMIT = "a" * 40
TOKEN = "correct-horse-battery-staple"


@dataclass
class Clock:
    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Visitor:
    """A browser without JavaScript: keeps cookies and sends forms as a page would."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - fields of Settings
        self.clock = Clock()
        self.backend = MemoryBackend(now_ms=lambda: self.clock() * 1000)
        app = create_app(Settings(convex_url="http://backend.test", **settings), self.backend, now_s=self.clock)
        self.metrics: Metrics = app.state.metrics
        self._loop = asyncio.new_event_loop()
        # A page that fails is a page too.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.1", 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    def request(self, method: str, path: str, **keywords: Any) -> httpx.Response:  # noqa: ANN401 - httpx
        keywords["headers"] = {"accept-language": "en", **(keywords.get("headers") or {})}
        return self._loop.run_until_complete(self._client.request(method, path, **keywords))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def form_token(self, page: str = "/") -> str:
        match = re.search(r'name="form-token" value="(\w+)"', self.get(page).text)
        assert match is not None
        return match[1]

    def post(
        self, path: str, *, page: str = "/", headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        return self.request("POST", path, data={"form-token": self.form_token(page), **fields}, headers=headers)

    def submit(self, url: str = "https://github.com/owner/name.git") -> JobId:
        answer = self.post("/jobs", url=url)
        assert answer.status_code == 303, answer.text
        return JobId(answer.headers["location"].rpartition("/")[2])

    def publish(self, documents: list[Document]) -> JobId:
        job_id = self.submit()
        self.backend.put_documents(job_id, documents)
        return job_id

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


def chapter(index: int, name: str, text: str = "Text.", *, folder: str = "reviewed-chapters") -> Document:
    slug = f"{folder}/chapter_{index}_{name.lower().replace(' ', '_')}.md"
    prefix = "Reviewed: " if folder.startswith("reviewed") else ""
    title = f"Chapter {index + 1}: {name}"
    return Document(
        slug=slug,
        title=prefix + title,
        kind=DocumentKind.CHAPTER,
        content=f"# {title}\n\n{text}\n",
        chapter_index=index,
    )


def tutorial(index: int, name: str, text: str = "Do.") -> Document:
    return Document(
        slug=f"tutorials/tutorial_{index}_{name.lower()}.md",
        title=f"Tutorial: Interactive Tutorial: {name}",
        kind=DocumentKind.TUTORIAL,
        content=f"# Interactive Tutorial: {name}\n\n{text}\n",
        chapter_index=index,
    )


def reference(slug: str, content: str, title: str = "Reference") -> Document:
    return Document(slug=slug, title=title, kind=DocumentKind.YAML, content=content)
