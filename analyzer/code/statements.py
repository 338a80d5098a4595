"""A function's statements, one level deep, in order: what a reader goes through from top to bottom."""

from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from analyzer.code.model import Call, Symbol
from analyzer.code.python import dotted, last_line, line_of, one_line, parser, text_of


class Act(StrEnum):
    """What a statement does."""

    SET = "set"
    CALL = "call"
    BRANCH = "branch"
    LOOP = "loop"
    WHILE = "while"
    WITH = "with"
    TRY = "try"
    RETURN = "return"
    RAISE = "raise"
    YIELD = "yield"
    CHECK = "check"
    DEFINE = "define"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: `subject` and `value` are source texts on one line; `body` what happens inside it.

    SET: subject = value. BRANCH: subject is the condition. LOOP: subject in value. TRY: subject are the exceptions.
    """

    act: Act
    start: int
    end: int
    subject: str = ""
    value: str = ""
    calls: tuple[Call, ...] = ()
    body: tuple["Statement", ...] = ()
    otherwise: tuple["Statement", ...] = ()
    comment: str = ""
    comment_start: int = 0
    comment_end: int = 0


def statements_of(lines: tuple[str, ...], symbol: Symbol) -> tuple[Statement, ...]:
    """The statements of one Python function; empty when it cannot be found again."""
    source = "\n".join(lines).encode() + b"\n"
    root = parser().parse(source).root_node
    node = root.named_descendant_for_point_range((symbol.head_end - 1, 0), (symbol.head_end - 1, 0))
    node = _function_at(root, symbol)
    body = node.child_by_field_name("body") if node is not None else None
    return _block(body, depth=0) if body is not None else ()


def _function_at(root: Node, symbol: Symbol) -> Node | None:
    """The function definition whose name and last line are the symbol's."""
    stack = [root]
    while stack:
        node = stack.pop()
        if line_of(node) > symbol.span.end or last_line(node) < symbol.span.start:
            continue
        if (
            node.type == "function_definition"
            and last_line(node) == symbol.span.end
            and text_of(node.child_by_field_name("name")) == symbol.name
        ):
            return node
        stack.extend(node.named_children)
    return None


def _block(block: Node, depth: int) -> tuple[Statement, ...]:
    found: list[Statement] = []
    comments: list[Node] = []
    for position, node in enumerate(block.named_children):
        if node.type == "comment":
            comments.append(node)
            continue
        if position == 0 and node.type == "expression_statement" and node.named_children[0].type == "string":
            continue
        found.extend(_with_comment(statement, comments) for statement in _statement(node, depth))
        comments = []
    return tuple(found)


def _with_comment(statement: Statement, comments: list[Node]) -> Statement:
    if not comments or line_of(comments[-1]) != statement.start - 1:
        return statement
    text = " ".join(text_of(comment).lstrip("#").strip() for comment in comments)
    return Statement(
        act=statement.act,
        start=statement.start,
        end=statement.end,
        subject=statement.subject,
        value=statement.value,
        calls=statement.calls,
        body=statement.body,
        otherwise=statement.otherwise,
        comment=text,
        comment_start=line_of(comments[0]),
        comment_end=line_of(comments[-1]),
    )


def _statement(node: Node, depth: int) -> list[Statement]:
    start, end = line_of(node), last_line(node)
    kind = node.type
    if kind == "expression_statement" and node.named_children:
        return _expression(node.named_children[0], start, end)
    if kind in {"return_statement", "raise_statement", "assert_statement"}:
        act = {"return_statement": Act.RETURN, "raise_statement": Act.RAISE, "assert_statement": Act.CHECK}[kind]
        value = node.named_children[0] if node.named_children else None
        return [Statement(act=act, start=start, end=end, value=one_line(value), calls=_calls(node))]
    if kind == "if_statement":
        return [_branch(node, depth)]
    if kind in {"for_statement", "while_statement", "with_statement", "try_statement"}:
        return [_nested(node, kind, depth)]
    if kind in {"function_definition", "decorated_definition", "class_definition"}:
        inner = node.child_by_field_name("definition") if kind == "decorated_definition" else node
        name = text_of(inner.child_by_field_name("name")) if inner is not None else ""
        return [Statement(act=Act.DEFINE, start=start, end=end, subject=name)]
    return []


