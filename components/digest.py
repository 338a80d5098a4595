"""Content digests of named inputs.

A digest depends on names and bytes alone: not on modification times, owners, the umask or where the checkout lies.
"""

import hashlib
from collections.abc import Mapping
from typing import Final, NewType

Digest = NewType("Digest", str)
SHORT: Final = 12


def digest_of(entries: Mapping[str, bytes]) -> Digest:
    """Return `sha256:<64 hex>` over the entries, in the order of their names.

    Each entry is framed by the lengths of its name and content, so no two different sets share a byte stream.
    """
    total = hashlib.sha256()
    for name in sorted(entries):
        content = hashlib.sha256(entries[name]).digest()
        encoded = name.encode()
        total.update(len(encoded).to_bytes(8, "big") + encoded + content)
    return Digest(f"sha256:{total.hexdigest()}")


def content_hash(content: bytes) -> Digest:
    """Return `sha256:<64 hex>` of one content."""
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


def short(digest: Digest) -> str:
    """Return the digest's first 12 hex digits, as used in tags and folder names."""
    return digest.removeprefix("sha256:")[:SHORT]
