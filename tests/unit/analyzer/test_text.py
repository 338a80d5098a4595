"""Text from a repository comes out as itself and as nothing else: properties over arbitrary input."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyzer.documentation import prose as docs
from analyzer.markup import code, escape, fence, one_line, quotable
from analyzer.mermaid import check_mermaid
from analyzer.static.diagrams import safe
from course import markdown

PIECES = [*"`*_[]()<>#|!&~\\$-+=.:;\"'{}\n\r\t 1aB", "\u2028", "\x00", "é", "http://", "&amp;", "```"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def inline(text: str) -> list[Token]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [child for token in tokens if token.type == "inline" for child in token.children or []]


@given(HOSTILE)
def test_escaped_text_shows_exactly_itself(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"x {escape(text)} x")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == f"x {one_line(text)} x"


@given(HOSTILE)
def test_escaped_text_at_the_start_of_a_line_stays_a_paragraph(text: str) -> None:
    if one_line(text):
        assert MarkdownIt("commonmark").parse(escape(text))[0].type == "paragraph_open"


@given(HOSTILE)
def test_inline_code_holds_exactly_its_text(text: str) -> None:
    children = inline(f"x {code(text, 1000)} x")
    spans = [child.content for child in children if child.type == "code_inline"]
    assert spans == [one_line(text) or "…"]


@given(
    st.lists(
        HOSTILE.map(lambda text: text.replace("\n", "")).filter(lambda line: quotable([line])), min_size=1, max_size=6
    )
)
def test_a_fence_holds_exactly_its_lines(lines: list[str]) -> None:
    found = markdown.fences(fence("python a b.py#L1", lines))
    assert [item.content for item in found] == ["\n".join(lines) + "\n"]


def test_the_lines_of_a_fence_are_those_between_its_own_marks() -> None:
    assert markdown.fenced_lines("Text.\n\n````md\n```\nin\n```\nstill in\n````\n\nText.\n") == set(range(2, 8))


@given(st.text(max_size=200))
def test_docstrings_never_open_a_block_or_a_link(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"> x {docs.markdown(text)}")
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= {
        "blockquote",
        "paragraph",
        "inline",
    }
    assert not any(child.type in {"link_open", "image", "html_inline"} for child in inline(f"x {docs.markdown(text)}"))


@given(st.text(max_size=80))
def test_any_name_makes_a_diagram_that_is_accepted(text: str) -> None:
    flow = "\n".join(["flowchart LR", f'    t0["{safe(text)}"]', f'    t0 -->|"{safe(text)}"| t0'])
    sequence = "\n".join(["sequenceDiagram", f"    participant p0 as {safe(text)}", f"    p0->>p0: {safe(text)}"])
    for diagram in (flow, sequence):
        assert check_mermaid(diagram) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("pie\n a", "not a diagram kind"),
        ("flowchart LR", "no body"),
        ('flowchart LR\n a["x"]\n a --> b', "not declared"),
        ('flowchart LR\n end["x"]', "reserved word"),
        ('flowchart LR\n a["x"y"]', "not understood"),
        ('flowchart LR\n a["x"]\n click a call steal()', "not understood"),
        ("sequenceDiagram\n participant a as A\n a->>b: hi", "not declared"),
        ("sequenceDiagram\n participant a as A\n a->>a: x; y", "not understood"),
        ("classDiagram\n class A\n A <|-- B\n %% a comment", ""),
        ('flowchart TD\n a["A (b)"]\n b["B"]\n a -->|"uses"| b\n style a stroke-width:4px', ""),
    ],
)
def test_the_checker_of_diagrams(text: str, reason: str) -> None:
    found = check_mermaid(text)
    assert (found is None) if not reason else (found is not None and reason in found)


def test_first_sentences() -> None:
    text = "Send a request, e.g. a GET. Then wait.\n\n"
    text += ":param x: no\n\nArgs:\n    y: the why\n        of it.\n\n"
    text += "More prose here is fine."
    assert docs.first_sentence(text) == "Send a request, e.g. a GET."
    assert docs.opening(text) == "Send a request, e.g. a GET. Then wait. […] More prose here is fine."
    assert docs.parameter_notes(text) == {"x": "no", "y": "the why of it."}
    wrapped = ":param x: (optional) What goes\n    :class:`Request` along."
    assert docs.parameter_notes(wrapped) == {"x": "(optional) What goes :class:`Request` along."}
    assert docs.parameter_notes("* **auth** - *(optional)* Who you are.\nReally.") == {"auth": "Who you are."}
    assert docs.opening("Use it:\n\n```\ncode\n```") == "Use it:"
    assert docs.markdown("see :class:`~pkg.Thing` and ``x`` or `text <http://a>`_ [link](http://b) **bold**") == (
        "see `pkg.Thing` and `x` or `text` link bold"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pass it to [`serve`] or [`nest`][crate::nest]", "pass it to `serve` or `nest`"),
        ("read it with [GetClientIP], never by hand", "read it with `GetClientIP`, never by hand"),
        ("an instance of [T]s", "an instance of `T`s"),
        ("give [optional] words", "give \\[optional\\] words"),
        ("as [RFC5424]: _severity **ascends** here_, says", "as RFC5424: severity ascends here, says"),
        ("read [Captures]: it tells", "read `Captures`: it tells"),
        ("see `Vec<T>` and :class:`.Request` and :doc:`/appcontext`", "see `Vec<T>` and `Request` and `appcontext`"),
        ("see `the guide <guide.html>`_", "see `the guide`"),
    ],
)
def test_names_that_are_links_are_code(text: str, shown: str) -> None:
    assert docs.markdown(text) == shown
    assert docs.quote_key(docs.markdown(text)) == docs.quote_key(text)


@given(st.text(alphabet=string.printable, max_size=400))
def test_a_quotation_is_found_in_its_source(text: str) -> None:
    said = docs.opening(text)
    source = docs.quote_key(" ".join(text.split()))
    place = 0
    for piece in said.split(docs.GAP):
        place = source.index(docs.quote_key(piece), place)
