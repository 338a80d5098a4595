"""What documentation comments say as Markdown, line for line: examples apart from prose, tags left out.

Javadoc and its likes, JSDoc, Doxygen, C#'s XML, Scaladoc and Go's indentation are understood; Markdown stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.documentation.prose import without_doc_tags
from analyzer.languages.table import Table

_FENCE: Final = "```"
# What ends an indented block and shows nothing.
_APART: Final = "<!-- -->"
_OPENS: Final = re.compile(
    r"\s*(?:<example>\s*)?(?:<pre\b[^>]*>\s*(?:<code\b[^>]*>|\{@code)?|<code\b[^>]*>|[@\\]code(?:\{\.?\w+\})?|\{\{\{)\s*"
)
_CLOSES: Final = re.compile(r"\s*(?:\}?\s*</pre>|</code>(?:\s*</pre>)?|[@\\]endcode|\}\}\})(?:\s*</example>)?\s*")
_EXAMPLE: Final = re.compile(r"\s*@example\b")
# What says more on a parameter or a result, with the lines that go on.
_TAG: Final = re.compile(
    r"\s*(?:@[a-z]\w*|[\\](?:param|return|throws?)|</?(?:param|returns|typeparam|exception|example)\b)"
)
# What is an example wherever indentation makes one, unless it is an item of a list.
_INDENTED: Final = re.compile(r"(?:\t| {2,})(?![-*+•] |\d+[.)] )\S")


_ITEM: Final = re.compile(r"^\s*<li>\s*")


def as_markdown(texts: Sequence[str], table: Table) -> list[str]:
    """A comment's lines without its marks, as Markdown of the same lines: examples without a fence are indented."""
    return list(_lines(texts, table))


def _lines(texts: Sequence[str], table: Table) -> Iterator[str]:
    is_code = is_example = is_fenced = is_tag = False
    for place, text in enumerate(texts):
        is_indented = table.layout == "indented" and _INDENTED.match(text) is not None
        if is_fenced:
            is_fenced = not text.lstrip().startswith(_FENCE)
            yield text
        elif is_code:
            is_code = _CLOSES.fullmatch(text) is None
            yield f"    {text}" if is_code else _APART
        elif (is_example and not _TAG.match(text)) or (is_indented and not is_tag):
            yield f"    {text}"
        elif text.lstrip().startswith(_FENCE):
            is_fenced, is_tag = True, False
            yield text
        elif _OPENS.fullmatch(text):
            is_code, is_tag = True, False
            yield _APART
        elif _TAG.match(text):
            following = next((line for line in texts[place + 1 :] if line.strip()), "")
            is_marked = following.lstrip().startswith(_FENCE) or _OPENS.fullmatch(following) is not None
            is_example = _EXAMPLE.match(text) is not None and not is_marked
            is_tag = not is_example and not is_marked
            yield _APART
        elif is_tag and text.strip():
            yield ""
        else:
            is_tag = False
            plain = without_doc_tags(_ITEM.sub("- ", text))
            yield plain.lstrip() if table.layout == "flat" else plain
