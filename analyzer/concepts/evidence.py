"""What the documentation, the public interface, examples and tests say about each name: the grounds of every choice."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from analyzer.code.declarations import DECLARATION
from analyzer.code.model import Kind, Module, Role, Symbol
from analyzer.concepts.terms import subject_of_name, terms_of
from analyzer.documentation.model import Block, BlockKind, Page, PageRole, Section
from analyzer.graph.links import Links
from analyzer.graph.rank import exported_keys
from analyzer.languages.table import TABLES

_CODE_SPAN: Final = re.compile(r"``([^`]+)``|`([^`]+)`")
_PATH: Final = re.compile(r"[\w./-]+\.\w{1,5}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w+")
_IMPORTED: Final = re.compile(r"^[^\S\n]*import (\w+)[^\S\n]*$", re.MULTILINE)
_ARGUMENT: Final = re.compile(r"(?<=[(,])\s*\w+\s*=(?![=>])")  # what a call gives by name is no use of that name
_QUALIFIED: Final = re.compile(r"\b(\w+)\.(\w+)")
OBJECT_PARTS: Final = 2  # a type and its member, without the module
NAME_MIN_CHARS: Final = 3
NAMESPACE_FROM: Final = 3  # what Ruby opens in so many files is a namespace, not a definition
LANGUAGE_SHARE_MIN: Final = 0.05  # of the source; less is a part for the project's own use
CONSTANT_MIN_MENTIONS: Final = 3
HOPS_MAX: Final = 6
FRONT_MIN: Final = 5
ENTRY_FILES_MAX: Final = 12  # files beside an index are entry points of their own where they are few
SCRIPTS: Final = frozenset({"javascript", "typescript", "jsx", "tsx"})
_INTERNAL: Final = re.compile(
    r"(^|/)(_\w+|internal|internals|private|impl|vendor|testing|testutil|stubs?|mocks?|legacy|deprecated|compat)(/|$)"
)
_NO_PART: Final = re.compile(
    r"(^|/)(vendor|testing|testutil|stubs?|mocks?|legacy|deprecated|\w*migrations?|migrate)(/|$)", re.IGNORECASE
)
_FORMER: Final = re.compile(r"(^|/)v\d+/")  # what a Python package keeps of an earlier version of itself
_LEFT_BEHIND: Final = re.compile(r"[`\"]*-|[`\"]*_?deprecated", re.IGNORECASE)
_MACRO: Final = "macro_rules!"
_FRONTS: Final = re.compile(r"(^|/)(__init__\.py|lib\.rs|mod\.rs|index\.(js|mjs|ts|tsx|cjs)|main\.(js|ts))$")


@dataclass(slots=True, kw_only=True)
class Evidence:
    """Read-only after construction. `public` are the definitions that users of the project can name, by key.

    `exported` are the keys that packages hand out, values too. `term_mentions` counts, for each term, the sections
    whose code has a name with it.
    """

    links: Links
    public: dict[str, Symbol] = field(default_factory=dict)
    by_name: dict[str, list[Symbol]] = field(default_factory=dict)
    mentioned_in: dict[str, list[Section]] = field(default_factory=dict)
    used_in: Counter[str] = field(default_factory=Counter)
    term_mentions: Counter[str] = field(default_factory=Counter)
    pages: dict[str, Page] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()

    @classmethod
    def of(cls, links: Links, *, is_application: bool = False) -> "Evidence":
        """Collect everything in one pass over pages and modules; of an application, all of its code is inside."""
        found = cls(links=links)
        found.exported = frozenset(exported_keys(links))
        public = _within(links) if is_application else _public(links, found.exported)
        found.public = {symbol.key: symbol for symbol in public}
        found._index()
        packages = {module.name.partition(".")[0] for module in links.repository.modules if module.name}
        found.pages = {page.path: page for page in links.repository.documentation.pages}
        for page, section in links.repository.documentation.sections():
            if page.role is not PageRole.META:
                for name in dict.fromkeys(_names_in(section, packages)):
                    found.mentioned_in.setdefault(name, []).append(section)
        for name, sections in found.mentioned_in.items():
            for term in terms_of(name):
                found.term_mentions[term] += len(sections)
        for module in links.repository.modules:
            if module.role in {Role.TEST, Role.EXAMPLE}:
                found.used_in.update(names_used(module))
        found._add_known_constants()
        return found

    def _index(self) -> None:
        self.by_name = {}
        for symbol in self.public.values():
            self.by_name.setdefault(symbol.name, []).append(symbol)

    def _add_known_constants(self) -> None:
        """Exported values that the documentation keeps naming are part of the interface: `flask.session`."""
        for key in sorted(self.exported):
            symbol = self.links.symbols[key]
            known = len(self.mentioned_in.get(symbol.name, ())) >= CONSTANT_MIN_MENTIONS
            known = known and self.links.modules[symbol.span.path].language == "python"
            if symbol.kind is Kind.CONSTANT and known and len(symbol.name) >= NAME_MIN_CHARS:
                self.public[key] = symbol
        self._index()

    def subject(self, symbol: Symbol) -> str:
        """The term that a definition is about: that of the public type at the top of its family."""
        current = symbol
        for _ in range(HOPS_MAX):
            names = [base.partition("[")[0].partition("(")[0].rpartition(".")[2] for base in current.bases]
            if any(subject_of_name(name) == "error" or name == "Throwable" for name in names):
                return "error"
            own = set(terms_of(current.name))
            # A base that nobody writes about says something only where its name is part of the definition's.
            telling = [name for name in names if name in self.mentioned_in or subject_of_name(name) in own]
            above = [self.by_name[name][0] for name in telling if name in self.by_name]
            if not above or above[0].key == current.key:
                break
            current = above[0]
        term = subject_of_name(symbol.name)
        return term if term == "error" else subject_of_name(current.name)

    def weight(self, symbol: Symbol) -> float:
        """How much users deal with a definition: mentions, then uses in examples and tests."""
        sections = len(self.mentioned_in.get(symbol.name, ()))
        uses = self.used_in[symbol.name]
        base = 1.0 + (0.6 if symbol.kind is Kind.CLASS else 0.0) + (0.5 if symbol.doc else 0.0)
        base -= 0.8 if symbol.signature.startswith(("type ", "pub type ", "export type ")) else 0.0
        return base + 1.2 * _log(sections) + 0.7 * _log(uses)

    def named_in(self, text: str) -> Iterator[Symbol]:
        """Public definitions that a piece of code or prose names, in order, each once."""
        for name in dict.fromkeys(_IDENTIFIER.findall(_ARGUMENT.sub(" ", text))):
            yield from self.by_name.get(name, ())[:1]

    def page_of(self, section: Section) -> Page:
        """The page that a section stands on; of a section in a source file, a page of it alone."""
        return self.pages.get(section.path) or Page(path=section.path, title="", sections=(section,))


def _log(count: int) -> float:
    return (count + 1).bit_length() - 1 if count else 0.0


def paths_in(block: Block) -> Iterator[str]:
    """What looks like a file's path in the code spans of prose."""
    if block.kind is not BlockKind.CODE:
        yield from (text for pair in _CODE_SPAN.findall(block.text) if _PATH.fullmatch(text := pair[0] or pair[1]))


