"""A course as a book: its texts in reading order as well-formed HTML, and all of them as one page.

The page needs no network and no script, opens from a disk and can be printed. Raw HTML of a course never passes: the
parser has it off, answers are the one form that it knows. Images are not loaded, diagrams are shown as their text.
"""

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from course.documents import Document, DocumentKind
from course.hidden_answers import hide_answers
from course.layout import CHAPTERS_DIR, RELATIONSHIPS_FILE, REVIEWED_DIR, TUTORIALS_DIR
from course.markdown import first_heading
from course.steps import DEFAULT_LANGUAGE, Language, language_named

CSS: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #667; }
body { font: 17px/1.6 Georgia, serif; max-width: 46rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: break-word; }
nav ol { columns: 2; } nav, figcaption, summary, table { font-family: system-ui, sans-serif; font-size: .9em; }
article { border-top: 3px solid var(--line); margin-top: 4rem; padding-top: 1rem; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; font-size: .82em; line-height: 1.45; }
:not(pre) > code { font-size: .9em; overflow-wrap: anywhere; } blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 4px solid var(--line); color: var(--soft); }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
figure { margin: 1rem 0; } figcaption { color: var(--soft); overflow-wrap: anywhere; } details { margin: .4rem 0 1rem; }
@media print { article { break-before: page; } nav { break-after: page; } pre { white-space: pre-wrap; } details > * { display: block; } }
"""  # noqa: E501 - a style sheet
COURSE: Final[dict[Language, str]] = {"en": "Course", "fr": "Cours"}
_PARTS: Final[dict[Language, tuple[str, str]]] = {"en": ("Chapters", "Tutorials"), "fr": ("Chapitres", "Tutoriels")}
_FOLDERS: Final = ((REVIEWED_DIR, CHAPTERS_DIR), (TUTORIALS_DIR,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of a book; `number` counts from 0 over all of them."""

    number: int
    title: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A course. `parts` are its chapters and its exercises, each with a title; an empty part is left out."""

    title: str
    language: Language
    summary: str
    parts: tuple[tuple[str, tuple[Text, ...]], ...]


def book_of(
    documents: Sequence[Document], summary: str, language: Language, href: Callable[[int], str], *, name: str = ""
) -> Book:
    """Return the book.

    Args:
        documents: The course.
        summary: The overview's Markdown.
        language: Of the course.
        href: The address of the text of a number.
        name: What the course is about.
    """
    listed = [[document for document in _shown(documents) if _folder(document) in folders] for folders in _FOLDERS]
    numbered = {document.slug: number for number, document in enumerate(chain.from_iterable(listed))}
    hrefs = {slug: href(number) for slug, number in numbered.items()}
    for document in documents:
        if _folder(document) == CHAPTERS_DIR:
            reviewed = hrefs.get(f"{REVIEWED_DIR}/{document.slug.partition('/')[2]}")
            hrefs |= {document.slug: reviewed} if reviewed and document.slug not in hrefs else {}
    markdown = _markdown()

    def html(slug: str, text: str) -> str:
        rendered: str = markdown.render(text, {"slug": slug, "hrefs": hrefs})
        return rendered

    def text(document: Document) -> Text:
        title = first_heading(document.content) or document.title
        return Text(number=numbered[document.slug], title=title, html=html(document.slug, document.content))

    titled = zip(_PARTS[language], listed, strict=True)
    return Book(
        title=f"{COURSE[language]}: {name}" if name else COURSE[language],
        language=language,
        summary=html("", summary),
        parts=tuple((title, tuple(map(text, known))) for title, known in titled if known),
    )


def page_of(documents: Sequence[Document], summary: str, language: Language, *, name: str = "") -> str:
    """Return the whole book as one page; see `book_of`."""
    book = book_of(documents, summary, language, lambda number: f"#d{number}", name=name)
    body = [f"<h1>{escape(book.title)}</h1>", book.summary]
    for title, texts in book.parts:
        items = "".join(f'<li><a href="#d{text.number}">{escape(text.title)}</a></li>' for text in texts)
        body.append(f"<nav><h2>{title}</h2><ol>{items}</ol></nav>")
    body += [f'<article id="d{text.number}">{text.html}</article>' for _, texts in book.parts for text in texts]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(book.title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def language_of(documents: Sequence[Document]) -> Language:
    """The language that step 2 names; the default where the folder does not tell."""
    return language_named(_overview(documents).get("language")) or DEFAULT_LANGUAGE


def summary_of(documents: Sequence[Document]) -> str:
    """The overview that step 2 wrote; empty when the folder has none."""
    return str(_overview(documents).get("summary", ""))


def _overview(documents: Sequence[Document]) -> Mapping[str, Any]:
    text = next((document.content for document in documents if document.slug == RELATIONSHIPS_FILE), "{}")
    content = json.loads(text)
    return content if isinstance(content, dict) else {}


def _shown(documents: Sequence[Document]) -> Iterator[Document]:
    """Chapters in their reviewed form, drafts where there is none, and tutorials."""
    reviewed = {document.slug.partition("/")[2] for document in documents if _folder(document) == REVIEWED_DIR}
    for document in documents:
        is_replaced = _folder(document) == CHAPTERS_DIR and document.slug.partition("/")[2] in reviewed
        if document.kind is not DocumentKind.YAML and not is_replaced:
            yield document


def _folder(document: Document) -> str:
    return document.slug.partition("/")[0]


def _markdown() -> MarkdownIt:
    options = {"html": False, "xhtmlOut": True, "maxNesting": 40}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("fence", _fence)
    hide_answers(markdown)
    return markdown


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:  # noqa: ANN401
    """Links between documents become links inside the book; what leads nowhere leads to its top."""
    token = tokens[index]
    target = urlsplit(str(token.attrGet("href") or ""))
    if not target.scheme and not target.netloc and target.path:
        here = posixpath.dirname(env["slug"])
        slug = posixpath.normpath(posixpath.join(here, unquote(target.path)))
        token.attrSet("href", env["hrefs"].get(slug, "#"))
    return renderer.renderToken(tokens, index, options, env)


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    return escape(tokens[index].content)


def _fence(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    token = tokens[index]
    label = token.info.strip().partition(" ")[2]
    caption = f"<figcaption>{escape(label)}</figcaption>" if label else ""
    return f"<figure>{caption}<pre><code>{escape(token.content)}</code></pre></figure>\n"
