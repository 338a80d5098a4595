"""Course Markdown to safe HTML.

Raw HTML never passes: the parser has it off, and what the renderer wrote is sanitised again by nh3. Images are not
loaded, scripts have no way in, links lead to other documents of the course or to http(s) and mail addresses. Pages and
templates are not made here.
"""

import hashlib
import posixpath
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from course.hidden_answers import hide_answers
from course.layout import CHAPTERS_DIR, REVIEWED_DIR
from web.highlighting import Highlighter
from web.sources import KeptSources, Label, SourceLinks, label_from

CACHE_BYTES: Final = 24 << 20
ANCHOR_PREFIX: Final = "s-"  # no id of a course text can meet one of the page's own
_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_TAGS: Final = frozenset(
    {"a", "blockquote", "br", "code", "del", "details", "div", "em", "figcaption", "figure", "h2", "h3", "h4", "h5"}
    | {"h6", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "summary", "table", "tbody", "td", "th", "thead"}
    | {"tr", "ul"}
)
_ATTRIBUTES: Final = {
    "a": {"href", "class", "title"},
    "code": {"class"},
    "details": {"class", "open"},
    "figure": {"class"},
    "figcaption": {"class"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "div": {"class", "tabindex"},
    "td": {"class"},
    "th": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of a text; `anchor` is its id on the page."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A text ready for a page. `title` is its first level-1 heading, which is not part of `html`."""

    title: str | None
    html: Markup
    headings: tuple[Heading, ...]
    has_diagrams: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a text's links and labels depend on.

    `slugs` are the documents of its course, `kept` the source that is kept with it; `diagram_source` is the label of a
    diagram's text form. `shown_on` is the page that shows the text where that is not its own, below the course's.
    """

    slug: str
    slugs: frozenset[str]
    sources: SourceLinks | None
    diagram_source: str
    kept: KeptSources | None = None
    shown_on: str = ""

    def href(self, label: Label) -> str | None:
        """Where cited lines can be read: in the course, else at the repository's host."""
        own = self.kept.href(label) if self.kept is not None else None
        return own or (self.sources.href(label) if self.sources is not None else None)

    def digest(self) -> bytes:
        """Return a digest of everything in the context."""
        links = (str(self.sources), str(self.kept), self.shown_on)
        text = "\0".join((self.slug, *sorted(self.slugs), *links, self.diagram_source))
        return hashlib.sha256(text.encode()).digest()


class Renderer:
    """Renders texts, and keeps what it rendered by content: the same text in the same context is rendered once."""

    def __init__(self, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._markdown = _markdown()
        self._cleaner = nh3.Cleaner(
            tags=set(_TAGS),
            attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
            url_schemes=set(_SCHEMES),
            link_rel="noopener noreferrer nofollow",
        )
        self.highlighter = Highlighter()
        self._cache: OrderedDict[bytes, tuple[Rendered, int]] = OrderedDict()
        self._free_bytes = cache_bytes

    def render(self, text: str, context: Context) -> Rendered:
        """Return the text as HTML."""
        key = hashlib.sha256(context.digest() + text.encode()).digest()
        if (kept := self._cache.get(key)) is not None:
            self._cache.move_to_end(key)
            return kept[0]
        rendered = self._rendered(text, context)
        self._keep(key, rendered)
        return rendered

    def render_inline(self, text: str, context: Context) -> Markup:
        """Return one line of text as HTML without a paragraph around it."""
        tokens = self._markdown.parseInline(text)
        env = self._prepare(tokens, context)
        return self._sanitised(self._markdown.renderer.render(tokens, self._markdown.options, env))

    def _rendered(self, text: str, context: Context) -> Rendered:
        tokens = self._markdown.parse(text)
        title = _take_title(tokens)
        headings = tuple(_anchor_headings(tokens))
        env = self._prepare(tokens, context)
        html = self._sanitised(self._markdown.renderer.render(tokens, self._markdown.options, env))
        return Rendered(title=title, html=html, headings=headings, has_diagrams=bool(env["has_diagrams"]))

    def _prepare(self, tokens: Sequence[Token], context: Context) -> dict[str, Any]:
        """Resolve the links of a token stream in place and return the render environment."""
        for token in tokens:
            if token.type == "inline":
                _resolve_links(token.children or [], context)
            elif token.type in {"td_open", "th_open"} and (style := token.attrGet("style")):
                token.attrs = {"class": f"align-{str(style).rpartition(':')[2]}"}
        return {"context": context, "highlighter": self.highlighter, "has_diagrams": False}

    def _sanitised(self, html: str) -> Markup:
        return Markup(self._cleaner.clean(html))  # noqa: S704 - this is what makes it safe

    def _keep(self, key: bytes, rendered: Rendered) -> None:
        size_bytes = 2 * len(rendered.html)
        self._cache[key] = (rendered, size_bytes)
        self._free_bytes -= size_bytes
        while self._free_bytes < 0 and len(self._cache) > 1:
            _, (_, freed_bytes) = self._cache.popitem(last=False)
            self._free_bytes += freed_bytes


def heading_anchor(text: str) -> str:
    """Return the anchor of a heading, by the rule of the well-known hosts: lower case, dashes for spaces."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def resolve_link(href: str, context: Context) -> str | None:
    """Return where a link leads from its document's page, or None when it leads nowhere.

    Links between documents stay relative: a document's page is found below the course's under its slug. A reviewed text
    stands in for a missing draft and the other way round.
    """
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if parts.scheme:
        return href if parts.scheme.lower() in _SCHEMES else None
    if parts.netloc:
        return None
    fragment = f"#{ANCHOR_PREFIX}{quote(heading_anchor(unquote(parts.fragment)))}" if parts.fragment else ""
    if not parts.path:
        return fragment or None
    here = posixpath.dirname(context.slug)
    target = posixpath.normpath(posixpath.join(here, unquote(parts.path)))
    target = next((slug for slug in (target, _counterpart(target)) if slug in context.slugs), "")
    page = posixpath.dirname(context.shown_on) if context.shown_on else here
    return quote(posixpath.relpath(target, page or ".")) + fragment if target else None


def _counterpart(slug: str) -> str:
    folder, _, name = slug.rpartition("/")
    return f"{ {CHAPTERS_DIR: REVIEWED_DIR, REVIEWED_DIR: CHAPTERS_DIR}.get(folder, folder) }/{name}"


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable(["table", "strikethrough"])
    for name, rule in (
        ("fence", _fence),
        ("code_block", _code_block),
        ("code_inline", _code_inline),
        ("image", _image),
        ("table_open", lambda *_: '<div class="table" tabindex="0"><table>'),
        ("table_close", lambda *_: "</table></div>"),
    ):
        markdown.add_render_rule(name, rule)
    hide_answers(markdown)
    return markdown


def _take_title(tokens: list[Token]) -> str | None:
    """Remove the first level-1 heading and return its text; the page shows it in its own place."""
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title = _plain(tokens[index + 1])
            del tokens[index : index + 3]
            return title or None
    return None


def _anchor_headings(tokens: Sequence[Token]) -> list[Heading]:
    headings: list[Heading] = []
    used: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        token.tag = "h2" if token.tag == "h1" else token.tag
        if token.type == "heading_close":
            continue
        text = _plain(tokens[index + 1])
        base = heading_anchor(text) or "section"
        count = used[base] = used.get(base, -1) + 1
        anchor = ANCHOR_PREFIX + base + (f"-{count}" if count else "")
        token.attrSet("id", anchor)
        headings.append(Heading(level=int(token.tag[1]), anchor=anchor, text=text))
    return headings


def _resolve_links(children: Sequence[Token], context: Context) -> None:
    is_dead = is_inside = False
    for child in children:
        if child.type == "code_inline":
            child.meta["is_inside_link"] = is_inside
        elif child.type == "link_open":
            is_inside = True
            href = resolve_link(str(child.attrGet("href") or ""), context)
            is_dead = href is None
            if href is None:
                child.tag, child.attrs = "span", {"class": "dead-link"}
            else:
                child.attrSet("href", href)
        elif child.type == "link_close":
            child.tag = "span" if is_dead else child.tag
            is_dead = is_inside = False


def _plain(inline: Token) -> str:
    parts = (" " if "break" in child.type else child.content for child in inline.children or [])
    return " ".join("".join(parts).split())


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, __: object, env: Any) -> str:  # noqa: ANN401
    context: Context = env["context"]
    token = tokens[index]
    language, _, rest = token.info.strip().partition(" ")
    if language == "mermaid":
        env["has_diagrams"] = True
        return (
            f'<figure class="diagram"><details open><summary>{escape(context.diagram_source)}</summary>'
            f'<pre tabindex="0"><code>{escape(token.content)}</code></pre></details></figure>\n'
        )
    label = label_from(rest.strip())
    highlighter: Highlighter = env["highlighter"]
    # An example in a comment of Rust stands without the lines that its documentation hides: numbers would be wrong.
    is_whole = label is not None and token.content.count("\n") == label.end - label.start + 1
    code = highlighter.html(token.content, language, first_line=label.start if label and is_whole else None)
    block = f'<pre class="code" tabindex="0"><code>{code}</code></pre>'
    if label is None:
        return block + "\n"
    caption = _citation(rest.strip(), context)
    return f'<figure class="excerpt"><figcaption>{caption}</figcaption>{block}</figure>\n'


def _code_block(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    return f'<pre class="code" tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'


def _code_inline(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, env: Any) -> str:  # noqa: ANN401
    text = tokens[index].content
    if tokens[index].meta.get("is_inside_link") or label_from(text) is None:
        return f"<code>{escape(text)}</code>"
    return _citation(text, env["context"])


def _citation(text: str, context: Context) -> str:
    label = label_from(text)
    href = context.href(label) if label is not None else None
    if href is None:
        return f'<code class="citation">{escape(text)}</code>'
    return f'<a class="citation" href="{escape(href)}"><code>{escape(text)}</code></a>'


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, env: Any) -> str:  # noqa: ANN401, ARG001
    token = tokens[index]
    return f'<span class="image">{escape(_plain(token) or str(token.attrGet("src") or ""))}</span>'
