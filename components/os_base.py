"""Name of the OS base image that every image of the project starts from.

Making that image needs a network and is the set-up's part; the program only names it.
"""

from pathlib import Path
from typing import Final

from components.digest import Digest, digest_of, short

OS_REPOSITORY: Final = "fondation-os"


def os_image_digest(root: Path) -> Digest:
    """Return the digest over the recipe in `images/os/`.

    Args:
        root: The checkout's root.
    """
    recipe = root / "images" / "os"
    return digest_of(
        {path.relative_to(recipe).as_posix(): path.read_bytes() for path in recipe.rglob("*") if path.is_file()}
    )


def os_image_name(root: Path) -> str:
    """Return `fondation-os:<12 hex>`: the recipe's digest is the tag.

    Args:
        root: The checkout's root.
    """
    return f"{OS_REPOSITORY}:{short(os_image_digest(root))}"
