"""Which files of npm packages go into images, and where the downloaded ones are kept.

`images/<role>/npm.json` pins each package's version, integrity and files. Downloading them is the set-up's part
(`ops.machine.npm`); the program only looks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from components.configuration import StackKeys

SERVER: Final = "server"
BUNDLE: Final = "bundle"
PIN_FILE: Final = "npm.json"


class NpmPinError(Exception):
    """A pin file is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmPin:
    """Some files of one package.

    Attributes:
        integrity: That of the tarball, as package locks write it (sha512, base64).
        files: Their paths in the tarball.
        folder: Name of the folder in the cache that keeps them, as they lie around the first one.
        source: Where this is pinned, for messages.
    """

    package: str
    version: str
    integrity: str
    files: Sequence[PurePosixPath]
    folder: str
    source: str

    @property
    def names(self) -> Mapping[str, PurePosixPath]:
        """The files by their name in the folder."""
        around = self.files[0].parent
        return {file.relative_to(around).as_posix(): file for file in self.files}

    def place(self, cache: Path) -> Path:
        """Return the folder that keeps the files.

        Args:
            cache: The user's cache folder of the project.
        """
        return cache / "npm" / self.folder

    def missing(self, cache: Path) -> list[Path]:
        """Return the files that were not downloaded."""
        return [path for name in self.names if not (path := self.place(cache) / name).is_file()]


def needed_pins(root: Path, keys: "StackKeys") -> list[NpmPin]:
    """Return what the images of a stack take from npm, beside Claude Code as a program.

    Raises:
        NpmPinError: A pin file is not what it should be.
    """
    return [pin for role in (SERVER, *([BUNDLE] if keys.cli_bundle else [])) for pin in read_pins(root, role)]


def read_pins(root: Path, role: str) -> list[NpmPin]:
    """Return what an image's folder pins.

    Args:
        root: The checkout's root.
        role: Name of a folder below `images/`.

    Raises:
        NpmPinError: The pin file is not what it should be.
    """
    file = root / "images" / role / PIN_FILE
    try:
        return [
            NpmPin(
                package=package,
                version=pin["version"],
                integrity=pin["integrity"],
                files=(PurePosixPath(pin["file"]), *map(PurePosixPath, pin.get("beside", ()))),
                folder=f"{package.rpartition('/')[2]}-{pin['version']}",
                source=file.relative_to(root).as_posix(),
            )
            for package, pin in json.loads(file.read_text(encoding="utf-8")).items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NpmPinError(
            f"{file} cannot be used ({error!r}): expected"
            ' {"<package>": {"version": "…", "integrity": "sha512-…", "file": "package/…"}}'
        ) from error
