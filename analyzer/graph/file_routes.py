"""Routes that are named by where a file lies: `app/orders/[id]/route.ts` answers `/orders/[id]`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Module, Symbol

_ENDING: Final = r"\.(?:[cm]?[jt]sx?)$"
_FILED: Final = re.compile(
    rf"(?:^|/)(?:app|routes)/(?P<path>(?:[^/]+/)*)(?P<file>route|page|\+server){_ENDING}"
    rf"|(?:^|/)pages/(?P<api>api/[^.]+){_ENDING}"
)
_VERBS: Final = frozenset(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
_UNSAID: Final = re.compile(r"^[(@]")  # folders that group files and stand in no address


def filed_routes(module: Module, lines: Sequence[str]) -> Iterator[tuple[str, str, Symbol]]:
    """The verb, the path and what answers, for a file whose place is its address; a screen has no verb."""
    match = _FILED.search(module.path)
    if match is None:
        return
    around = match["api"].removesuffix("/index") if match["api"] else match["path"]
    path = "/" + "/".join(part for part in around.split("/") if part and not _UNSAID.match(part))
    answering = [s for s in module.symbols if not s.parent and s.kind in {Kind.FUNCTION, Kind.CONSTANT, Kind.CLASS}]
    if match["api"] or match["file"] == "page":
        for symbol in answering:
            if "export default" in lines[symbol.head_start - 1]:
                yield "", path, symbol
    else:
        for symbol in answering:
            if symbol.name in _VERBS:
                yield symbol.name, path, symbol