def identifiers_in(block: Block) -> Iterator[str]:
    """Names in code: all of an example's, those in code spans of prose."""
    if block.kind is BlockKind.CODE:
        yield from _IDENTIFIER.findall(block.text)
    else:
        for double, single in _CODE_SPAN.findall(block.text):
            yield from _IDENTIFIER.findall(double or single)


def _names_in(section: Section, packages: Collection[str]) -> Iterator[str]:
    """What a section names in code; what its own examples define is theirs, not the project's."""
    for name in section.objects:
        yield from _IDENTIFIER.findall(".".join(name.split(".")[-OBJECT_PARTS:]))
    code = [block.text for block in section.blocks if block.kind is BlockKind.CODE]
    theirs = {name for text in code for name in (*_declared_in(text), *_foreign_in(text, packages))}
    for block in section.blocks:
        yield from (name for name in identifiers_in(block) if name not in theirs)


def _declared_in(text: str) -> Iterator[str]:
    return (match["name"] for match in DECLARATION.finditer(text))


def _foreign_in(text: str, packages: Collection[str]) -> Iterator[str]:
    """What an example takes from modules of others that it imports whole, such as `Event` of `threading.Event`."""
    imported = set(_IMPORTED.findall(text)).difference(packages)
    if imported:
        yield from (name for module, name in _QUALIFIED.findall(text) if module in imported)


def names_used(module: Module) -> set[str]:
    """What a file imports by name and calls."""
    names = {item.name for item in module.imports if item.name and item.name != "*"}
    for symbol in module.symbols:
        names.update(call.name.rpartition(".")[2] for call in symbol.calls)
        names.update(part for call in symbol.calls for part in call.name.split(".")[:-1] if part[:1].isupper())
    return names


def _public(links: Links, exported: frozenset[str]) -> Iterator[Symbol]:
    """What the project hands to its users, as its language says it; the narrowest reading that finds something."""
    subjects = [
        module
        for module in links.repository.subjects
        if (module.language == "python" or module.language in TABLES) and not _INTERNAL.search(module.path)
    ]
    front = _front_names(links)
    documented = _documented(links)
    front |= {links.symbols[key].name for key in documented} if front else set()
    python = [
        links.symbols[key]
        for key in sorted({*exported, *documented}, key=lambda key: (key.count("/"), key))
        if key in links.symbols
        and _is_name(links.symbols[key])
        and not _INTERNAL.search(links.symbols[key].span.path.rpartition("/")[0])
        and not _FORMER.search(links.symbols[key].span.path)
        and (not front or links.symbols[key].name in front)
    ]
    sizes: Counter[str] = Counter()
    for module in subjects:
        sizes[module.language] += module.line_count
    least = sizes.total() * LANGUAGE_SHARE_MIN
    others = [
        symbol
        for module in _handed_out([m for m in subjects if m.language != "python" and sizes[m.language] >= least])
        for symbol in module.symbols
        if not symbol.parent and symbol.is_public and _is_name(symbol)
    ]
    opened = Counter(symbol.name for symbol in others if links.modules[symbol.span.path].language == "ruby")
    others = [symbol for symbol in others if opened[symbol.name] < NAMESPACE_FROM or _is_told(symbol, links)]
    found = [symbol for symbol in python if links.modules[symbol.span.path].language == "python"] + others
    if found:
        yield from found
        return
    for module in subjects:
        yield from (symbol for symbol in module.symbols if not symbol.parent and symbol.is_public and _is_name(symbol))


