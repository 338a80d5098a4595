"""Comments that document: above a definition, and at a file's beginning. Read line by line, as tables say they look."""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from analyzer.code.model import Doc
from analyzer.documentation.prose import without_doc_tags
from analyzer.languages.table import Grammar, Table

DOC_LINES_MAX: Final = 400
# What tells a program how to read the file.
_MAGIC: Final = re.compile(r"(?:\s*(?:-\*-.*-\*-|(?:frozen_string_literal|(?:en)?coding|warn_indent|typed): *\S+)\s*)+")
_LICENCE: Final = re.compile(r"copyright|licen[cs]ed? (under|to)|SPDX-", re.IGNORECASE)


def doc_above(lines: Sequence[str], start: int, grammar: Grammar) -> Doc | None:
    """The comment that ends on the line above a definition, attributes between them passed over."""
    number = start - 1
    while number >= 1 and grammar.attribute.match(lines[number - 1]):
        number -= 1
    blank = range(number, max(number - grammar.table.apart, 0), -1)
    number -= sum(1 for _ in takewhile(lambda place: not lines[place - 1].strip(), blank))
    end = number
    if grammar.table.is_commented_in_blocks and number >= 1 and lines[number - 1].rstrip().endswith("*/"):
        while number >= 1 and end - number < DOC_LINES_MAX and "/*" not in lines[number - 1]:
            number -= 1
        return _doc([_unstarred(line) for line in lines[max(number, 1) - 1 : end]], max(number, 1), end, grammar)
    texts: list[str] = []
    while number >= 1 and len(texts) < DOC_LINES_MAX and (match := grammar.comment.match(lines[number - 1])):
        texts.append(match["text"])
        number -= 1
    return _doc(list(reversed(texts)), number + 1, end, grammar) if texts else None


def texts_of(lines: Sequence[str], doc: Doc, grammar: Grammar) -> list[str]:
    """A comment's lines without what marks them as its own."""
    found = lines[doc.start - 1 : doc.end]
    matches = [grammar.comment.match(line) for line in found]
    if found and all(matches):
        return [match["text"] for match in matches if match]
    return [_unstarred(line) for line in found]


def _unstarred(line: str) -> str:
    text = re.sub(r"^\s*/\*+!?|\*+/\s*$", "", line)
    return re.sub(r"^\s*\*(?:\s|$)", "", text).rstrip()


def as_prose(text: str, table: Table) -> str:
    """What a comment says, with the names in it as code spans."""
    plain = without_doc_tags(text)
    return re.sub(table.named, r"`\1`", plain) if table.named else plain


def _doc(texts: Sequence[str], start: int, end: int, grammar: Grammar) -> Doc | None:
    text = as_prose("\n".join(texts), grammar.table).strip()
    is_told = text and not _LICENCE.search(text[:400]) and not _MAGIC.fullmatch(text)
    return Doc(text=text, start=start, end=end) if is_told else None


def file_doc(lines: Sequence[str], grammar: Grammar) -> Doc | None:
    """What the file says of itself: its first comment that is no licence."""
    inner = grammar.table.inner_comment
    if inner and not any(line.startswith("/*!") for line in lines[:DOC_LINES_MAX]):
        numbers = [number for number, line in enumerate(lines, start=1) if line.lstrip().startswith(inner)]
        if not numbers:
            return None
        end = numbers[0]
        while end < len(lines) and lines[end].lstrip().startswith(inner):
            end += 1
        texts = [re.sub(rf"^\s*{inner}\s?", "", line) for line in lines[numbers[0] - 1 : end]]
        return _doc(texts, numbers[0], end, grammar)
    number = 1
    while number <= len(lines) and number < DOC_LINES_MAX:
        line = lines[number - 1]
        if not line.strip() or line.startswith(("#!", "<?php", "package ", "'use strict'", '"use strict"', "import ")):
            number += 1
            continue
        end = _comment_end(lines, number, grammar)
        if end < number:
            return None
        block = lines[number - 1].lstrip().startswith("/*")
        texts = [
            _unstarred(text) if block else match["text"] if (match := grammar.comment.match(text)) else ""
            for text in lines[number - 1 : end]
        ]
        if doc := _doc(texts, number, end, grammar):
            return doc
        number = end + 1
    return None


def _comment_end(lines: Sequence[str], number: int, grammar: Grammar) -> int:
    """The last line of the comment that begins at `number`, or one less when there is none."""
    if grammar.table.is_commented_in_blocks and lines[number - 1].lstrip().startswith("/*"):
        while number < len(lines) and "*/" not in lines[number - 1]:
            number += 1
        return number
    end = number - 1
    while end < len(lines) and grammar.comment.match(lines[end]):
        end += 1
    return end
