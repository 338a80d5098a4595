"""A course folder as one HTML file: no network, no script, printable; it opens from a disk.

Raw HTML of a course never passes: the parser has it off, answers are the one form that it knows. Images are not loaded,
diagrams are shown as their text.
"""

import json
import posixpath
from collections.abc import Sequence
from html import escape
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
body { font: 17px/1.6 Georgia, serif; max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
nav ol { columns: 2; } nav, figcaption, summary, table { font-family: system-ui, sans-serif; font-size: .9em; }
article { border-top: 3px solid var(--line); margin-top: 4rem; padding-top: 1rem; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; font-size: .82em; line-height: 1.45; }
code { font-size: .9em; } blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 4px solid var(--line); color: var(--soft); }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; }
figure { margin: 1rem 0; } figcaption { color: var(--soft); } details { margin: .4rem 0 1rem; }
@media print { article { break-before: page; } nav { break-after: page; } pre { white-space: pre-wrap; } details > * { display: block; } }
"""  # noqa: E501 - a style sheet
TITLES: Final[dict[Language, tuple[str, str, str]]] = {
    "en": ("Course", "Chapters", "Tutorials"),
    "fr": ("Cours", "Chapitres", "Tutoriels"),
}


def page_of(documents: Sequence[Document], summary: str, language: Language) -> str:
    """The whole page. `summary` is the overview's Markdown."""
    kept = [document for document in documents if _is_shown(document, documents)]
    anchors = {document.slug: f"d{number}" for number, document in enumerate(kept)}
    for document in documents:
        if document.slug.startswith(f"{CHAPTERS_DIR}/"):
            reviewed = f"{REVIEWED_DIR}/{document.slug.partition('/')[2]}"
            anchors.setdefault(document.slug, anchors.get(reviewed, ""))
    markdown = _markdown()
    course, chapters, tutorials = TITLES[language]
    body = [f"<h1>{course}</h1>", markdown.render(summary, {"slug": "", "anchors": anchors})]
    for title, folder in ((chapters, (REVIEWED_DIR, CHAPTERS_DIR)), (tutorials, (TUTORIALS_DIR,))):
        listed = [document for document in kept if document.slug.startswith(tuple(f"{name}/" for name in folder))]
        items = "".join(f'<li><a href="#{anchors[d.slug]}">{escape(_title(d))}</a></li>' for d in listed)
        body.append(f"<nav><h2>{title}</h2><ol>{items}</ol></nav>" if items else "")
    for document in kept:
        text = markdown.render(document.content, {"slug": document.slug, "anchors": anchors})
        body.append(f'<article id="{anchors[document.slug]}">{text}</article>')
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{course}</title>\n<style>{CSS}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def language_of(documents: Sequence[Document]) -> Language:
    """The language that step 2 names; the default where the folder does not tell."""
    return language_named(_overview(documents).get("language")) or DEFAULT_LANGUAGE


def summary_of(documents: Sequence[Document]) -> str:
    """The overview that step 2 wrote; empty when the folder has none."""
    return str(_overview(documents).get("summary", ""))


def _overview(documents: Sequence[Document]) -> dict[str, Any]:
    text = next((document.content for document in documents if document.slug == RELATIONSHIPS_FILE), "{}")
    content = json.loads(text)
    return content if isinstance(content, dict) else {}


def _is_shown(document: Document, documents: Sequence[Document]) -> bool:
    """Chapters in their reviewed form, drafts where there is none, and tutorials."""
    if document.kind is DocumentKind.YAML:
        return False
    reviewed = {other.slug.partition("/")[2] for other in documents if other.slug.startswith(f"{REVIEWED_DIR}/")}
    folder, _, name = document.slug.partition("/")
    return folder != CHAPTERS_DIR or name not in reviewed


def _title(document: Document) -> str:
    return first_heading(document.content) or document.title


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable(["table", "strikethrough"])
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("fence", _fence)
    hide_answers(markdown)
    return markdown


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:  # noqa: ANN401
    """Links between documents become links inside the page; what leads nowhere leads nowhere."""
    token = tokens[index]
    target = urlsplit(str(token.attrGet("href") or ""))
    if not target.scheme and not target.netloc and target.path:
        here = posixpath.dirname(env["slug"])
        slug = posixpath.normpath(posixpath.join(here, unquote(target.path)))
        token.attrSet("href", f"#{env['anchors'].get(slug, '')}")
    return renderer.renderToken(tokens, index, options, env)


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    return escape(tokens[index].content)


def _fence(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    token = tokens[index]
    label = token.info.strip().partition(" ")[2]
    caption = f"<figcaption>{escape(label)}</figcaption>" if label else ""
    return f"<figure>{caption}<pre><code>{escape(token.content)}</code></pre></figure>\n"