def _expression(node: Node, start: int, end: int) -> list[Statement]:
    if node.type in {"assignment", "augmented_assignment"}:
        right = node.child_by_field_name("right")
        if right is None:
            return []
        subject = one_line(node.child_by_field_name("left"))
        act = Act.YIELD if right.type == "yield" else Act.SET
        value = (
            one_line(right) if act is Act.SET else one_line(right.named_children[0] if right.named_children else None)
        )
        return [Statement(act=act, start=start, end=end, subject=subject, value=value, calls=_calls(node))]
    if node.type == "yield":
        value = one_line(node.named_children[0] if node.named_children else None)
        return [Statement(act=Act.YIELD, start=start, end=end, value=value, calls=_calls(node))]
    calls = _calls(node)
    return [Statement(act=Act.CALL, start=start, end=end, value=one_line(node), calls=calls)] if calls else []


def _branch(node: Node, depth: int) -> Statement:
    consequence = node.child_by_field_name("consequence")
    alternatives = [child for child in node.named_children if child.type in {"elif_clause", "else_clause"}]
    otherwise: list[Statement] = []
    for child in alternatives:
        inner = child.child_by_field_name("consequence") or child.child_by_field_name("body")
        body = _block(inner, depth + 1) if inner is not None else ()
        condition = one_line(child.child_by_field_name("condition"))
        otherwise.append(
            Statement(act=Act.BRANCH, start=line_of(child), end=last_line(child), subject=condition, body=body)
        )
    condition_node = node.child_by_field_name("condition")
    return Statement(
        act=Act.BRANCH,
        start=line_of(node),
        end=last_line(node),
        subject=one_line(condition_node),
        calls=_calls(condition_node) if condition_node is not None else (),
        body=_block(consequence, depth + 1) if consequence is not None else (),
        otherwise=tuple(otherwise),
    )


def _nested(node: Node, kind: str, depth: int) -> Statement:
    body = node.child_by_field_name("body")
    inside = _block(body, depth + 1) if body is not None else ()
    start, end = line_of(node), last_line(node)
    if kind == "for_statement":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        calls = _calls(right) if right is not None else ()
        return Statement(
            act=Act.LOOP, start=start, end=end, subject=one_line(left), value=one_line(right), body=inside, calls=calls
        )
    if kind == "while_statement":
        return Statement(
            act=Act.WHILE, start=start, end=end, subject=one_line(node.child_by_field_name("condition")), body=inside
        )
    if kind == "with_statement":
        clause = next((child for child in node.named_children if child.type == "with_clause"), None)
        calls = _calls(clause) if clause is not None else ()
        return Statement(act=Act.WITH, start=start, end=end, subject=one_line(clause), body=inside, calls=calls)
    caught = [
        one_line(child.named_children[0])
        for child in node.named_children
        if child.type == "except_clause" and child.named_children and child.named_children[0].type != "block"
    ]
    finals = [child for child in node.named_children if child.type == "finally_clause" and child.named_children]
    otherwise = _block(finals[0].named_children[-1], depth + 1) if finals else ()
    return Statement(act=Act.TRY, start=start, end=end, subject=", ".join(caught), body=inside, otherwise=otherwise)


def _calls(node: Node) -> tuple[Call, ...]:
    found: list[Call] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "call" and (name := dotted(current.child_by_field_name("function"))):
            found.append(Call(name=name, line=line_of(current)))
        if current.type not in {"lambda", "function_definition"}:
            stack.extend(reversed(current.named_children))
    return tuple(found)
