"""A course to take along: its documents as files in one ZIP archive, the same bytes for the same course."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable
from typing import Final

from course import cited_sources
from course.documents import Document

MEDIA_TYPE: Final = "application/zip"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


def archive_of(documents: Iterable[Document], folder: str) -> bytes:
    """Return the archive; what only the reader needs is left out, and a slug that leads out of the folder, too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            path = posixpath.normpath(document.slug)
            if document.slug == cited_sources.SLUG or path.startswith(("/", "..")) or "\\" in path:
                continue
            entry = zipfile.ZipInfo(f"{folder}/{path}", _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, document.content)
    return buffer.getvalue()


def file_name(full_name: str) -> str:
    """Return what an archive is called, without its ending: letters, digits, dots and dashes."""
    return _NAME.sub("-", full_name).strip("-.")[:80] or "course"
