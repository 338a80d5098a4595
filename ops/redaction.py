"""Masks credentials in text that a command shows: values that are known, and whatever has the shape of one."""

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "[redacted]"
# Shorter ones would mask words that only look alike.
_KNOWN_MIN_CHARACTERS: Final = 8
_SHAPES: Final = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@'\"]+@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|sk-ant-|xox[abprs]-)[\w-]{10,}"), MASK),
    (re.compile(r"\b(authorization\s*[:=]\s*)(?:\w+\s+)?[^\s'\",}]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(bearer|convex)\s+[A-Za-z0-9._~+/|=-]{16,}", re.IGNORECASE), rf"\1 {MASK}"),
)


def redacted(text: str, *, known: Iterable[str] = ()) -> str:
    """Return a text without credentials.

    Args:
        text: Any text.
        known: Secrets that are masked wherever they stand.
    """
    for secret in known:
        if len(secret) >= _KNOWN_MIN_CHARACTERS:
            text = text.replace(secret, MASK)
    for shape, mask in _SHAPES:
        text = shape.sub(mask, text)
    return text
