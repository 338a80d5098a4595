"""Names of the Debian bases that the project's images start from.

`images/os/` is the recipe of all of them. The base `os` has the packages that `images/os/packages.txt` names. The
folder of an optional image may carry a `packages.txt` of its own: that image starts from a base with those packages
instead, without the paths of the folder's `trim.txt`, if there is one.
Making a base needs a network and is the set-up's part; the program only names it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from components.digest import Digest, digest_of, short

if TYPE_CHECKING:
    from components.configuration import StackKeys

OS_REPOSITORY: Final = "fondation-os"
OS: Final = "os"
PROMETHEUS: Final = "prometheus"
BUNDLE: Final = "bundle"
PACKAGES: Final = "packages.txt"
_PURGE: Final = "purge.txt"
_TRIM: Final = "trim.txt"


def needed_bases(keys: "StackKeys") -> list[str]:
    """Return the bases that a stack needs."""
    monitored = keys.monitoring and not keys.prometheus_image
    return [OS, *([PROMETHEUS] if monitored else []), *([BUNDLE] if keys.cli_bundle else [])]


def base_recipe(root: Path, base: str = OS) -> Mapping[str, bytes]:
    """Return the files that a base is made from, by their name; what its `packages.txt` names is not purged.

    Args:
        root: The checkout's root.
        base: `os`, or a folder below `images/` with a `packages.txt`.
    """
    folder = root / "images" / OS
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files[PACKAGES] = (root / "images" / base / PACKAGES).read_bytes()
    trim = root / "images" / base / _TRIM
    if base != OS and trim.is_file():
        files[_TRIM] += trim.read_bytes()
    wanted = set(files[PACKAGES].splitlines())
    files[_PURGE] = b"".join(
        line for line in files[_PURGE].splitlines(keepends=True) if not line.strip() or line.strip() not in wanted
    )
    return files


def os_image_digest(root: Path, base: str = OS) -> Digest:
    """Return the digest over a base's recipe.

    Args:
        root: The checkout's root.
        base: As `base_recipe` takes it.
    """
    return digest_of(base_recipe(root, base))


def os_image_name(root: Path, base: str = OS) -> str:
    """Return `fondation-os:<12 hex>`, or `fondation-os:<base>-<12 hex>`: the recipe's digest is in the tag.

    Args:
        root: The checkout's root.
        base: As `base_recipe` takes it.
    """
    prefix = "" if base == OS else f"{base}-"
    return f"{OS_REPOSITORY}:{prefix}{short(os_image_digest(root, base))}"
