"""Which token is for which address, and which is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from course import git_helper
from course.git_credentials import (
    GitCredential,
    GitCredentialError,
    checked,
    credential_for,
    dump_git_credentials,
    parse_git_credentials,
    prefix_of,
)

TOKEN = "ghp_canary0123456789"


def credential(prefix: str, token: str = TOKEN) -> GitCredential:
    return GitCredential(prefix=prefix, token=token)


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("https://github.com/acme/shop.git", "github.com/acme"),
        ("https://github.com/acme/shop", "github.com/acme"),
        ("https://github.com/acme/secret.git", "github.com/acme/secret"),
        ("https://GitHub.com/acme/shop", "github.com/acme"),
        ("https://github.com/acmecorp/shop.git", "github.com"),
        ("https://git.example.com:8443/a/b", "git.example.com:8443"),
        ("https://git.example.com/a/b", None),
        ("http://github.com/acme/shop.git", None),
        ("https://github.com.evil.example/acme/shop", None),
        ("https://dev.azure.com/acme/project/_git/shop", "dev.azure.com/acme"),
        ("file:///srv/repositories/github.com.git", None),
    ],
)
def test_the_longest_prefix_decides(url: str, prefix: str | None) -> None:
    places = ("github.com", "github.com/acme", "github.com/acme/secret", "git.example.com:8443", "dev.azure.com/acme")
    found = credential_for([credential(place) for place in places], url)
    assert (found.prefix if found else None) == prefix


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("github.com", "github.com"),
        (" https://GitHub.com/Acme/ ", "github.com/Acme"),
        ("git.example.com:8443/team/shop.git", "git.example.com:8443/team/shop"),
        ("10.0.0.5", "10.0.0.5"),
        ("[fd00::5]:8443/team", "[fd00::5]:8443/team"),
    ],
)
def test_an_address_has_one_form(text: str, prefix: str) -> None:
    assert prefix_of(text) == prefix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://github.com",
        "git@github.com:acme",
        "github.com/../x",
        "a b",
        "github.com/a?b",
        "-x",
        "x" * 9_000 + "/",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(GitCredentialError, match="is no host"):
        prefix_of(text)


@pytest.mark.parametrize(
    "token", ["", "short", "two lines\nghp_0123456789", "ghp_0123456789\n", "ключ" * 5, "x" * 5_000]
)
def test_a_token_with_a_newline_or_of_no_form_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(GitCredentialError, match=r"the token for github\.com") as caught:
        checked(credential("github.com", token))
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"github.com": "x"}', '{"github.com": {"token": 1}}', "[" * 100_000]
)
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(GitCredentialError, match="expected"):
        parse_git_credentials(text)


def test_what_is_written_is_read_again_and_shows_nothing() -> None:
    known = (credential("git.example.com/a"), GitCredential(prefix="github.com", token=TOKEN, user="ada"))
    assert parse_git_credentials(dump_git_credentials(known)) == known
    assert TOKEN not in repr(known)


@pytest.mark.parametrize(
    ("question", "operation", "answer"),
    [
        ("protocol=https\nhost=git.example.com\n\n", "get", f"username=x-access-token\npassword={TOKEN}\n"),
        ("protocol=https\nhost=evil.example.com\n\n", "get", ""),
        ("protocol=http\nhost=git.example.com\n\n", "get", ""),
        ("protocol=https\nhost=git.example.com\n\n", "store", ""),
        ("", "get", ""),
    ],
)
def test_git_gets_it_for_that_host_alone(tmp_path: Path, question: str, operation: str, answer: str) -> None:
    file = tmp_path / "value"
    file.write_text(dump_git_credentials([credential("git.example.com/a"), credential("other.example.com", "x" * 9)]))
    command = [sys.executable, "-IS", git_helper.__file__, str(file), "git.example.com/a", "git.example.com", operation]
    done = subprocess.run(command, input=question, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (answer, "")
