import pytest

from web.sources import label_from, source_links

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://github.com/o/n.git", f"https://github.com/o/n/blob/{SHA}/src/a%20b.py#L3-L9"),
        ("https://gitlab.com/g/s/n.git", f"https://gitlab.com/g/s/n/-/blob/{SHA}/src/a%20b.py#L3-9"),
        ("https://gitlab.example.org/g/n", f"https://gitlab.example.org/g/n/-/blob/{SHA}/src/a%20b.py#L3-9"),
        ("https://codeberg.org/o/n.git", f"https://codeberg.org/o/n/src/commit/{SHA}/src/a%20b.py#L3-L9"),
        ("https://bitbucket.org/o/n.git", f"https://bitbucket.org/o/n/src/{SHA}/src/a%20b.py#lines-3:9"),
    ],
)
def test_citations_lead_to_the_analysed_commit(url: str, href: str) -> None:
    links, label = source_links(url, SHA), label_from("src/a b.py#L3-L9")
    assert links is not None
    assert label is not None
    assert links.href(label) == href


@pytest.mark.parametrize(
    ("url", "commit"),
    [
        ("file:///srv/repositories/n.git", SHA),
        ("https://example.org/o/n.git", SHA),
        ("https://github.com/o/n.git", ""),
        ("https://github.com/o/n.git", "main"),
        ("https://[bad", SHA),
    ],
)
def test_unknown_hosts_and_commits_get_no_links(url: str, commit: str) -> None:
    assert source_links(url, commit) is None


@pytest.mark.parametrize("text", ["a.py", "a.py#L0", "#L3", "a.py#L3-9", "a.py#L3-L9x", "a\nb#L3"])
def test_other_texts_are_no_citations(text: str) -> None:
    assert label_from(text) is None
