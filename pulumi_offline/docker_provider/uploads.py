"""Files that go into a container between its creation and its start, as one tar archive."""

from __future__ import annotations

import base64
import binascii
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.errors import ProviderError

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.values import Properties

_SOURCES = ("content", "contentBase64", "source")
_MODE = 0o644
_EXECUTABLE_MODE = 0o744


def upload_problem(upload: Properties) -> str | None:
    """Why the upload cannot work, or None."""
    name = upload.get("file")
    given = [source for source in _SOURCES if upload.get(source) is not None]
    if len(given) != 1:
        return f"upload of {name}: set exactly one of {', '.join(_SOURCES)}, not {', '.join(given) or 'none'}"
    source = upload.get("source")
    if isinstance(source, str) and not Path(source).is_file():
        return f"upload of {name}: {Path(source).absolute()} does not exist: create it, or correct source"
    permissions = upload.get("permissions")
    if isinstance(permissions, str) and not _octal(permissions):
        return f"upload of {name}: permissions must be octal digits such as '0444', not {permissions!r}"
    return None


def _octal(text: str) -> bool:
    return bool(text) and all(character in "01234567" for character in text)


def archive(uploads: list[Properties]) -> bytes:
    """All files, owned by root, with paths relative to the container's root.

    Raises:
        ProviderError: a content is not Base64, or a source cannot be read.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for upload in uploads:
            content = _content(upload)
            info = tarfile.TarInfo(upload["file"].lstrip("/"))
            info.size, info.mode = len(content), _mode(upload)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _mode(upload: Properties) -> int:
    if upload.get("permissions"):
        return int(upload["permissions"], 8)
    return _EXECUTABLE_MODE if upload.get("executable") else _MODE


def _content(upload: Properties) -> bytes:
    try:
        if upload.get("content") is not None:
            return str(upload["content"]).encode()
        if upload.get("contentBase64") is not None:
            return base64.b64decode(upload["contentBase64"], validate=True)
        return Path(upload["source"]).read_bytes()
    except (OSError, binascii.Error) as error:
        raise ProviderError(f"upload of {upload['file']}: {error}: correct its content or source") from error
