"""A module's facts from its table: definitions with what they use. The same for every language but Python.

A file with syntax errors still gives what the parser recovered. Nothing is resolved here; names are as written.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node, QueryCursor

from analyzer.code.model import Call, Import, Kind, Module, Parameter, Raise, Role, Span, Symbol
from analyzer.languages.comments import doc_above, file_doc
from analyzer.languages.table import Grammar, grammar_of

SIGNATURE_MAX_CHARS: Final = 240
NAME_DEPTH_MAX: Final = 8
SYMBOLS_MAX: Final = 4_000
KINDS: Final = {
    "class": Kind.CLASS,
    "mixin": Kind.CLASS,
    "type": Kind.CLASS,
    "function": Kind.FUNCTION,
    "method": Kind.METHOD,
    "property": Kind.PROPERTY,
    "constant": Kind.CONSTANT,
    "prototype": Kind.FUNCTION,
    "test": Kind.FUNCTION,
    "scope": Kind.OTHER,
    "module": Kind.OTHER,
}
BODIES: Final = frozenset({"function_body", "class_body", "enum_class_body", "declaration_list", "macro_rule"})
HIDDEN: Final = ("__", "private")  # modules of Rust for a package's own macros
_CALLABLE: Final = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.PROPERTY})
_NAME: Final = re.compile(r"[\w$@.?!]+")
_GENERIC: Final = re.compile(r"<[^<>]*>")
_RAISED: Final = re.compile(r"(?:throw|raise|panic!|bail!)\s*\(?\s*(?:new\s+|try\s+)?(?P<name>[A-Za-z_][\w.:]*)?")
_QUOTES: Final = "'\"`<>"


@dataclass(slots=True)
class _Definition:
    """A definition on the way to becoming a symbol."""

    node: Node
    capture: str
    name: str
    parent: "_Definition | None" = None
    bases: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """The kind that its capture and its place give it."""
        kind = KINDS[self.capture]
        return Kind.METHOD if kind is Kind.FUNCTION and self.owner else kind

    @property
    def owner(self) -> str:
        """Qualified name of the type that it belongs to."""
        above = self.parent
        if (
            above is None
            or above.capture == "module"
            or (above.capture == "mixin" and KINDS[self.capture] is Kind.CLASS)
        ):
            return ""
        return above.qualname

    @property
    def qualname(self) -> str:
        """Dotted name inside the file; an `impl` block has the name of its type."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


def parse_module(path: str, language: str, role: Role, lines: tuple[str, ...]) -> Module:
    """Parse one file of a language that has a table."""
    grammar = grammar_of(language)
    text = "\n".join(lines) + "\n"
    if unreadable := grammar.table.unreadable:
        text = re.sub(unreadable, lambda found: " " * len(found[0]), text)
    root = grammar.parser.parse(text.encode()).root_node
    # They come in the order of their addresses, which is another one in each process.
    captures = {name: sorted(nodes, key=_place) for name, nodes in QueryCursor(grammar.query).captures(root).items()}
    definitions = _definitions(captures, grammar)
    _attribute_uses(captures, definitions)
    exported = {_text(node) for node in captures.get("export", ()) if not _is_hidden(node)}
    symbols: dict[str, Symbol] = {}
    for definition in definitions[:SYMBOLS_MAX]:
        if definition.capture not in {"scope", "module"} and not _is_local(definition):
            symbol = _symbol(path, definition, grammar, lines, exported)
            known = symbols.get(symbol.qualname)
            if known is None or (known.line_count < symbol.line_count and known.signature != symbol.signature):
                symbols[symbol.qualname] = symbol
    return Module(
        path=path,
        language=language,
        role=role,
        line_count=len(lines),
        doc=file_doc(lines, grammar),
        symbols=tuple(sorted(symbols.values(), key=lambda symbol: (symbol.span.start, symbol.qualname))),
        imports=tuple(
            Import(module=_text(node).strip(_QUOTES), name="", alias="", level=0, line=_line(node))
            for node in captures.get("import", ())
        ),
        exports=tuple(sorted(exported)) or None,
        has_syntax_errors=root.has_error,
    )


def _is_hidden(node: Node) -> bool:
    """Whether something is handed out to the package's own macros only: within `mod __private`."""
    around = node.parent
    while around is not None:
        if around.type == "mod_item" and _text(around.child_by_field_name("name")).startswith(HIDDEN):
            return True
        around = around.parent
    return False


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def _place(node: Node) -> tuple[int, int]:
    return node.start_byte, node.end_byte


def _line(node: Node) -> int:
    return node.start_point.row + 1


def _last_line(node: Node) -> int:
    row, column = node.end_point
    return row if column == 0 and row > node.start_point.row else row + 1


