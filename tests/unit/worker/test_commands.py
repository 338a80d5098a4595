"""Whole command lines and environments, and what ends of programs mean."""

from pathlib import Path

import pytest

from course.repository import RepositoryUrl
from worker.cli import analyze_argv, cli_environment, cli_failure
from worker.errors import CredentialError, PermanentError, RateLimitedError, TryAgainError
from worker.git import clone_argv, clone_failure, git_environment, head_argv, local_config
from worker.processes import Command, Finished, Limits, launch_argv
from worker.progress import Complaint

HTTPS = RepositoryUrl(url="https://github.com/a/b.git", host="github.com", full_name="a/b")
LOCAL = RepositoryUrl(url="file:///srv/repositories/b.git", host=None, full_name="local/b")
INERT = (
    "-c core.hooksPath=/dev/null -c core.symlinks=false -c core.fsmonitor=false -c core.autocrlf=false "
    "-c core.attributesFile=/dev/null -c filter.lfs.smudge= -c filter.lfs.process= -c filter.lfs.required=false "
    "-c submodule.recurse=false -c transfer.bundleURI=false -c credential.helper= -c http.followRedirects=false "
    "-c gc.auto=0 -c maintenance.auto=false -c advice.detachedHead=false -c protocol.allow=never"
)


def test_clone_over_https_at_checked_addresses() -> None:
    argv = clone_argv(HTTPS, Path("/w/clone"), branch="main", addresses=("140.82.121.3", "2606:50c0::1"))
    assert " ".join(argv) == (
        f"git {INERT} -c protocol.https.allow=always "
        "-c http.curloptResolve=github.com:443:140.82.121.3,[2606:50c0::1] "
        "clone --quiet --depth=1 --no-tags --single-branch --template= --branch=main "
        "-- https://github.com/a/b.git /w/clone"
    )


def test_clone_of_a_local_repository_on_its_default_branch() -> None:
    assert " ".join(clone_argv(LOCAL, Path("/w/clone"), branch=None)) == (
        f"git {INERT} -c protocol.file.allow=always "
        "clone --quiet --depth=1 --no-tags --single-branch --template= -- file:///srv/repositories/b.git /w/clone"
    )


def test_head_and_local_configuration() -> None:
    assert " ".join(head_argv(Path("/w/clone"))) == "git -C /w/clone rev-parse --verify --quiet HEAD^{commit}"
    assert local_config(Path("/srv/repositories/b.git")) == '[safe]\n\tdirectory = "/srv/repositories/b.git"\n'


