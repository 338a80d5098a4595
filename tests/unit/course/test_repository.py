import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.repository import RepositoryUrlError, UrlPolicy, parse_repository_url, valid_branch

DEFAULT = UrlPolicy()
LOCAL = UrlPolicy(local_prefix="/srv/repositories")


@pytest.mark.parametrize(
    ("text", "url", "full_name"),
    [
        ("https://github.com/encode/httpx.git", "https://github.com/encode/httpx.git", "encode/httpx"),
        (" https://GitHub.com/encode/httpx/ ", "https://github.com/encode/httpx", "encode/httpx"),
        ("encode/httpx", "https://github.com/encode/httpx.git", "encode/httpx"),
        ("https://gitlab.com:443/a/b/c.git", "https://gitlab.com/a/b/c.git", "b/c"),
        ("https://example.org./~me/x.git", "https://example.org/~me/x.git", "~me/x"),
    ],
)
def test_accepted_urls_are_normalised(text: str, url: str, full_name: str) -> None:
    parsed = parse_repository_url(text, DEFAULT)
    assert (parsed.url, parsed.full_name) == (url, full_name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://github.com/a/b",
        "ssh://git@github.com/a/b",
        "git@github.com:a/b.git",
        "git://github.com/a/b",
        "file:///etc",
        "file:///srv/repositories/x.git",
        "ext::sh -c id",
        "--upload-pack=touch /tmp/x",
        "https://-oProxyCommand=x/a/b",
        "https://user:token@github.com/a/b",
        "https://github.com/a/b?x=1",
        "https://github.com/a/b#main",
        "https://github.com/../etc",
        "https://github.com/a/b c",
        "https://github.com/a/$(id)",
        "https://github.com",
        "https:///a/b",
        "https://github.com:8443/a/b",
        "https://github.com:99999/a/b",
        "https://localhost/a/b",
        "https://intranet/a/b",
        "https://git.corp/a/b",
        "https://build.internal/a/b",
        "https://127.0.0.1/a/b",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a/b",
        "https://2130706433/a/b",
        "https://0x7f.1/a/b",
        "https://127.1/a/b",
        "https://git\u2024hub.com/a/b",
        "https://github.com/a/b\n",
        "/etc/passwd",
        "../x",
        "a/..",
        "javascript:alert(1)",
        "https://github.com/" + "a" * 3000,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    if text.endswith("\n"):
        assert parse_repository_url(text, DEFAULT).url == text.strip()
        return
    with pytest.raises(RepositoryUrlError):
        parse_repository_url(text, DEFAULT)


def test_the_message_hides_credentials() -> None:
    with pytest.raises(RepositoryUrlError) as caught:
        parse_repository_url("https://user:hunter2@github.com/a/b", DEFAULT)
    assert "hunter2" not in str(caught.value)
    assert "remove what stands before the @" in str(caught.value)


def test_local_repositories_stay_inside_their_folder() -> None:
    parsed = parse_repository_url("file:///srv/repositories/httpx.git", LOCAL)
    assert (parsed.url, parsed.host, parsed.full_name) == ("file:///srv/repositories/httpx.git", None, "local/httpx")


@pytest.mark.parametrize(
    "text",
    [
        "file:///srv/repositories/../x.git",
        "file:///srv/repositories/a/b.git",
        "file:///srv/repositories/.git",
        "file:///srv/repositories/x",
        "file://host/srv/repositories/x.git",
        "file:///srv/repositories/%2e%2e.git",
        "file:///srv/repositories-evil/x.git",
    ],
)
def test_other_local_paths_are_refused(text: str) -> None:
    with pytest.raises(RepositoryUrlError):
        parse_repository_url(text, LOCAL)


@given(st.text(max_size=60))
def test_whatever_is_accepted_is_a_plain_public_https_url(text: str) -> None:
    try:
        parsed = parse_repository_url(text, DEFAULT)
    except RepositoryUrlError:
        return
    assert parsed.url.startswith("https://")
    assert parsed.host is not None
    assert not set(parsed.url) & set(" \t\n\"'`$;&|<>\\@")


@given(st.from_regex(r"(?:[a-z]{2,6}:)?/{0,3}[a-z0-9.@:\[\]-]{0,30}(?:/[a-z0-9._%-]{0,10}){0,4}", fullmatch=True))
def test_url_shaped_text_never_yields_another_scheme_or_an_address(text: str) -> None:
    try:
        parsed = parse_repository_url(text, DEFAULT)
    except RepositoryUrlError:
        return
    assert parsed.url.startswith("https://")
    assert parsed.host is not None
    assert not parsed.host.replace(".", "").isdigit()


@pytest.mark.parametrize("name", ["main", "release/1.2", "feature-x", "v1.0@2"])
def test_good_branches(name: str) -> None:
    assert valid_branch(name)


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b", "a/.b", "a.lock", "a//b", "@{u}", "a~1", "a:b", "x" * 300])
def test_bad_branches(name: str) -> None:
    assert not valid_branch(name)