def _definitions(captures: dict[str, list[Node]], grammar: Grammar) -> list[_Definition]:
    """Definitions in order of place, each with the one around it."""
    found = [
        _Definition(node=node, capture=capture, name=name)
        for capture in KINDS
        for node in captures.get(capture, ())
        if (name := _name_of(node, capture))
    ]
    found.sort(key=lambda item: (item.node.start_byte, -item.node.end_byte))
    stack: list[_Definition] = []
    for item in found:
        while stack and stack[-1].node.end_byte <= item.node.start_byte:
            stack.pop()
        item.parent = stack[-1] if stack else None
        if owner := _owner_elsewhere(item, grammar):
            item.parent = _Definition(node=item.node, capture="scope", name=owner)
        stack.append(item)
    return found


def _name_of(node: Node, capture: str) -> str:
    if capture == "test":
        arguments = node.child_by_field_name("arguments")
        return _text(arguments.named_children[0]).strip(_QUOTES)[:120] if arguments and arguments.named_children else ""
    if capture == "scope":
        return _plain(_text(node.child_by_field_name("type")))
    inner: Node | None = node
    for _ in range(NAME_DEPTH_MAX):
        if inner is None:
            return ""
        following = inner.child_by_field_name("name") or inner.child_by_field_name("declarator")
        if following is None and inner.type == "assignment_expression":
            following = (inner.child_by_field_name("left") or inner).child_by_field_name("property")
        if following is None and inner.type == "parenthesized_declarator" and inner.named_children:
            following = inner.named_children[0]  # of a pointer to a function
        if following is None:
            break
        inner = following
    if inner is None or inner == node:
        words = ("identifier", "type_identifier", "simple_identifier", "constant", "init")
        inner = next((child for child in node.children if child.type in words), None)
    return _plain(_text(inner)) if inner is not None else ""


def _owner_elsewhere(item: _Definition, grammar: Grammar) -> str:
    """The type that a definition says it belongs to where it stands apart from it; empty where it says none."""
    if item.node.type == "assignment_expression":
        return _object_of(item.node) if item.parent is None else ""
    if grammar.table.name == "go":
        return _receiver(item.node) if item.capture == "method" else ""
    return _qualifier(item.node) if grammar.table.family == "c" else ""


def _object_of(node: Node) -> str:
    """What a function is assigned to, where that is no list of exports: `app` in `app.use = function …`."""
    left = node.child_by_field_name("left")
    owner = _plain(_text(left.child_by_field_name("object"))) if left is not None else ""
    return "" if owner.partition(".")[0] in {"exports", "module"} else owner.removesuffix(".prototype")


def _receiver(node: Node) -> str:
    match = re.search(r"\*?\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)$", _text(node.child_by_field_name("receiver")))
    return match[1] if match else ""


def _qualifier(node: Node) -> str:
    """The type of which something is defined apart from it: `Basket` in `int Basket::total() const`."""
    owner = ""
    inner = node.child_by_field_name("declarator")
    while inner is not None:
        if inner.type == "qualified_identifier":
            owner = _plain(_text(inner.child_by_field_name("scope")))
            inner = inner.child_by_field_name("name")
        else:
            inner = inner.child_by_field_name("declarator")
    return owner


def _plain(text: str) -> str:
    """A written name without generics, with dots between its parts."""
    flat = _GENERIC.sub("", _GENERIC.sub("", "".join(text.split())))
    return flat.replace("?.", ".").replace("::", ".").replace("->", ".").strip("&*!~.")


def _attribute_uses(captures: dict[str, list[Node]], definitions: Sequence[_Definition]) -> None:
    """Give every call, base and raise to the definition around it."""
    starts = [item.node.start_byte for item in definitions]
    for capture in ("call", "base", "raise"):
        for node in captures.get(capture, ()):
            owner = _around(definitions, starts, node)
            if owner is None:
                continue
            if capture == "call":
                name = _callee(node)
                if name and _NAME.fullmatch(name) and len(name) <= SIGNATURE_MAX_CHARS:
                    owner.calls.append(Call(name=name, line=_line(node)))
            elif capture == "base":
                owner.bases.append(_plain(_text(node)))
            elif (match := _RAISED.match(_text(node))) and match["name"]:
                owner.raises.append(Raise(name=_plain(match["name"]), condition="", line=_line(node)))


def _callee(node: Node) -> str:
    """The written name of what is called; of a whole call expression, of its function."""
    if node.type == "method_invocation":
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("name")
        return _plain(f"{_text(owner)}.{_text(name)}" if owner is not None else _text(name))
    if node.type == "call":
        owner, name = node.child_by_field_name("receiver"), node.child_by_field_name("method")
        return _plain(f"{_text(owner)}.{_text(name)}" if owner is not None else _text(name))
    if node.type == "call_expression" and node.children:
        return _plain(_text(node.children[0]))
    return _plain(_text(node))


