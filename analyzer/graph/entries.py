"""The ways into a program: routes, commands, tasks and `main`, each with the line that names it and what answers it.

Frameworks differ in words and agree in shape: a path, a name or a mark stands beside the definition that answers. So
lines are read, not frameworks; what leads to no line of the project's own is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.code.model import Kind, Module, Span, Symbol
from analyzer.graph.answers import LINE_CHARACTERS, Answers, called_below, definition_below, is_inline
from analyzer.graph.entry import MAINS, REMOTE, Entry, EntryKind, joined
from analyzer.graph.file_routes import filed_routes
from analyzer.graph.links import Links
from analyzer.graph.marks import under_their_types
from analyzer.graph.rails import ROUTES_FILE, rails_routes

ENTRIES_MAX: Final = 2_000
SCREEN_LINES: Final = 3  # between an address and what is shown there
PATTERNS_WITHIN: Final = 200  # lines in which a file of Django's routes says that it is one
_VERBS: Final = "get|post|put|patch|delete|head|options"
_MARK: Final = re.compile(
    r"^\s*(?:@|#\[|\[)(?:[\w.]+(?:\.|::))?(?P<name>"
    rf"(?i:{_VERBS}|route|websocket|(?:{_VERBS}|request)mapping|http(?:{_VERBS})|api_route)|Path|Controller|Route"
    r")\b(?!:)\s*(?:\((?P<given>[^\n]*))?"
)
_COMMAND_MARK: Final = re.compile(r"^\s*@(?:\w+\.)?(?:command|subcommand|group)\b(?:\((?P<given>[^\n]*))?")
_TASK_MARK: Final = re.compile(
    r"^\s*@(?:\w+\.)*(?:task|shared_task|periodic_task|actor|job|scheduled|cron|receiver|listener|on_event|"
    r"(?:\w*Listener|Scheduled|Cron|EventHandler|MessagePattern|EventPattern|Process))\b"
)
_ROUTE: Final = re.compile(
    r"(?P<receiver>[\w$@.]*?)(?:\.|->|::|\b)(?P<name>"
    rf"(?i:{_VERBS}|map(?:{_VERBS})|handle|handlefunc|route|any|add_url_rule|add_route|add_api_route|resources?)"
    r")[(\s]\s*[rf]?[\"'`](?P<path>(?:[A-Z]+ )?/[^\"'`\s]*)[\"'`](?P<rest>.*)$"
)
# Where routes are listed for their own sake, paths need no slash before them.
_LISTED: Final = re.compile(
    rf"\bRoute::(?P<name>(?i:{_VERBS}|any|(?:api)?resource|match))[(\s]\s*[\"'](?P<path>[\w{{}}:/.*-]+)[\"'](?P<rest>,.*)$"
)
_LISTS: Final = re.compile(r"(^|/)routes/[^/]+\.php$")
# A screen in a browser: `<Route path="/login" component={Login}>`, `path: "login", component: Login`.
_SCREEN: Final = re.compile(
    r"(?:<Route\b[^>]*?\bpath=\{?|(?<![\w.])path:\s*)[\"'`](?P<path>[^\"'`]*)[\"'`](?P<rest>.*)$"
)
_SCREENS: Final = frozenset(["javascript", "jsx", "typescript", "tsx"])
_SHOWN: Final = re.compile(r"\b(?:component|element)\s*[:=]\s*[{<(\s]*(?P<name>[A-Z][\w.]*)")
# What a file's routes are all under: `api := router.Group("/api")`, `Blueprint("shop", __name__, url_prefix="/shop")`.
_UNDER: Final = re.compile(
    r"^\s*(?:[\w<>]+\s+)?(?P<name>\w+)\s*:?=\s*(?:(?P<of>\w+)\.)?.*?\b(?:MapGroup|Group|group|Blueprint|APIRouter|PathPrefix)\("
    r"(?:.*?prefix\s*=\s*|\s*)[\"'](?P<path>[^\"'\s]+)[\"']"
)
_PATTERN: Final = re.compile(r"^\s*(?:re_path|path|url)\(\s*r?[\"'](?P<path>[^\"']*)[\"'](?P<rest>.*)$")
_COMMAND: Final = re.compile(
    r"(?:\.command\(|\.add_parser\(|\.add_command\(|\bUse:)\s*[\"'`](?P<label>[A-Za-z][\w:-]*)[^\"'`]*[\"'`]"
)
_RPC: Final = re.compile(r"^\s*rpc\s+(?P<name>\w+)\s*\(")
_DJANGO_COMMAND: Final = re.compile(r"(?:^|/)management/commands/(?P<label>[a-z]\w*)\.py$")
_QUOTES: Final = frozenset("\"'`")
_COMMENT: Final = re.compile(r"\s*(?:#(?!\[)|\*|//)")
_STARTS: Final = re.compile(r"^if __name__ == [\"']__main__[\"']:")
# Who asks others for a path is no way in.
_ASKS: Final = re.compile(
    r"(?i)(client|http|axios|fetch|request|session|cache|redis|storage|driver|agent|api|params|headers|query|config|"
    r"settings|page|browser|url)s?$"
)
_LITERAL: Final = re.compile(r"[\"'](?P<text>[^\"']*)[\"']")
_SCRIPT: Final = re.compile(r"^[\s\"'\[]*(?P<label>[\w.-]+)[\"']?\s*=\s*[\"']?(?P<module>[\w.]+):(?P<name>\w+)")
_MANIFESTS: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_METHODS: Final = re.compile(rf"(?:\bmethods?\s*=|Method\.)[^)]*?\b(?P<verb>{_VERBS.upper()})\b")
_RECEIVER: Final = re.compile(r"^\s*@?(?P<receiver>\w+)\.")


def entries_of(links: Links, files: Mapping[str, Sequence[str]]) -> tuple[Entry, ...]:
    """The ways into what a repository makes, in order of place; `files` are the lines by path."""
    finder = _Finder(answers=Answers.of(links))
    found = [entry for path in _MANIFESTS for entry in finder.scripts(path, files.get(path, ()))]
    for module in links.repository.subjects:
        found += finder.module(module, files[module.path])
        if len(found) >= ENTRIES_MAX:
            break
    return tuple(under_their_types(found)[:ENTRIES_MAX])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    """Reads lines for ways in."""

    answers: Answers

    def scripts(self, path: str, lines: Sequence[str]) -> Iterator[Entry]:
        """The programs that a Python manifest installs: `shop = shop.main:run`."""
        for number, line in enumerate(lines, start=1):
            if match := _SCRIPT.match(line):
                handler = self.answers.installed(match["module"], match["name"])
                if handler is not None:
                    span = Span(path=path, start=number, end=number)
                    yield Entry(kind=EntryKind.COMMAND, name=match["label"], span=span, handler=handler)

    def module(self, module: Module, lines: Sequence[str]) -> Iterator[Entry]:
        """The ways in that one file names."""
        yield from _main_of(module)
        for verb, path, found in filed_routes(module, lines):
            yield Entry(kind=EntryKind.ROUTE, verb=verb, name=path, span=found.head, handler=found)
        if ROUTES_FILE.search(module.path):
            yield from self.of_rails(module, lines)
            return
        is_patterned = module.language == "python" and any("urlpatterns" in line for line in lines[:PATTERNS_WITHIN])
        is_listing = is_patterned or _LISTS.search(module.path) is not None
        under: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not (is_listing or _may_enter(line, lines[number] if number < len(lines) else "")):
                continue
            if len(line) > LINE_CHARACTERS or _COMMENT.match(line):
                continue
            span = Span(path=module.path, start=number, end=number)
            if module.language == "protobuf":
                yield from self.remote(line, span)
                continue
            if match := _UNDER.match(line):
                under[match["name"]] = joined(under.get(match["of"] or "", ""), match["path"])
            yield from (_under(entry, line, under) for entry in self.marked(module, line, span))
            if not line.lstrip().startswith("@"):
                calls = self.called(module, lines, span, is_patterned=is_patterned)
                yield from (_under(entry, line, under) for entry in calls)
            if _STARTS.match(line):
                handler = called_below(module, lines[number:])
                yield Entry(kind=EntryKind.PROGRAM, name=module.path, span=span, handler=handler)

    def of_rails(self, module: Module, lines: Sequence[str]) -> Iterator[Entry]:
        """The routes of Rails that a controller's own method answers."""
        for route in rails_routes(lines):
            handler = self.answers.acting(route.controller, route.action)
            if handler is not None:
                span = Span(path=module.path, start=route.line, end=route.line)
                yield Entry(kind=EntryKind.ROUTE, verb=route.verb, name=route.path, span=span, handler=handler)

    def remote(self, line: str, span: Span) -> Iterator[Entry]:
        """A procedure that an interface description lists: `rpc CreateOrder(…)`."""
        match = _RPC.match(line)
        handler = self.answers.serving(match["name"]) if match is not None else None
        if match is not None and handler is not None:
            yield Entry(kind=EntryKind.ROUTE, verb=REMOTE, name=match["name"], span=span, handler=handler)

    def marked(self, module: Module, line: str, span: Span) -> Iterator[Entry]:
        """A mark above a definition: `@GetMapping("/owners")`, `@app.route("/")`, `@click.command()`."""
        match = _MARK.match(line) or _COMMAND_MARK.match(line) or _TASK_MARK.match(line)
        handler = definition_below(module, span.start) if match is not None else None
        if match is None or handler is None:
            return
        if match.re is _MARK:
            given = _LITERAL.search(match["given"] or "")
            path = given["text"] if given is not None else ""
            if path.startswith("/") or match["name"][:1].isupper():  # `@GetMapping`: its type's mark says where
                stated = _METHODS.search(match["given"] or "")
                verb = _verb(match["name"]) or (stated["verb"] if stated is not None else "")
                yield Entry(kind=EntryKind.ROUTE, verb=verb, name=path, span=span, handler=handler)
        elif match.re is _COMMAND_MARK and handler.kind is not Kind.CLASS:
            given = _LITERAL.match((match["given"] or "").strip())
            name = given["text"] if given is not None else handler.name.replace("_", "-")
            yield Entry(kind=EntryKind.COMMAND, name=name, span=span, handler=handler)
        elif match.re is _TASK_MARK:
            yield Entry(kind=EntryKind.TASK, name=handler.qualname, span=span, handler=handler)

    def called(self, module: Module, lines: Sequence[str], span: Span, *, is_patterned: bool) -> Iterator[Entry]:
        """A call that names what answers: `router.get("/articles", list)`, `path("checks/", views.checks)`."""
        line = lines[span.start - 1]
        if line.endswith("(") and span.start < len(lines):  # its path stands on the next line
            line = line + lines[span.start].strip()
        listed = _PATTERN.match(line) if is_patterned else None
        if _LISTS.search(module.path):
            listed = _LISTED.search(line)
        match = listed or _ROUTE.search(line)
        if match is None and module.language in _SCREENS and (screen := _SCREEN.search(line)):
            yield from self.screen(module, lines, screen, span)
        elif match is None:
            yield from self.command(module, lines, line, span)
        if match is None:
            return
        is_open = "(" in line[: match.start("path")]
        handler = self.answers.answering(module, lines, span.start, match["rest"], is_open=is_open)
        name = match.groupdict().get("name", "")
        if listed is not None:
            path = "/" + match["path"].lstrip("^/").rstrip("$")
            if handler is not None:
                yield Entry(kind=EntryKind.ROUTE, verb=_verb(name), name=path, span=span, handler=handler)
        elif _is_answered(match, handler):
            said, _, path = match["path"].rpartition(" ")
            yield Entry(kind=EntryKind.ROUTE, verb=said or _verb(name), name=path, span=span, handler=handler)

    def screen(self, module: Module, lines: Sequence[str], match: re.Match[str], span: Span) -> Iterator[Entry]:
        """What a program in a browser shows at an address."""
        told = " ".join((match["rest"], *lines[span.start : span.start + SCREEN_LINES]))
        shown = _SHOWN.search(told)
        handler = self.answers.resolve(shown["name"], module) if shown is not None else None
        if handler is not None:
            yield Entry(kind=EntryKind.ROUTE, name="/" + match["path"].strip("/"), span=span, handler=handler)

    def command(self, module: Module, lines: Sequence[str], line: str, span: Span) -> Iterator[Entry]:
        """A call that names a command: `commands.add_parser("send")`, `Use: "serve"`."""
        if match := _COMMAND.search(line):
            handler = self.answers.answering(module, lines, span.start, line[match.end() :])
            yield Entry(kind=EntryKind.COMMAND, name=match["label"], span=span, handler=handler)


