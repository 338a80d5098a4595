"""Private repositories through real git: read with the token that is for them, and with no other."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.git_credentials import GitCredential, dump_git_credentials
from course.repository import UrlPolicy, parse_repository_url
from tests.canary import watched_processes
from tests.https_endpoint import authority_file
from tests.private_git import PrivateHost, private_host
from tests.processes.worker import MakeRepository, StartWorker, Submissions
from worker.checkout import Checkout
from worker.errors import PermanentError
from worker.git import Access
from worker.watch import Bounds

TOKEN, OTHER = "glpat-kanarienvogel-7f3a", "glpat-anderer-vogel-91bc"
USER = "reader"


@pytest.fixture
def host(tmp_path: Path, repositories: Path, make_repository: MakeRepository) -> Iterator[PrivateHost]:
    make_repository("sums")
    (repositories / "acme").mkdir()
    (repositories / "sums.git").rename(repositories / "acme" / "sums.git")
    folder = tmp_path / "host"
    folder.mkdir()
    with private_host(folder, repositories, f"{USER}:{TOKEN}") as running:
        yield running


def written(folder: Path, *credentials: GitCredential) -> Path:
    file = folder / "git-credentials"
    file.write_text(dump_git_credentials(credentials))
    return file


def netloc(host: PrivateHost) -> str:
    return host.url.removeprefix("https://")


Clone = Callable[..., str]


@pytest.fixture
def clone(tmp_path: Path, host: PrivateHost) -> Clone:
    numbers = iter(range(100))

    def run(token: str | None = TOKEN, *, path: str = "/acme/sums.git", user: str = USER) -> str:
        scratch = tmp_path / f"scratch-{next(numbers)}"
        scratch.mkdir()
        environment = {"PATH": os.environ["PATH"], "GIT_SSL_CAINFO": str(authority_file(scratch))}
        prefix = f"{netloc(host)}/acme"
        file = written(scratch, GitCredential(prefix=prefix, user=user, token=token or OTHER))
        url = parse_repository_url(f"{host.url}{path}", UrlPolicy(known_hosts=frozenset({netloc(host)})))
        checkout = Checkout(Bounds(max_bytes=4 << 20, max_files=500), environment)
        access = None if token is None else Access(file=file, prefix=prefix)
        return asyncio.run(checkout.clone(url, branch=None, target=scratch / "clone", scratch=scratch, access=access))

    return run


def test_it_is_read_with_its_token_and_the_token_is_nowhere_to_be_seen(
    clone: Clone, host: PrivateHost, tmp_path: Path
) -> None:
    with watched_processes(TOKEN) as watch:
        commit = clone()
    assert len(commit) == 40
    assert watch.rounds > 3
    assert watch.found == set()
    assert [status for _, status in host.seen][:2] == [401, 200]
    holding = [
        str(path.relative_to(tmp_path))
        for path in tmp_path.rglob("*")
        if path.is_file() and TOKEN.encode() in path.read_bytes()
    ]
    assert holding == ["scratch-0/git-credentials"]


@pytest.mark.parametrize(
    ("state", "token", "words"),
    [
        ("", OTHER, "refuses the token for {prefix}: it is wrong, expired or revoked; store a new one: `bin/fondation"),
        ("forbidden", TOKEN, "may not be read with the token for {prefix}: give that the right"),
        ("hidden", TOKEN, "was not found, or the token for {prefix} may not see it"),
        ("breaks_off", TOKEN, "refuses the token for {prefix}: it is wrong, expired or revoked"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_token(
    clone: Clone, host: PrivateHost, state: str, token: str, words: str
) -> None:
    if state:
        setattr(host, state, True if state == "breaks_off" else {"/acme/sums.git"})
    with pytest.raises(PermanentError) as caught:
        clone(token)
    assert words.format(prefix=f"{netloc(host)}/acme") in str(caught.value)
    assert token not in str(caught.value)


def test_without_a_token_a_private_host_is_not_even_asked(clone: Clone, host: PrivateHost) -> None:
    with pytest.raises(PermanentError, match="only repositories on public hosts are cloned"):
        clone(None)
    assert host.seen == []


def test_a_job_reads_what_was_delivered_last(
    start_worker: StartWorker, submissions: Submissions, host: PrivateHost, tmp_path: Path
) -> None:
    prefix = f"{netloc(host)}/acme"
    file = written(tmp_path, GitCredential(prefix=prefix, user=USER, token=OTHER))
    worker = start_worker(
        "course", FONDATION_GIT_CREDENTIALS_FILE=str(file), GIT_SSL_CAINFO=str(authority_file(tmp_path))
    )
    failed = submissions.until(submissions.submit(f"{host.url}/acme/sums.git"), "failed")
    assert f"refuses the token for {prefix}" in failed["error"]
    written(tmp_path, GitCredential(prefix=prefix, user=USER, token=TOKEN))
    done = submissions.submit(f"{host.url}/acme/sums.git")
    submissions.until(done, "completed")
    refused = submissions.until(submissions.submit(f"{host.url}/other/sums.git"), "failed")
    assert "only repositories on public hosts are cloned" in refused["error"]
    said = "\n".join([worker.log(), *submissions.log(done), str(submissions.job(done))])
    assert TOKEN not in said
    assert OTHER not in said