def test_git_reads_no_configuration_but_keeps_the_certificate_authorities() -> None:
    environment = git_environment({"PATH": "/p", "SSL_CERT_FILE": "/ca.pem"}, home=Path("/w/scratch"), protocol="https")
    assert environment == {
        "PATH": "/p",
        "SSL_CERT_FILE": "/ca.pem",
        "GIT_SSL_CAINFO": "/ca.pem",
        "HOME": "/w/scratch",
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ALLOW_PROTOCOL": "https",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def test_analysis_command_and_environment() -> None:
    argv = analyze_argv(
        ("/py", "/cli.pyz"), clone=Path("/w/clone"), output=Path("/w/output"), engine="static", language="fr"
    )
    assert " ".join(argv) == "/py /cli.pyz --json analyze /w/clone -o /w/output --engine static --language fr"
    assert cli_environment({"PATH": "/p"}, home=Path("/w/scratch"), temporary=Path("/w/scratch/tmp")) == {
        "PATH": "/p",
        "HOME": "/w/scratch",
        "TMPDIR": "/w/scratch/tmp",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }


def test_every_program_starts_through_the_launcher() -> None:
    command = Command(argv=("/bin/true", "--x"), directory=Path("/"), environment={}, limits=Limits(file_bytes=7))
    argv = launch_argv(command, parent=42, launcher=Path("/l.py"))
    assert argv[1:4] == ["-I", "-S", "/l.py"]
    assert argv[4] == (
        '{"parent": 42, "resources": {"RLIMIT_DATA": 2147483648, "RLIMIT_FSIZE": 7, "RLIMIT_NPROC": 512, '
        '"RLIMIT_NOFILE": 1024, "RLIMIT_CORE": 0}}'
    )
    assert argv[5:] == ["--", "/bin/true", "--x"]


def ended(code: int, stderr: str = "") -> Finished:
    return Finished(code=code, stdout_tail="", stderr_tail=stderr)


@pytest.mark.parametrize(
    ("stderr", "kind", "text"),
    [
        ("remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", PermanentError,
         "https://github.com/a/b.git was not found or is private"),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", PermanentError,
         "was not found or is private"),
        ("fatal: unable to access 'x': The requested URL returned error: 403", PermanentError, "is private"),
        ("warning: Could not find remote branch x to clone.\nfatal: Remote branch x not found in upstream origin",
         PermanentError, "has no branch 'x'; choose one that exists"),
        ("fatal: unable to access 'x': The requested URL returned error: 301", PermanentError, "has moved"),
        ("fatal: unable to access 'x': Could not resolve host: github.com", TryAgainError, "could not be cloned"),
        ("fatal: unable to access 'x': Failed to connect to github.com port 443: refused", TryAgainError, "refused"),
        ("fatal: the remote end hung up unexpectedly\nfatal: early EOF", TryAgainError, "early EOF"),
        ("fatal: unable to access 'x': The requested URL returned error: 503", TryAgainError, "could not be cloned"),
        ("fatal: write error: No space left on device", TryAgainError, "no space is left"),
        ("error: index-pack died of signal 25\nfatal: fetch-pack: invalid output", PermanentError, "too large"),
        ("fatal: unable to access 'https://tok:x@h/': early EOF", TryAgainError, "https://[redacted]@h/"),
        ("", TryAgainError, "git ended with code 128"),
    ],
)  # fmt: skip
def test_what_a_failed_clone_means(stderr: str, kind: type[Exception], text: str) -> None:
    failure = clone_failure(HTTPS, "x", ended(128, stderr), max_bytes=10)
    assert type(failure) is kind
    assert text in str(failure)


def test_a_clone_that_met_the_file_size_limit_is_too_large() -> None:
    assert isinstance(clone_failure(HTTPS, None, ended(-25), max_bytes=10), PermanentError)


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (1, TryAgainError, "the CLI ended with code 1"),
        (2, PermanentError, "check FONDATION_CLI and FONDATION_ENGINE"),
        (3, PermanentError, "nothing to analyse"),
        (4, PermanentError, "cannot be read"),
        (8, CredentialError, "the credential is refused"),
        (11, CredentialError, "the credential is refused"),
        (9, RateLimitedError, "takes no more requests for now"),
        (5, TryAgainError, "code 5"),
        (6, PermanentError, "no model engine is configured"),
        (7, PermanentError, "own checks"),
        (127, TryAgainError, "could not be started"),
        (130, TryAgainError, "ended by SIGINT"),
        (143, TryAgainError, "ended by SIGTERM"),
        (-9, TryAgainError, "ended by SIGKILL"),
        (-200, TryAgainError, "ended by signal 200"),
    ],
)
def test_what_a_failed_analysis_means(code: int, kind: type[Exception], text: str) -> None:
    failure = cli_failure(ended(code), None)
    assert type(failure) is kind
    assert text in str(failure)


def test_the_reason_of_a_failed_analysis_is_its_complaint_or_its_last_words() -> None:
    complaint = Complaint(message="no code", remedy="add some")
    assert str(cli_failure(ended(3, "noise"), complaint)).endswith(": no code; add some")
    assert str(cli_failure(ended(1, "Traceback\n  x\nKeyError: 'a'\n\n"), None)).endswith(": KeyError: 'a'")
    assert len(str(cli_failure(ended(1, "x" * 10**6), None))) < 2000


@pytest.mark.parametrize(("named", "waited"), [(7.5, 7.5), (0, 0), (None, 60)])
def test_a_rate_limit_is_waited_for_as_long_as_it_says(named: float | None, waited: float) -> None:
    failure = cli_failure(ended(9), Complaint(message="limited", retry_after_s=named))
    assert isinstance(failure, RateLimitedError)
    assert failure.retry_after_s == waited
