"""The name of a release: what its images are made from."""

from collections.abc import Mapping

from components.digest import Digest, digest_of, short


def release_of(digests: Mapping[str, Digest]) -> str:
    """Return 12 hex digits over the digests of all images."""
    return short(digest_of({role: digest.encode() for role, digest in digests.items()}))
