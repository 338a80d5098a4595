"""Python facts from tree-sitter: definitions, signatures, docstrings, imports, calls, raises.

A file with syntax errors still gives what the parser recovered. Nothing is resolved here; names are as written.
"""

import importlib
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from analyzer.code.model import Call, Doc, Import, Kind, Module, Parameter, Raise, Role, Span, Symbol
from analyzer.languages import packed

DEFINITIONS = frozenset({"class_definition", "function_definition", "decorated_definition"})
BLOCKS = frozenset({"if_statement", "try_statement", "with_statement", "else_clause", "elif_clause", "except_clause",
                    "finally_clause", "block"})  # fmt: skip
NESTING_MAX = 20
VALUE_MAX_CHARS = 120


def parser() -> Parser:
    """A parser for Python; cheap to make, not to be shared between threads."""
    packed.install()
    return Parser(Language(importlib.import_module("tree_sitter_python").language()))


def text_of(node: Node | None) -> str:
    """The node's source text; empty for None."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def one_line(node: Node | None) -> str:
    """The node's source text on one line: runs of white space as one space, none inside brackets that were broken."""
    text = text_of(node)
    joined = " ".join(text.split())
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", joined)) if "\n" in text else joined


def line_of(node: Node) -> int:
    """The node's first line, counted from 1."""
    return node.start_point.row + 1


def last_line(node: Node) -> int:
    """The node's last line, counted from 1; a node that ends at the start of a line ended on the one before."""
    row, column = node.end_point
    return row if column == 0 and row > node.start_point.row else row + 1


@dataclass(slots=True)
class _Facts:
    """What has been collected of one module."""

    path: str
    symbols: list[Symbol] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    exports: list[str] | None = None
    seen: set[str] = field(default_factory=set)

    def add(self, symbol: Symbol) -> None:
        # A name defined twice (overloads, branches): the last definition is the one that counts at run time.
        if symbol.qualname in self.seen:
            self.symbols = [known for known in self.symbols if known.qualname != symbol.qualname]
        self.seen.add(symbol.qualname)
        self.symbols.append(symbol)


def parse_module(path: str, name: str, role: Role, lines: tuple[str, ...], python: Parser) -> Module:
    """Parse one file; `name` is its dotted import name."""
    source = "\n".join(lines).encode() + b"\n"
    root = python.parse(source).root_node
    facts = _Facts(path=path)
    _statements(root, facts, depth=0)
    return Module(
        path=path,
        language="python",
        role=role,
        line_count=len(lines),
        name=name,
        doc=_docstring(root),
        symbols=tuple(sorted(facts.symbols, key=lambda symbol: (symbol.span.start, symbol.qualname))),
        imports=tuple(facts.imports),
        exports=tuple(facts.exports) if facts.exports is not None else None,
        has_syntax_errors=root.has_error,
    )


def _statements(block: Node, facts: _Facts, depth: int) -> None:
    """Collect module-level statements, those under `if`, `try` and `with` included."""
    for node in block.named_children:
        if node.type in DEFINITIONS:
            _definition(node, facts, parent="", depth=depth)
        elif node.type in {"import_statement", "import_from_statement"}:
            facts.imports.extend(_imports(node))
        elif node.type == "expression_statement":
            _assignment(node, facts)
        elif node.type in BLOCKS and depth < NESTING_MAX:
            _statements(node, facts, depth + 1)


def _definition(node: Node, facts: _Facts, *, parent: str, depth: int) -> None:
    inner = node
    decorators: tuple[str, ...] = ()
    if node.type == "decorated_definition":
        decorators = tuple(one_line(child).lstrip("@ ") for child in node.children if child.type == "decorator")
        definition = node.child_by_field_name("definition")
        if definition is None:
            return
        inner = definition
    if inner.type == "class_definition":
        _class(node, inner, decorators, facts, parent=parent, depth=depth)
    else:
        facts.add(_function(node, inner, decorators, facts, parent=parent))


