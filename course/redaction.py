"""Removes credentials from text that leaves a process: logs, errors, kept files, what a command shows.

Works on shapes, and on secrets that the caller knows: what looks like a credential is one.
"""

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "[redacted]"
# Shorter ones would mask words that only look alike.
_KNOWN_MIN_CHARACTERS: Final = 8
_USERINFO: Final = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@'\"]{1,512}@", re.IGNORECASE)
_TOKENS: Final = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{10,255}|github_pat_\w{10,255}|glpat-[\w-]{10,255}|sk-ant-[\w-]{10,255}"
    r"|xox[abprs]-[\w-]{10,255})"
)
_HEADER: Final = re.compile(r"\b(?P<name>authorization\s*[:=]\s*)(?P<scheme>\w+\s+)?[^\s'\",}]+", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b(?P<name>bearer|convex)\s+[A-Za-z0-9._~+/|=-]{16,}", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def redact(text: str, *, known: Iterable[str] = ()) -> str:
    """Return the text with URL userinfo, well-known token shapes and authorization values masked.

    Args:
        text: Any text.
        known: Secrets that are masked wherever they stand.
    """
    for secret in known:
        if len(secret) >= _KNOWN_MIN_CHARACTERS:
            text = text.replace(secret, MASK)
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _TOKENS.sub(MASK, text)
    text = _HEADER.sub(rf"\g<name>{MASK}", text)
    return _BEARER.sub(rf"\g<name> {MASK}", text)


def bounded(text: str, *, max_characters: int) -> str:
    """Return the text redacted, without control characters, cut in its middle when it is too long.

    Beginning and end stay: the first line says what failed, the last one usually why.
    """
    text = _CONTROL.sub("", redact(text)).strip()
    if len(text) <= max_characters:
        return text
    head = max_characters // 3
    tail = max_characters - head - 1
    return f"{text[:head]}…{text[-tail:]}"
