"""Grammars that are stored compressed, and loaded from memory.

A grammar is a table of a few megabytes that shrinks to an eighth: fifteen of them would be a third of the CLI's image.
An image packs them when it is built (`python -m analyzer.languages.packed FOLDER`). Where a package has its binding
packed, importing it unpacks the library into an anonymous file of this process (`memfd_create`), which needs no place
that can be written and none that allows execution. Elsewhere nothing changes.
"""

import os
import sys
import zlib
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

BINDING: Final = "_binding"
PACKED_SUFFIX: Final = ".so.z"
LEVEL: Final = 9


class PackedFinder(MetaPathFinder):
    """Finds `tree_sitter_<language>._binding` in packages that hold it packed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a packed binding, None for any other module."""
        del target
        package, _, name = fullname.rpartition(".")
        if name != BINDING or not package.startswith("tree_sitter_") or path is None:
            return None
        for folder in path:
            for packed in sorted(Path(folder).glob(f"{BINDING}*{PACKED_SUFFIX}")):
                place = _in_memory(fullname, packed)
                return spec_from_file_location(fullname, place, loader=ExtensionFileLoader(fullname, place))
        return None


def _in_memory(name: str, packed: Path) -> str:
    """The path of an anonymous file that holds the library; it lives as long as this process."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    with os.fdopen(os.dup(descriptor), "wb") as stream:
        stream.write(zlib.decompress(packed.read_bytes()))
    return f"/proc/self/fd/{descriptor}"


def install() -> None:
    """Let packed bindings be imported; asked twice, it does nothing the second time."""
    if not any(isinstance(finder, PackedFinder) for finder in sys.meta_path):
        sys.meta_path.append(PackedFinder())


def pack(site_packages: Path) -> int:
    """Replace the binding of every grammar below a folder by its packed form; returns how many."""
    count = 0
    for library in sorted(site_packages.glob(f"tree_sitter_*/{BINDING}*.so")):
        library.with_suffix(PACKED_SUFFIX).write_bytes(zlib.compress(library.read_bytes(), LEVEL))
        library.unlink()
        count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{pack(Path(sys.argv[1]))} grammars packed\n")