def _class(outer: Node, node: Node, decorators: tuple[str, ...], facts: _Facts, *, parent: str, depth: int) -> None:
    name = text_of(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    qualname = f"{parent}.{name}" if parent else name
    bases = node.child_by_field_name("superclasses")
    arguments = [one_line(child) for child in bases.named_children if child.type != "comment"] if bases else []
    attributes = dict(_class_attributes(body)) if body else {}
    members = [child for child in body.named_children if child.type in DEFINITIONS] if body else []
    for member in members:
        function = member.child_by_field_name("definition") if member.type == "decorated_definition" else member
        if function is not None and function.type == "function_definition":
            attributes |= {key: value for key, value in _self_types(function) if key not in attributes}
    facts.add(
        Symbol(
            name=name,
            qualname=qualname,
            kind=Kind.CLASS,
            span=Span(path=facts.path, start=line_of(outer), end=last_line(outer)),
            head_start=line_of(node),
            head_end=_head_end(node),
            parent=parent,
            doc=_docstring(body),
            signature=f"({', '.join(arguments)})" if arguments else "",
            decorators=decorators,
            bases=tuple(arguments),
            attribute_types=tuple(sorted(attributes.items())),
        )
    )
    if depth < NESTING_MAX:
        for member in members:
            _definition(member, facts, parent=qualname, depth=depth + 1)


def _function(outer: Node, node: Node, decorators: tuple[str, ...], facts: _Facts, *, parent: str) -> Symbol:
    name = text_of(node.child_by_field_name("name"))
    body = node.child_by_field_name("body")
    qualname = f"{parent}.{name}" if parent else name
    returns = one_line(node.child_by_field_name("return_type"))
    calls, raises, is_generator = _body_facts(body, facts) if body else ((), (), False)
    kind = Kind.METHOD if parent else Kind.FUNCTION
    accessor = (f"{name}.setter", f"{name}.deleter")
    if parent and any(mark.endswith("property") or mark in accessor for mark in decorators):
        kind = Kind.PROPERTY
        if any(mark in accessor for mark in decorators):
            qualname += " (" + decorators[-1].rpartition(".")[2] + ")"
    return Symbol(
        name=name,
        qualname=qualname,
        kind=kind,
        span=Span(path=facts.path, start=line_of(outer), end=last_line(outer)),
        head_start=line_of(node),
        head_end=_head_end(node),
        parent=parent,
        doc=_docstring(body),
        signature=_signature(node, returns),
        parameters=tuple(_parameters(node.child_by_field_name("parameters"))),
        returns=returns,
        decorators=decorators,
        is_async=bool(node.children) and node.children[0].type == "async",
        is_generator=is_generator,
        calls=calls,
        raises=raises,
        attribute_types=tuple(_local_types(body)) if body else (),
    )


def _signature(node: Node, returns: str) -> str:
    return one_line(node.child_by_field_name("parameters")) + (f" -> {returns}" if returns else "")


def _head_end(node: Node) -> int:
    """Line of the colon that ends the signature."""
    for child in node.children:
        if child.type == ":":
            return line_of(child)
    return line_of(node)


def _docstring(block: Node | None) -> Doc | None:
    first = next((child for child in block.named_children if child.type != "comment"), None) if block else None
    if first is None or first.type != "expression_statement" or not first.named_children:
        return None
    string = first.named_children[0]
    if string.type != "string" or len(first.named_children) != 1:
        return None
    parts = [child for child in string.children if child.type == "string_content"]
    if not parts or text_of(string)[:1].lower() not in {'"', "'", "r", "u"}:
        return None
    content = "".join(text_of(part) for part in parts)
    head, newline, rest = content.partition("\n")
    text = (head.strip() + newline + textwrap.dedent(rest)).strip()
    return Doc(text=text, start=line_of(string), end=last_line(string)) if text else None


def _parameters(node: Node | None) -> Iterator[Parameter]:
    keyword_only = False
    for child in node.named_children if node else ():
        if child.type in {"keyword_separator", "list_splat_pattern"}:
            keyword_only = True
            if child.type == "list_splat_pattern":
                yield Parameter(name=text_of(child).lstrip("*"), star="*")
            continue
        if child.type in {"comment", "positional_separator"}:
            continue
        if child.type == "dictionary_splat_pattern":
            yield Parameter(name=text_of(child).lstrip("*"), star="**")
            continue
        if child.type == "identifier":
            yield Parameter(name=text_of(child), keyword_only=keyword_only)
            continue
        name_node = child.child_by_field_name("name") or (child.named_children[0] if child.named_children else child)
        written = one_line(name_node)
        star = "**" if written.startswith("**") else "*" if written.startswith("*") else ""
        yield Parameter(
            name=written.lstrip("*"),
            annotation=one_line(child.child_by_field_name("type")),
            default=one_line(child.child_by_field_name("value")),
            keyword_only=keyword_only and not star,
            star=star,
        )
        keyword_only = keyword_only or star == "*"


def _body_facts(body: Node, facts: _Facts) -> tuple[tuple[Call, ...], tuple[Raise, ...], bool]:
    """Calls, raises and whether it yields; nested definitions count as part of the function around them."""
    found = QueryCursor(body_query()).captures(body)
    calls = [
        Call(name=name, line=line_of(node))
        for node in _in_order(found.get("call", ()))
        if (name := dotted(node.child_by_field_name("function")))
    ]
    raises = [
        Raise(name=name, condition=_condition(node, body), line=line_of(node))
        for node in _in_order(found.get("raise", ()))
        if (name := _raised(node))
    ]
    for node in _in_order(found.get("import", ())):
        facts.imports.extend(_imports(node))
    return tuple(calls), tuple(raises), any(_is_own(node, body) for node in found.get("yield", ()))


@cache
def body_query() -> Query:
    """What is asked of each function's body."""
    language = Language(importlib.import_module("tree_sitter_python").language())
    return Query(
        language,
        "(call) @call (raise_statement) @raise (yield) @yield [(import_statement) (import_from_statement)] @import",
    )


def _in_order(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


def _is_own(node: Node, body: Node) -> bool:
    """Whether no function stands between a node and the body around it."""
    around = node.parent
    while around is not None and around != body:
        if around.type in {"function_definition", "lambda"}:
            return False
        around = around.parent
    return True


def _condition(node: Node, body: Node) -> str:
    """The nearest `if` condition that a node stands under in a body; empty where another statement is nearer."""
    child = node
    while child != body and (around := child.parent) is not None:
        if child.type in {"else_clause", "except_clause", "for_statement", "while_statement"}:
            return ""
        if around.type in {"if_statement", "elif_clause"} and child == around.child_by_field_name("consequence"):
            return one_line(around.child_by_field_name("condition"))
        child = around
    return ""


def _raised(node: Node) -> str:
    target = node.named_children[0] if node.named_children else None
    if target is not None and target.type == "call":
        target = target.child_by_field_name("function")
    return dotted(target)


def dotted(node: Node | None) -> str:
    """The written name of an identifier or attribute chain; `super().x` keeps its shape; empty for anything else."""
    parts: list[str] = []
    while node is not None:
        if node.type == "identifier":
            parts.append(text_of(node))
            return ".".join(reversed(parts))
        if node.type == "call" and text_of(node) == "super()":
            parts.append("super()")
            return ".".join(reversed(parts))
        if node.type != "attribute":
            return ""
        parts.append(text_of(node.child_by_field_name("attribute")))
        node = node.child_by_field_name("object")
    return ""


def _imports(node: Node) -> Iterator[Import]:
    line = line_of(node)
    if node.type == "import_statement":
        for child in node.named_children:
            name = text_of(child.child_by_field_name("name")) if child.type == "aliased_import" else text_of(child)
            alias = text_of(child.child_by_field_name("alias")) if child.type == "aliased_import" else ""
            yield Import(module=name, name="", alias=alias, level=0, line=line)
        return
    source = node.child_by_field_name("module_name")
    written = text_of(source)
    module = written.lstrip(".").strip()
    level = len(written) - len(written.lstrip("."))
    for child in node.named_children:
        if source is not None and child == source:
            continue
        if child.type == "wildcard_import":
            yield Import(module=module, name="*", alias="", level=level, line=line)
        elif child.type == "aliased_import":
            name, alias = text_of(child.child_by_field_name("name")), text_of(child.child_by_field_name("alias"))
            yield Import(module=module, name=name, alias=alias, level=level, line=line_of(child))
        elif child.type == "dotted_name":
            yield Import(module=module, name=text_of(child), alias="", level=level, line=line_of(child))


def _assignment(node: Node, facts: _Facts) -> None:
    target = node.named_children[0] if node.named_children else None
    if target is None or target.type not in {"assignment", "augmented_assignment"}:
        return
    left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
    if left is None or left.type != "identifier" or right is None:
        return
    name = text_of(left)
    if name == "__all__":
        strings = [child for child in right.named_children if child.type == "string"]
        facts.exports = (facts.exports or []) + [text_of(string).strip("'\"") for string in strings]
        return
    if target.type == "assignment" and not name.startswith("__"):
        annotation = one_line(target.child_by_field_name("type"))
        value = one_line(right)
        facts.add(
            Symbol(
                name=name,
                qualname=name,
                kind=Kind.CONSTANT,
                span=Span(path=facts.path, start=line_of(node), end=last_line(node)),
                head_start=line_of(node),
                head_end=line_of(node),
                returns=annotation,
                value=value if len(value) <= VALUE_MAX_CHARS else "",
            )
        )


def _class_attributes(body: Node) -> Iterator[tuple[str, str]]:
    """Annotated class attributes: the fields of a dataclass and their like."""
    for node in body.named_children:
        target = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        if target is not None and target.type == "assignment" and target.child_by_field_name("type") is not None:
            yield text_of(target.child_by_field_name("left")), one_line(target.child_by_field_name("type"))


def _assignments(body: Node) -> Iterator[Node]:
    """Assignments at any depth of statements, in order; expressions are not entered."""
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type == "assignment":
            yield node
            continue
        if node.type.endswith(("statement", "clause")) or node.type in {"block", "with_item"}:
            stack.extend(reversed(node.named_children))


def _type_of_value(assignment: Node, parameters: dict[str, str]) -> str:
    """The written type of what is assigned: an annotation, a constructor's or function's name, a parameter's type."""
    if (annotation := assignment.child_by_field_name("type")) is not None:
        return one_line(annotation)
    right = assignment.child_by_field_name("right")
    if right is not None and right.type == "await" and right.named_children:
        right = right.named_children[0]
    if right is not None and right.type == "call":
        name = dotted(right.child_by_field_name("function"))
        return f"{name}()" if name else ""
    return parameters.get(text_of(right), "") if right is not None and right.type == "identifier" else ""


def _self_types(function: Node) -> Iterator[tuple[str, str]]:
    body = function.child_by_field_name("body")
    parameters = {
        parameter.name: parameter.annotation for parameter in _parameters(function.child_by_field_name("parameters"))
    }
    for assignment in _assignments(body) if body else ():
        name = dotted(assignment.child_by_field_name("left"))
        if name.startswith("self.") and name.count(".") == 1 and (written := _type_of_value(assignment, parameters)):
            yield name.removeprefix("self."), written


def _local_types(body: Node) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for assignment in _assignments(body):
        left = assignment.child_by_field_name("left")
        if left is None or left.type != "identifier" or text_of(left) in seen:
            continue
        if written := _type_of_value(assignment, {}):
            seen.add(text_of(left))
            yield text_of(left), written