def _under(entry: Entry, line: str, prefixes: Mapping[str, str]) -> Entry:
    """A route with what stands before all of its group's, where the line names the group that it is added to."""
    match = _RECEIVER.match(line)
    before = prefixes.get(match["receiver"]) if match is not None else None
    return (
        entry
        if before is None or entry.kind is not EntryKind.ROUTE
        else replace(entry, name=joined(before, entry.name))
    )


def _is_answered(match: re.Match[str], handler: Symbol | None) -> bool:
    """Whether a call with a path is a way in, and does not ask somebody else for that path."""
    rest = match["rest"].strip()[:1]
    is_asking = _ASKS.search(match["receiver"].rpartition(".")[2]) is not None or rest in {"", ")", ";"}
    is_written_out = "${" not in match["path"]  # what one puts values into is asked for
    return (
        is_written_out
        and (handler is not None or is_inline(match["rest"]))
        and (not is_asking or (handler is not None and rest == ","))
    )


def _main_of(module: Module) -> Iterator[Entry]:
    """What a file is by its place or its definitions alone: a command of Django, a program."""
    command = _DJANGO_COMMAND.search(module.path)
    for symbol in module.symbols:
        if symbol.kind not in {Kind.FUNCTION, Kind.METHOD}:
            continue
        if command is not None and symbol.name == "handle":
            yield Entry(kind=EntryKind.COMMAND, name=command["label"], span=symbol.head, handler=symbol)
        elif module.language != "python" and symbol.name in MAINS:
            yield Entry(kind=EntryKind.PROGRAM, name=module.path, span=symbol.head, handler=symbol)


def _may_enter(line: str, following: str) -> bool:
    """Whether a line could name a way in: a cheap look before the patterns, which most lines do not get."""
    return (
        '"/' in line or "'/" in line or "`/" in line or "@" in line
        or "ET /" in line or "ST /" in line or "UT /" in line or "CH /" in line or "TE /" in line
        or ".command(" in line or ".add_parser(" in line or ".add_command(" in line or "Use:" in line
        or "Group(" in line or "path=" in line or "path:" in line
        or "__main__" in line or "rpc " in line or line.lstrip()[:2].startswith(("[", "#["))
        or (line.endswith("(") and following.lstrip()[:1] in _QUOTES)
    )  # fmt: skip


def _verb(name: str) -> str:
    found = re.search(rf"(?i)(?:^|http|map)({_VERBS})(?:mapping)?$|^({_VERBS})mapping$", name)
    return (found[1] or found[2]).upper() if found is not None else ""