def is_part(path: str) -> bool:
    """Whether a file of a program is what it does today: nothing brought along, no step of its database's past."""
    return _NO_PART.search(path) is None


def _within(links: Links) -> Iterator[Symbol]:
    """What those who work on a program can name: everything at the top of its files."""
    for module in links.repository.subjects:
        is_code = module.language == "python" or module.language in TABLES
        if is_code and is_part(module.path):
            yield from (symbol for symbol in module.symbols if not symbol.parent and _is_name(symbol))


def _is_told(symbol: Symbol, links: Links) -> bool:
    """Whether what Ruby opens in many files is described here, with methods of its own: no namespace alone."""
    members = links.modules[symbol.span.path].symbols
    return symbol.doc is not None and any(
        member.parent == symbol.qualname and member.kind is Kind.METHOD for member in members
    )


def _documented(links: Links) -> set[str]:
    """Keys of the Python definitions that pages document by name (`.. autoclass::`), where one has that name alone.

    A bare name is a type's; that of a function comes with its module, since methods are documented by bare names, too.
    """
    wanted = {name for _, section in links.repository.documentation.sections() for name in section.objects}
    bare = {name.rpartition(".")[2] for name in wanted}
    found: dict[str, list[str]] = {}
    for module in links.repository.subjects:
        if "/_" in f"/{module.path}":
            continue  # what is documented for those who extend it is not what users name
        for symbol in module.symbols:
            is_named = symbol.name in bare if symbol.kind is Kind.CLASS else f"{module.name}.{symbol.name}" in wanted
            if module.language == "python" and not symbol.parent and is_named:
                found.setdefault(symbol.name, []).append(symbol.key)
    return {keys[0] for keys in found.values() if len(keys) == 1}


def _front_names(links: Links) -> set[str]:
    """What the topmost Python packages hand out by name; empty where that is hardly anything."""
    fronts = [m for m in links.repository.subjects if m.path.endswith("__init__.py")]
    depth = min((module.path.count("/") for module in fronts), default=0)
    names: set[str] = set()
    for module in fronts:
        if module.path.count("/") == depth:
            names.update(module.exports or (item.alias or item.name for item in module.imports if item.name))
    return names if len(names) >= FRONT_MIN else set()


def _handed_out(modules: Sequence[Module]) -> list[Module]:
    """The modules without stubs of others; where a front file names what it hands out, only with that."""
    stubs = {module.path for module in modules if module.path.endswith(".d.ts")}
    kept = [module for module in modules if module.path not in stubs] or list(modules)
    fronts = [module for module in kept if is_front(module.path) and (module.exports or _stars(module))]
    if not fronts:
        return kept
    depth = min(module.path.count("/") for module in fronts)
    names: set[str] = set()
    whole: set[str] = set()
    for front in (module for module in fronts if module.path.count("/") <= depth + 2):
        names.update(front.exports or ())
        names.update(symbol.name for symbol in front.symbols if symbol.is_public)
        whole |= {front.path, *_stars(front)}
        beside = [module.path for module in kept if _folder(module.path) == _folder(front.path)]
        whole.update(beside if len(beside) <= ENTRY_FILES_MAX and front.language in SCRIPTS else ())
    return [
        replace(module, symbols=tuple(s for s in module.symbols if s.name in names or is_macro(s)))
        if not (_stem(module.path) in whole | names or module.path in whole)
        else module
        for module in kept
    ]


def is_macro(symbol: Symbol) -> bool:
    """Whether it is a macro of Rust: called with a mark, and handed out at its package's root, wherever it stands."""
    return symbol.signature.startswith(_MACRO)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _stars(module: Module) -> set[str]:
    """The stems of files that a front file hands on whole: `export * from "./x"`, `pub mod x`."""
    if module.language in {"rust", "python"}:
        return set()
    return {item.module.rpartition("/")[2].partition(".")[0] for item in module.imports if item.module.startswith(".")}


def _stem(path: str) -> str:
    stem = path.rpartition("/")[2].partition(".")[0]
    return path.split("/")[-2] if stem in {"mod", "index"} and "/" in path else stem


def _is_name(symbol: Symbol) -> bool:
    if (
        len(symbol.name) < NAME_MIN_CHARS
        or symbol.name.startswith(("_", "PyInit"))
        or "internal" in symbol.name.lower()
    ):
        return False
    return symbol.kind is not Kind.CONSTANT and not _LEFT_BEHIND.match(symbol.name)


def is_front(path: str) -> bool:
    """Whether a file is what users of a package see first."""
    return _FRONTS.search(path) is not None
