"""Clones with real git: good repositories, bad ones, hostile ones."""

import asyncio
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from course.repository import RepositoryUrl, UrlPolicy, parse_repository_url
from tests.processes.worker import MakeRepository
from worker.checkout import Checkout
from worker.errors import PermanentError, TryAgainError
from worker.git import clone_argv, clone_failure, git_environment
from worker.processes import Finished
from worker.watch import Bounds

BOUNDS = Bounds(max_bytes=4 << 20, max_files=500)
ENVIRONMENT = {"PATH": os.environ["PATH"]}


class Bench:
    def __init__(self, folder: Path, repositories: Path) -> None:
        self.target = folder / "clone"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self._policy = UrlPolicy(local_prefix=str(repositories))

    def clone(self, url: str, *, branch: str | None = None, bounds: Bounds = BOUNDS, **options: object) -> str:
        checkout = Checkout(bounds, ENVIRONMENT, **options)  # type: ignore[arg-type]
        accepted = parse_repository_url(url, self._policy)
        return asyncio.run(checkout.clone(accepted, branch=branch, target=self.target, scratch=self.scratch))


@pytest.fixture
def bench(tmp_path: Path, repositories: Path) -> Bench:
    return Bench(tmp_path, repositories)


def git(*arguments: str, **environment: str) -> str:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    done = subprocess.run(
        ["git", *identity, *arguments], check=True, capture_output=True, text=True, env={**os.environ, **environment}
    )
    return done.stdout.strip()


def test_one_commit_of_the_default_branch_is_cloned(
    bench: Bench, make_repository: MakeRepository, repositories: Path
) -> None:
    commit = bench.clone(make_repository())
    assert commit == git("-C", str(repositories / "sums.git"), "rev-parse", "main")
    assert (bench.target / "src" / "app.py").is_file()
    assert git("-C", str(bench.target), "rev-list", "--count", "HEAD") == "1"


def test_a_branch_is_cloned_by_its_name(
    bench: Bench, make_repository: MakeRepository, tmp_path: Path, repositories: Path
) -> None:
    url = make_repository()
    work = str(tmp_path / "work-sums")
    git("-C", work, "checkout", "--quiet", "-b", "feature/x")
    (tmp_path / "work-sums" / "new.py").write_text("x = 1\n")
    git("-C", work, "add", "--all")
    git("-C", work, "commit", "--quiet", "--message", "More")
    git("-C", work, "push", "--quiet", str(repositories / "sums.git"), "feature/x")
    bench.clone(url, branch="feature/x")
    assert (bench.target / "new.py").is_file()


def test_a_repository_of_another_owner_is_cloned(
    bench: Bench, make_repository: MakeRepository, repositories: Path
) -> None:
    url = make_repository()
    for path in [repositories / "sums.git", *(repositories / "sums.git").rglob("*")]:
        os.chown(path, 4242, 4242)
    assert bench.clone(url)


@pytest.mark.parametrize(
    ("name", "files", "branch", "reason"),
    [
        ("empty", {}, None, "is empty: it has no commit yet"),
        ("sums", {"a.py": "x"}, "gone", "has no branch 'gone'"),
        ("files", {f"{i}.py": "x" for i in range(600)}, None, "too large: more than 500 files"),
        ("bytes", {"data": os.urandom(6 << 20)}, None, "too large: more than 4194304 bytes"),
        ("bomb", {"zeros": b"\0" * (64 << 20)}, None, "too large: more than 4194304 bytes"),
    ],
)
def test_what_cannot_become_a_course_is_refused_for_good(  # noqa: PLR0917 - four parameters and two fixtures
    name: str,
    files: dict[str, str | bytes],
    branch: str | None,
    reason: str,
    bench: Bench,
    make_repository: MakeRepository,
) -> None:
    with pytest.raises(PermanentError, match=reason):
        bench.clone(make_repository(name, files), branch=branch)


def test_a_missing_repository_is_refused_for_good(bench: Bench, repositories: Path) -> None:
    with pytest.raises(PermanentError, match=r"nowhere\.git was not found or is private"):
        bench.clone(f"file://{repositories}/nowhere.git")


