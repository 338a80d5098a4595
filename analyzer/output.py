"""The course folder on disk: written atomically, never through a link, nothing removed that is not a course file."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analyzer.errors import OutputNotWritableError
from analyzer.manifest import MANIFEST_FILE, MANIFEST_MAX_BYTES, Manifest, digest_of, parse_manifest
from course.layout import (
    ABSTRACTIONS_FILE,
    CHAPTERS_DIR,
    ORDER_FILE,
    RELATIONSHIPS_FILE,
    REVIEWED_DIR,
    TUTORIALS_DIR,
)

FOLDERS: Final = (CHAPTERS_DIR, REVIEWED_DIR, TUTORIALS_DIR)
STEP_FILES: Final = (ABSTRACTIONS_FILE, RELATIONSHIPS_FILE, ORDER_FILE)
PARTIAL_SUFFIX: Final = ".partial"
READ_MAX_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFolder:
    """One course folder; names inside it are relative with "/" (`chapters/chapter_0_x.md`)."""

    root: Path

    def prepare(self) -> None:
        """Make the folder and its three sub-folders; refuse links and files in their place.

        Raises:
            OutputNotWritableError: something else has the name, or the file system refuses.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for name in FOLDERS:
                folder = self.root / name
                if folder.is_symlink():
                    raise OutputNotWritableError(
                        f"{folder} is a symbolic link", remedy="remove it; it could lead anywhere"
                    )
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def write(self, name: str, text: str) -> str:
        """Put a file in place in one move and return its digest.

        Raises:
            OutputNotWritableError: the file system refuses (permissions, no space, a folder of that name).
        """
        content = text.encode()
        target = self.root / name
        partial = target.with_name(target.name + PARTIAL_SUFFIX)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        try:
            with open(os.open(partial, flags, 0o644), "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
                stream.write(content)
            partial.replace(target)
        except OSError as error:
            raise self._refused(error) from error
        return digest_of(content)

    def read(self, name: str) -> str | None:
        """A file's text, or None when it is missing, a link, too large or not UTF-8."""
        content = self._bytes(name, READ_MAX_BYTES)
        try:
            return content.decode() if content is not None else None
        except UnicodeDecodeError:
            return None

    def holds(self, name: str, digest: str) -> bool:
        """Whether the file is there with exactly that content."""
        content = self._bytes(name, READ_MAX_BYTES)
        return content is not None and digest_of(content) == digest

    def manifest(self) -> Manifest | None:
        """The manifest of an earlier run, or None."""
        content = self._bytes(MANIFEST_FILE, MANIFEST_MAX_BYTES)
        return parse_manifest(content.decode("utf-8", "replace")) if content is not None else None

    def course_files(self) -> Iterator[str]:
        """Names of the files that readers would take for parts of a course."""
        for name in STEP_FILES:
            if (self.root / name).is_symlink() or (self.root / name).exists():
                yield name
        for folder in FOLDERS:
            inside = self.root / folder
            if inside.is_dir() and not inside.is_symlink():
                for entry in sorted(inside.iterdir()):
                    if entry.name.endswith((".md", PARTIAL_SUFFIX)):
                        yield f"{folder}/{entry.name}"

    def remove(self, name: str) -> None:
        """Remove one course file (a link itself, not what it names); folders of that name are refused.

        Raises:
            OutputNotWritableError: the file system refuses.
        """
        try:
            (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def _bytes(self, name: str, limit: int) -> bytes | None:
        try:
            descriptor = os.open(self.root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    return None
                content = stream.read(limit + 1)
        except OSError:
            return None
        return content if len(content) <= limit else None

    def _refused(self, error: OSError) -> OutputNotWritableError:
        where = error.filename or self.root
        return OutputNotWritableError(
            f"cannot write the course to {where}: {error.strerror or error}",
            remedy="name a folder that can be written with --output-dir",
        )
