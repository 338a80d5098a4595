"""Static files by content: an address holds the file's digest, so browsers may keep it for ever."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

STATIC_FOLDER: Final = Path(__file__).parent / "static"
MERMAID: Final = "mermaid.min.js"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `digest` names its content."""

    content: bytes
    compressed: bytes
    media_type: str
    digest: str


class Assets:
    """The application's own files, and the diagram library where there is one.

    Raises:
        OSError: A file cannot be read.
    """

    def __init__(self, *, mermaid: Path | None) -> None:
        files = {path.name: path for path in sorted(STATIC_FOLDER.iterdir()) if path.suffix in _TYPES}
        if mermaid is not None:
            files[MERMAID] = mermaid
        self._assets = {name: _asset(name, path) for name, path in files.items()}

    @property
    def has_mermaid(self) -> bool:
        """Whether diagrams can be drawn."""
        return MERMAID in self._assets

    def url(self, name: str) -> str:
        """Return the address of a file."""
        return f"/static/{self._assets[name].digest}/{name}"

    def response(self, request: Request) -> Response | None:
        """Return the file that a request asks for, or None."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None or request.path_params["digest"] != asset.digest:
            return None
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
            "Content-Type": asset.media_type,
        }
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.content, headers=headers)


def _asset(name: str, path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        content,
        gzip.compress(content, compresslevel=6, mtime=0),
        _TYPES[Path(name).suffix],
        hashlib.sha256(content).hexdigest()[:16],
    )
