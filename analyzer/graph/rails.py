"""The routes that Rails derives from `config/routes.rb`: resources, and what namespaces and scopes put before them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.graph.entry import joined

ROUTES_FILE: Final = re.compile(r"(^|/)config/routes(/[^/]+)?\.rb$")
JOINED_MAX: Final = 6  # lines of one statement
# What Rails makes of a resource: verb, whether one of them is meant, the path after it, the action.
_ACTIONS: Final = (
    ("GET", False, "", "index"),
    ("GET", False, "/new", "new"),
    ("POST", False, "", "create"),
    ("GET", True, "", "show"),
    ("GET", True, "/edit", "edit"),
    ("PATCH", True, "", "update"),
    ("DELETE", True, "", "destroy"),
)
_SINGLE: Final = ("get", "post", "put", "patch", "delete", "match", "root")  # a route that is written out
_BLOCKS: Final = ("resources", "resource", "namespace", "scope", "member", "collection")
_NAME: Final = r"[:\"']?(?P<name>[\w/:.()*-]+)[\"']?"
_STATEMENT: Final = re.compile(rf"^\s*(?P<word>{'|'.join((*_BLOCKS, *_SINGLE))})\b\s*\(?\s*(?:{_NAME})?")
_OPENS: Final = re.compile(r"\bdo\s*(\|[^|]*\|)?\s*$|^\s*(if|unless|case|begin|def)\b")
_ENDS: Final = re.compile(r"^\s*end\b")
_COMMENT: Final = re.compile(r"^\s*#")
_ACTION: Final = re.compile(r"(?:\bto:\s*|=>\s*)[\"'](?P<controller>[\w/]*)#(?P<action>\w+)[\"']")
_ON: Final = re.compile(r"\bon:\s*:(member|collection)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RailsRoute:
    """One request and the method of a controller that answers it; `controller` is as a path: `settings/profile`."""

    line: int
    verb: str
    path: str
    controller: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What surrounds a statement: the path and the module before it, the controller and the item of a resource."""

    path: str = ""
    module: str = ""
    controller: str = ""
    whole: str = ""  # the path of all of a resource
    item: str = ""  # and of one of them, where members are routed


def rails_routes(lines: Sequence[str]) -> Iterator[RailsRoute]:
    """Every route in order of place, also those that no method answers: Rails does not ask for one."""
    places = [_Place()]
    for number, line in enumerate(lines, start=1):
        if _COMMENT.match(line):
            continue
        if _ENDS.match(line):
            places = places[:-1] or [_Place()]
            continue
        statement = _whole(lines, number)
        match = _STATEMENT.match(statement)
        place, inner = places[-1], places[-1]
        if match is not None:
            inner = _inside(match, statement, place)
            yield from _routes(match, statement, place, inner, number)
        if _OPENS.search(statement):
            places.append(inner)


def _whole(lines: Sequence[str], number: int) -> str:
    """A statement on one line: it goes on after a comma and within brackets."""
    told = lines[number - 1].partition(" #")[0].rstrip()
    for line in lines[number : number + JOINED_MAX]:
        is_open = sum(told.count(sign) for sign in "[(") > sum(told.count(sign) for sign in "])")
        if not (is_open or told.endswith(",")):
            break
        told += " " + line.strip()
    return told


def _inside(match: re.Match[str], statement: str, place: _Place) -> _Place:
    """What surrounds the statements of a block."""
    word, name = match["word"], match["name"] or ""
    if word == "namespace":
        path, module = joined(place.path, name), f"{place.module}{name}/"
        return replace(place, path=path, module=module, controller="", whole="", item="")
    if word == "scope":
        is_path = name and not re.match(r"\s*:?\w+:\s", statement.split("scope", 1)[1].lstrip(" ("))
        path = (name if is_path else "") or _given(statement, "path")
        module = _given(statement, "module")
        return replace(
            place,
            path=joined(place.path, path),
            module=place.module + (f"{module}/" if module else ""),
            whole="",
            item="",
        )
    if word in {"resources", "resource"}:
        whole = joined(place.path, _given(statement, "path") or name)
        is_single = word == "resource"
        param = _given(statement, "param")
        item = whole if is_single else f"{whole}/:{param or 'id'}"
        path = whole if is_single else f"{whole}/:{param or _singular(name) + '_id'}"
        return replace(place, path=path, controller=_controller(word, name, statement), whole=whole, item=item)
    if word == "member":
        return replace(place, path=place.item or place.path)
    if word == "collection":
        return replace(place, path=place.whole or place.path)
    return place


def _routes(match: re.Match[str], statement: str, place: _Place, inner: _Place, line: int) -> Iterator[RailsRoute]:
    """What one statement routes at a place; `inner` is what it puts around others."""
    word, name = match["word"], match["name"] or ""
    if word in {"resources", "resource"} and name:
        inside = _given(statement, "module")
        controller = place.module + (f"{inside}/" if inside else "") + inner.controller
        only, but = _listed(statement, "only"), _listed(statement, "except") or ()
        for verb, is_of_one, after, action in _ACTIONS:
            is_left_out = (only is not None and action not in only) or action in but
            if not is_left_out and not (word == "resource" and action == "index"):
                path = (inner.item if is_of_one else inner.whole) + after
                yield RailsRoute(line=line, verb=verb, path=path, controller=controller, action=action)
    elif word in _SINGLE:
        yield from _single(word, name, statement, place, line)


def _single(word: str, name: str, statement: str, place: _Place, line: int) -> Iterator[RailsRoute]:
    """A route that is written out: its controller is named, or the surrounding resource's."""
    told = _ACTION.search(statement)
    if word == "root":
        told = told or re.search(r"[\"'](?P<controller>[\w/]+)#(?P<action>\w+)[\"']", statement)
        name = ""
    on = _ON.search(statement)
    before = place.path if on is None else place.item if on[1] == "member" else place.whole or place.path
    controller = (told["controller"] if told is not None else _given(statement, "controller")) or place.controller
    action = told["action"] if told is not None else _given(statement, "action") or name.rpartition("/")[2]
    if not controller and "/" in name.strip("/"):  # `get "pages/about"`
        controller = name.strip("/").rpartition("/")[0]
    if controller and re.fullmatch(r"\w+", action):
        verb = "" if word == "match" else "GET" if word == "root" else word.upper()
        yield RailsRoute(
            line=line, verb=verb, path=joined(before, name), controller=place.module + controller, action=action
        )


def _controller(word: str, name: str, statement: str) -> str:
    return _given(statement, "controller") or (_plural(name) if word == "resource" else name)


def _given(statement: str, option: str) -> str:
    """What an option says: `module: :import`, `path: "chat"`."""
    found = re.search(rf"\b{option}:\s*[:\"']?(?P<told>[\w/.-]+)", statement)
    return found["told"] if found is not None else ""


def _listed(statement: str, option: str) -> frozenset[str] | None:
    found = re.search(rf"\b{option}:\s*(?P<told>:\w+|%i\[[^\]]*\]|\[[^\]]*\])", statement)
    return frozenset(re.findall(r"[a-z]\w+", found["told"])) if found is not None else None


def _plural(name: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", name):
        return name if name.endswith("s") else f"{name}es"
    return f"{name[:-1]}ies" if re.search(r"[^aeiou]y$", name) else f"{name}s"


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
