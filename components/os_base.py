"""Names of the Debian bases that the project's images start from.

`images/os/` is the recipe of all of them. The base `os` has the packages that `images/os/packages.txt` names. The
folder of an optional image may carry a `packages.txt` of its own: that image starts from a base with those packages
instead, without the paths of the folder's `trim.txt`, if there is one.
Making a base needs a network and is the set-up's part; the program only names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.digest import Digest, digest_of, short

OS_REPOSITORY: Final = "fondation-os"
OS: Final = "os"
PACKAGES: Final = "packages.txt"
_PURGE: Final = "purge.txt"
_TRIM: Final = "trim.txt"
# What pydantic reads as true: the configuration's booleans are asked for before there is an engine to ask.
_TRUE: Final = frozenset({"1", "on", "t", "true", "y", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalBase:
    """A base that only some stacks need.

    Attributes:
        name: Name of the folder below `images/` that has its `packages.txt`.
        key: Boolean key of the stack's configuration that asks for it.
        image_key: Key that names a registry's image to start from instead; None where there is no such key.
    """

    name: str
    key: str
    image_key: str | None = None


OPTIONAL_BASES: Final = (OptionalBase(name="prometheus", key="monitoring", image_key="prometheusImage"),)


def is_on(value: object) -> bool:
    """Return whether a boolean of a stack's configuration file, as it is written there, is true."""
    return str(value).lower() in _TRUE


def needed_bases(values: Mapping[str, object]) -> list[str]:
    """Return the bases that a stack needs.

    Args:
        values: The stack's configuration as its file has it, by key without namespace.
    """
    optional = (
        base.name
        for base in OPTIONAL_BASES
        if is_on(values.get(base.key)) and not (base.image_key and values.get(base.image_key))
    )
    return [OS, *optional]


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
