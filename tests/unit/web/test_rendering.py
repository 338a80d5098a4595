import pytest

from web.highlighting import Highlighter
from web.rendering import Context, Renderer, resolve_link
from web.sources import source_links

SHA = "0123456789abcdef0123456789abcdef01234567"
SLUGS = frozenset(
    {
        "chapters/chapter_1_a.md",
        "reviewed-chapters/chapter_1_a.md",
        "reviewed-chapters/chapter_2_b.md",
        "tutorials/tutorial_1_a.md",
    }
)
HERE = Context(slug="reviewed-chapters/chapter_1_a.md", slugs=SLUGS, sources=None, diagram_source="As text")
ON_A_HOST = Context(
    slug=HERE.slug, slugs=SLUGS, sources=source_links("https://github.com/o/n.git", SHA), diagram_source="As text"
)


def html(text: str, context: Context = HERE) -> str:
    return str(Renderer().render(text, context).html)


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("chapter_2_b.md", "chapter_2_b.md"),
        ("./chapter_2_b.md#Key ideas", "chapter_2_b.md#s-key-ideas"),
        ("../tutorials/tutorial_1_a.md", "../tutorials/tutorial_1_a.md"),
        ("../chapters/chapter_2_b.md", "chapter_2_b.md"),
        ("#the-end", "#s-the-end"),
        ("https://example.org/x?y#z", "https://example.org/x?y#z"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("chapter_9_invented.md", None),
        ("../../etc/passwd", None),
        ("//example.org/x", None),
        ("ftp://example.org/x", None),
        ("javascript:alert(1)", None),
        ("/jobs/1/cancel", None),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_links_lead_to_documents_of_the_course_or_out(href: str, target: str | None) -> None:
    assert resolve_link(href, HERE) == target


def test_a_link_that_leads_nowhere_stays_as_text() -> None:
    assert html("[gone](chapter_9.md) and [there](chapter_2_b.md)") == (
        '<p><span class="dead-link">gone</span> and '
        '<a href="chapter_2_b.md" rel="noopener noreferrer nofollow">there</a></p>\n'
    )


def test_citations_are_links_on_known_hosts_and_labels_elsewhere() -> None:
    assert html("`src/a.py#L3`") == '<p><code class="citation">src/a.py#L3</code></p>\n'
    assert f'href="https://github.com/o/n/blob/{SHA}/src/a.py#L3-L3"' in html("`src/a.py#L3`", ON_A_HOST)


def test_a_citation_inside_a_link_is_not_a_link_in_a_link() -> None:
    assert html("[see `a.py#L3`](chapter_2_b.md)", ON_A_HOST).count("<a ") == 1


def test_an_excerpt_names_its_lines_and_counts_them() -> None:
    text = html("```python src/a.py#L9-L10\n# one\nx = 1\n```\n", ON_A_HOST)
    assert "<figcaption><a" in text
    assert '<span class="line-number"> 9  </span><span class="k-c"># one</span>\n' in text
    assert '<span class="line-number">10  </span>x = <span class="k-m">1</span>\n' in text


def test_an_excerpt_without_some_of_its_lines_is_not_counted() -> None:
    text = html("```rust src/a.rs#L9-L11\nlet x = 1;\nx()\n```\n", ON_A_HOST)
    assert "a.rs#L9-L11" in text
    assert "line-number" not in text


def test_the_title_is_taken_out_and_other_headings_are_anchored() -> None:
    rendered = Renderer().render("```\n# no\n```\n# The `real` title\n## A & B\n## A & B\n# Late\n", HERE)
    assert rendered.title == "The real title"
    assert [(h.level, h.anchor, h.text) for h in rendered.headings] == [
        (2, "s-a--b", "A & B"),
        (2, "s-a--b-1", "A & B"),
        (2, "s-late", "Late"),
    ]
    assert "real" not in rendered.html


def test_a_diagram_keeps_its_source() -> None:
    rendered = Renderer().render("```mermaid\ngraph TD; A-->B\n```\n", HERE)
    assert rendered.has_diagrams
    assert '<figure class="diagram"><details open=""><summary>As text</summary>' in rendered.html
    assert "graph TD; A--&gt;B" in rendered.html


def test_images_are_not_loaded() -> None:
    assert html("![alt text](https://example.org/tracker.png)") == '<p><span class="image">alt text</span></p>\n'


def test_raw_html_is_shown_not_used() -> None:
    text = html('<script>alert(1)</script>\n\n<b onclick="x">b</b>\n\nx <img src=x onerror=alert(1)>')
    for tag in ("<script", "<b", "<img"):
        assert tag not in text


ANSWER = "<details><summary>Answer</summary>\n\n`42` *<b>*\n\n</details>\n"


def test_an_answer_can_be_opened() -> None:
    assert html(ANSWER) == (
        '<details class="answer"><summary>Answer</summary>\n<p><code>42</code> <em>&lt;b&gt;</em></p>\n</details>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<details><summary>Answer</summary>\n\nnever closed\n",
        "</details>\n",
        "<details open onclick=alert(1)><summary>Answer</summary>\n\nx\n\n</details>\n",
        "<details><summary><b>x</b></summary>\n\nx\n\n</details>\n",
        "- <details><summary>Answer</summary>\n\n  x\n\n  </details>\n",
    ],
)
def test_what_only_looks_like_an_answer_stays_text(text: str) -> None:
    assert "<details" not in html(text)
    assert "&lt;" in html(text)


def test_tables_scroll_and_keep_their_alignment() -> None:
    text = html("| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert text.startswith('<div class="table" tabindex="0"><table>')
    assert '<td class="align-right">2</td>' in text


def test_the_same_text_is_rendered_once_per_context() -> None:
    renderer = Renderer()
    first = renderer.render("# T\n\n`a.py#L1`", HERE)
    assert renderer.render("# T\n\n`a.py#L1`", HERE) is first
    assert renderer.render("# T\n\n`a.py#L1`", ON_A_HOST) is not first


def test_the_cache_is_bounded() -> None:
    renderer = Renderer(cache_bytes=1000)
    first = renderer.render("a" * 600, HERE)
    renderer.render("b" * 600, HERE)
    assert renderer.render("a" * 600, HERE) is not first


def test_unknown_languages_and_long_texts_are_escaped() -> None:
    highlighter = Highlighter()
    assert highlighter.html("<a> & b", "no-such-language") == "&lt;a&gt; &amp; b"
    assert highlighter.html("<" * 100_001, "python") == "&lt;" * 100_001


@pytest.mark.parametrize(
    "text", ["[" * 5000, "*" * 5000, "> " * 3000 + "x", "`" * 9999, "|" * 4000 + "\n" + "|-" * 4000]
)
@pytest.mark.timeout(60)
def test_pathological_texts_end(text: str) -> None:
    assert html(text)
