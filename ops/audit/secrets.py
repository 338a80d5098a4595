"""What a secret looks like when it was left where it does not belong."""

import re
from collections.abc import Iterator
from typing import Final

_VALUES: Final = (
    ("an Anthropic credential", re.compile(r"sk-ant-[A-Za-z0-9]{2,}[A-Za-z0-9_-]{16,}")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})")),
    ("an AWS access key", re.compile(r"\bAKIA[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}")),
)
_URL: Final = re.compile(r"\b[a-z][a-z+]{1,10}://[^\s/:@]+:[^\s/:@]+@[a-z0-9]")
_NAME: Final = re.compile(
    r"\b([A-Za-z0-9_]*(?:API_?KEY|TOKEN|PASSWORD|PASSPHRASE|SECRET|_KEY|CREDENTIALS?)[A-Za-z0-9_]*)=(\S+)",
    re.IGNORECASE,
)
# A name that ends so holds a path; the file behind it is delivered at run time.
_PATH_NAME: Final = re.compile(r"_(?:FILE|PATH|DIR)$", re.IGNORECASE)


def secrets_in(text: str) -> Iterator[str]:
    """Yield what in a text looks like a credential, described and never quoted."""
    for what, pattern in _VALUES:
        if pattern.search(text):
            yield what


def assignments_in(text: str) -> Iterator[str]:
    """Yield the names in a text, such as an environment or an instruction, that are given a secret's value."""
    for name, value in _NAME.findall(text):
        if not _PATH_NAME.search(name) and value.strip("\"'"):
            yield f"{name} has a value"
    if _URL.search(text):
        yield "a URL has a password"