def _around(definitions: Sequence[_Definition], starts: Sequence[int], node: Node) -> _Definition | None:
    place = bisect_right(starts, node.start_byte) - 1
    item: _Definition | None = definitions[place] if place >= 0 else None
    while item is not None and item.node.end_byte < node.end_byte:
        item = item.parent if item.parent is None or item.parent.node != item.node else None
    while item is not None and _is_local(item):
        item = item.parent
    return item


def _is_local(item: _Definition) -> bool:
    """Whether it is defined inside a function, where no reader can name it."""
    above = item.parent
    return above is not None and KINDS[above.capture] in _CALLABLE and item.capture != "test"


def _outer(node: Node) -> Node:
    """The definition with what is wrapped around it: `export`, a declaration, a template."""
    while node.parent is not None and node.parent.type in {
        "export_statement", "lexical_declaration", "template_declaration", "type_declaration", "expression_statement",
        "const_declaration", "var_declaration",
    } and node.parent.start_point.row >= node.start_point.row - 1 and node.parent.named_child_count <= 2:  # fmt: skip  # noqa: PLR2004
        node = node.parent
    return node


def _symbol(path: str, item: _Definition, grammar: Grammar, lines: Sequence[str], exported: set[str]) -> Symbol:
    outer = _outer(item.node)
    body = _body_of(item.node)
    start, end = _line(outer), _last_line(outer)
    head_end = min(max(start, _line(body) if body is not None and item.kind is not Kind.CONSTANT else start), end)
    head = _head(outer, body if item.kind is not Kind.CONSTANT else None)
    return Symbol(
        name=item.name.rpartition(".")[2] or item.name,
        qualname=item.qualname,
        kind=item.kind,
        span=Span(path=path, start=start, end=end),
        head_start=start,
        head_end=head_end,
        parent=item.owner,
        doc=doc_above(lines, start, grammar),
        signature=head,
        parameters=tuple(_parameters(item.node, grammar)),
        bases=tuple(dict.fromkeys(item.bases)),
        calls=tuple(sorted(item.calls, key=lambda call: call.line)),
        raises=tuple(item.raises),
        value=head.partition("=")[2].strip() if item.kind is Kind.CONSTANT else "",
        is_declared_public=_is_public(item, head, grammar, exported),
    )


def _body_of(node: Node) -> Node | None:
    """What stands behind the signature."""
    named = node.child_by_field_name("body") or node.child_by_field_name("value")
    return named or next((child for child in node.named_children if child.type in BODIES), None)


def _head(outer: Node, body: Node | None) -> str:
    """The signature on one line: everything up to the body, without comments."""
    written = (outer.text or b"")[: body.start_byte - outer.start_byte] if body is not None else outer.text or b""
    lines = [re.sub(r"\s(?://|#).*$", "", line) for line in written.decode("utf-8", "replace").split("\n")]
    text = " ".join(" ".join(line for line in lines if not line.lstrip().startswith(("/*", "*"))).split())
    return text[:SIGNATURE_MAX_CHARS].removesuffix("=>").removesuffix("=").rstrip(" {;:=")


def _is_public(item: _Definition, head: str, grammar: Grammar, exported: set[str]) -> bool:
    table = grammar.table
    if item.capture == "test" or (table.test_name and re.match(table.test_name, item.name)):
        return False
    if not re.match(table.public_name, item.name) or (table.private and re.search(table.private, head)):
        return False
    if _is_in_hidden(item):
        return False
    if item.owner and (table.exports_only or table.name == "rust") and item.capture != "scope":
        return table.name != "rust" or re.match(table.public, head) is not None or _is_of_trait(item)
    if item.name in exported:
        return True
    return re.search(table.public, head) is not None if table.public else True


def _is_in_hidden(item: _Definition) -> bool:
    """As `_is_hidden`, by the definitions around it, which are known: a tree finds its nodes' parents from its root."""
    above = item.parent
    while above is not None:
        if above.node.type == "mod_item" and above.name.startswith(HIDDEN):
            return True
        above = above.parent
    return False


def _is_of_trait(item: _Definition) -> bool:
    """Whether it is declared by a trait, or implements one for a type: both are as public as the trait."""
    around = item.parent.node if item.parent is not None else None
    return around is not None and ("trait" in around.type or around.child_by_field_name("trait") is not None)


def _parameters(node: Node, grammar: Grammar) -> Iterator[Parameter]:
    """Names only, by the side of the type on which the language writes them."""
    inner = node.child_by_field_name("value") or node.child_by_field_name("declarator") or node
    written = inner.child_by_field_name("parameters") or next(
        (child for child in inner.named_children if child.type.endswith("parameters")), inner
    )
    for child in written.named_children:
        if "comment" in child.type or (written is inner and child.type != "parameter"):
            continue
        text = _text(child).partition("=")[0].rstrip("?; ")
        text = text.rpartition(":")[0] or text if not grammar.table.type_first else text
        names = re.findall(r"\$?[A-Za-z_]\w*", text)
        if names:
            yield Parameter(name=names[-1] if grammar.table.type_first else names[0])
