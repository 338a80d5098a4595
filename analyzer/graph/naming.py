"""Names for groups: what a reader would call them, distinct even as file names."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.graph.groups import Group
from analyzer.graph.links import Links
from analyzer.graph.parts import Part
from course.layout import slugify

UPPER: Final = {
    "url": "URL", "urls": "URLs", "api": "API", "http": "HTTP", "json": "JSON", "cli": "CLI", "sse": "SSE",
    "wsgi": "WSGI", "asgi": "ASGI", "ssl": "SSL", "tls": "TLS", "sql": "SQL", "html": "HTML", "xml": "XML",
    "yaml": "YAML", "csv": "CSV", "io": "I/O", "os": "OS", "ui": "UI", "id": "ID", "ip": "IP", "tcp": "TCP",
    "udp": "UDP", "dns": "DNS", "jwt": "JWT", "css": "CSS", "rpc": "RPC", "ast": "AST", "db": "Database",
    "orm": "ORM", "utils": "Utilities", "util": "Utilities", "config": "Configuration", "auth": "Authentication",
    "ctx": "Context", "async": "Async", "md": "Markdown", "impl": "Implementation",
    "init": "Package", "js": "JavaScript", "ts": "TypeScript", "http2": "HTTP/2", "ext": "Extensions",
    "docs": "Documents",
}  # fmt: skip
# Stems that say nothing about their content: such a file is named for its main definitions instead.
VAGUE: Final = frozenset(
    {
        "models", "model", "core", "base", "main", "types", "impl", "index", "app", "lib", "mod", "internal", "classes",
        "objects", "init", "module", "program", "src", "__init__", "__main__",
    }
)  # fmt: skip
NAME_MAX_CHARS: Final = 60
HEAVY_SHARE: Final = 0.85
FOLDER_SHARE: Final = 0.7
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def names_of(links: Links, groups: Sequence[Group], scores: Mapping[str, float], project: str) -> list[str]:
    """One name per group, in order; slugs are distinct and never empty."""
    taken: set[str] = set()
    names: list[str] = []
    for group in groups:
        options = list(_options(links, group, scores, project))
        number = 2
        while not options or slugify(options[0]).strip("_-") in taken | {""}:
            if len(options) > 1:
                options.pop(0)
            else:
                base = options[0] if options and slugify(options[0]).strip("_-") else "Part"
                options = [f"{base} {number}" if slugify(base).strip("_-") in taken else base]
                number += 1
                options = [re.sub(r"( \d+)+( \d+)$", r"\2", options[0])]
        taken.add(slugify(options[0]).strip("_-"))
        names.append(options[0])
    return names


def words(stem: str) -> str:
    """`_url_parsing` → `URL Parsing`, `wheel_house` → `Wheel House`, `HTTPTransport` → `HTTP Transport`."""
    pieces = [piece for piece in re.split(r"[\W_]+", _CAMEL.sub("_", stem)) if piece]
    return " ".join(
        UPPER.get(piece.lower(), piece if piece.isupper() else piece[:1].upper() + piece[1:]) for piece in pieces
    )


def _options(links: Links, group: Group, scores: Mapping[str, float], project: str) -> list[str]:
    """Candidate names, the best first."""
    main = _whole_file(links, group)
    first = _part_name(links, main, scores, project)
    options = [first]
    heavy = [part for part in group.parts if part.paths != main.paths and part.weight >= HEAVY_SHARE * main.weight]
    folder = _common_folder(links, group)
    if len(group.parts) > 2 and folder:  # noqa: PLR2004
        options.insert(0, words(folder))
    elif heavy and " and " not in first:
        second = _part_name(links, heavy[0], scores, project)
        joined = f"{first} and {second}"
        if first[:4] != second[:4] and " and " not in second and len(joined) <= NAME_MAX_CHARS:
            options.insert(0, joined)
    members = _main_symbols(links, main, scores)
    if members:
        options.append(f"{first}: {_list(members)}"[:NAME_MAX_CHARS])
    options.append(f"{words(main.paths[0].removesuffix('.py').replace('/', ' '))}"[:NAME_MAX_CHARS])
    return [option.strip(" :") for option in options if slugify(option).strip("_-")]


def _whole_file(links: Links, group: Group) -> Part:
    """The main part; when the group holds all families of its file, the file itself."""
    main = group.parts[0]
    here = {key for part in group.parts if part.paths == main.paths for key in part.tops}
    tops = {symbol.key for symbol in links.modules[main.paths[0]].symbols if not symbol.parent}
    if not main.tops or not tops <= here:
        return main
    return Part(paths=main.paths, weight=main.weight, line_count=main.line_count)


def _part_name(links: Links, part: Part, scores: Mapping[str, float], project: str) -> str:
    members = _main_symbols(links, part, scores)
    if part.tops and members:
        return _list(members)
    *folders, name = part.paths[0].split("/")
    stem = name.rsplit(".", 1)[0] if "." in name.lstrip(".") else name
    bare = stem.strip("_").lower()
    if len(part.paths) > 1 and folders:
        return words(folders[-1])
    if bare in {"main", "cli"} and any(name.partition("::")[2] == "main" for name in _keys(links, part)):
        return "Command Line"
    if (bare in {"init", "main"} and stem.startswith("__")) or bare in {"index", "mod"}:
        return words(folders[-1] if folders and folders[-1] not in {"src", "lib"} else project)
    if bare in VAGUE and members:
        return _list(members)
    return words(stem) or words(project) or "Code"


def _keys(links: Links, part: Part) -> list[str]:
    return [symbol.key for path in part.paths for symbol in links.modules[path].symbols]


def _main_symbols(links: Links, part: Part, scores: Mapping[str, float]) -> list[str]:
    """Names of the part's one or two leading classes, else functions."""
    wanted = set(part.tops)
    symbols = [
        symbol
        for path in part.paths
        for symbol in links.modules[path].symbols
        if not symbol.parent and (not wanted or symbol.key in wanted) and symbol.kind is not Kind.CONSTANT
    ]

    def order(symbol: Symbol) -> tuple[float, int]:
        return (-scores.get(symbol.key, 0.0), symbol.span.start)

    classes = sorted((symbol for symbol in symbols if symbol.kind is Kind.CLASS and symbol.is_public), key=order)
    chosen = classes or sorted((symbol for symbol in symbols if symbol.is_public), key=order)
    if not chosen:
        return []
    floor = 0.6 * scores.get(chosen[0].key, 0.0)
    return [symbol.name for symbol in chosen[:2] if scores.get(symbol.key, 0.0) >= floor]


def _list(members: Sequence[str]) -> str:
    return members[0] if len(members) == 1 else f"{', '.join(members[:-1])} and {members[-1]}"


def _common_folder(links: Links, group: Group) -> str:
    """The folder that the group's files share and that holds little else; empty when there is none."""
    folders = {path.rpartition("/")[0] for path in group.paths}
    folder = folders.pop() if len(folders) == 1 else ""
    inside = [module for module in links.repository.subjects if module.path.rpartition("/")[0] == folder]
    return folder.rpartition("/")[2] if folder and len(group.paths) >= FOLDER_SHARE * len(inside) else ""