def test_hooks_filters_links_and_submodules_of_a_repository_do_nothing(
    bench: Bench, make_repository: MakeRepository, tmp_path: Path, repositories: Path
) -> None:
    touched = tmp_path / "touched"
    url = make_repository("inner")
    work = tmp_path / "work-hostile"
    git("init", "--quiet", "--initial-branch=main", str(work))
    (work / ".gitattributes").write_text("*.py filter=evil\n*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (work / "a.py").write_text("x = 1\n")
    (work / "big.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    (work / "passwd").symlink_to("/etc/passwd")
    git("-C", str(work), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "sub")
    git("-C", str(work), "add", "--all")
    git("-C", str(work), "commit", "--quiet", "--message", "Hostile")
    bare = repositories / "hostile.git"
    git("clone", "--quiet", "--bare", str(work), str(bare))
    hook = bare / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {touched}\n")
    hook.chmod(0o755)
    (bench.scratch / ".gitconfig").write_text(f'[filter "evil"]\n\tsmudge = touch {touched}\n')
    assert bench.clone(f"file://{bare}")
    assert not touched.exists()
    assert not (bench.target / "passwd").is_symlink()
    assert list((bench.target / "sub").iterdir()) == []
    assert (bench.target / "big.bin").read_text().startswith("version https://git-lfs")


class _Git(BaseHTTPRequestHandler):
    """Serves the smart protocol with git's own CGI program."""

    root: Path

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        if self.path.startswith("/moved.git"):
            self.send_response(301)
            self.send_header("Location", self.path.replace("/moved.git", "/sums.git"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answer = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True)
        head, _, content = answer.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    file = tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=git.example.com",
            "-addext", "subjectAltName=DNS:git.example.com", "-keyout", str(file), "-out", str(tmp_path / "public.pem"),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + (tmp_path / "public.pem").read_text())
    return file


@pytest.fixture
def https_port(certificate: Path, repositories: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = type("Handler", (_Git,), {"root": repositories})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def https_clone(port: int, name: str, certificate: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Clone from the server above; git.example.com does not resolve here, so only the pinned address can answer."""
    url = RepositoryUrl(url=f"https://git.example.com:{port}/{name}.git", host="git.example.com", full_name="x/y")
    argv = list(clone_argv(url, target, branch=None, addresses=("127.0.0.1",)))
    argv = [part.replace("git.example.com:443:", f"git.example.com:{port}:") for part in argv]
    environment = git_environment(
        {**ENVIRONMENT, "SSL_CERT_FILE": str(certificate)}, home=target.parent, protocol="https"
    )
    return subprocess.run(argv, check=False, env=environment, capture_output=True, text=True, timeout=20)


def test_git_connects_to_the_checked_address_and_asks_no_name_service(
    https_port: int, certificate: Path, make_repository: MakeRepository, tmp_path: Path
) -> None:
    make_repository()
    done = https_clone(https_port, "sums", certificate, tmp_path / "clone")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clone" / "src" / "app.py").is_file()


def test_a_redirect_is_not_followed_and_its_cause_is_told(
    https_port: int, certificate: Path, make_repository: MakeRepository, tmp_path: Path
) -> None:
    make_repository()
    done = https_clone(https_port, "moved", certificate, tmp_path / "clone")
    assert done.returncode != 0
    url = RepositoryUrl(url="https://git.example.com/moved.git", host="git.example.com", full_name="x/y")
    failure = clone_failure(
        url, None, Finished(code=done.returncode, stdout_tail="", stderr_tail=done.stderr), max_bytes=1
    )
    assert isinstance(failure, PermanentError), done.stderr
    assert "has moved; submit its new address" in str(failure)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], ["169.254.169.254"], []])
def test_a_host_with_an_address_that_is_not_public_is_never_contacted(addresses: list[str], bench: Bench) -> None:
    async def resolve(_host: str) -> Sequence[str]:
        return addresses

    with pytest.raises(PermanentError, match=r"the host git\.example\.com leads to"):
        bench.clone("https://git.example.com/a/b.git", resolve=resolve)
    assert not bench.target.exists()


def test_an_unknown_host_is_permanent_and_a_silent_name_service_is_not(bench: Bench) -> None:
    async def unknown(_host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def silent(_host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(PermanentError, match=r"git\.example\.com does not exist"):
        bench.clone("https://git.example.com/a/b.git", resolve=unknown)
    with pytest.raises(TryAgainError, match="could not be resolved"):
        bench.clone("https://git.example.com/a/b.git", resolve=silent)


def test_a_clone_that_hangs_is_ended_with_all_its_processes(
    bench: Bench, make_repository: MakeRepository, repositories: Path
) -> None:
    url = make_repository("stuck")
    (repositories / "stuck.git" / "HEAD").unlink()
    os.mkfifo(repositories / "stuck.git" / "HEAD")  # whoever reads it waits for ever
    with pytest.raises(TryAgainError, match="could not be cloned within 1 s"):
        bench.clone(url, timeout_s=1)
    assert processes_about(str(repositories)) == []


def processes_about(text: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in entry.read_bytes() and int(entry.parent.name) != os.getpid():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found
