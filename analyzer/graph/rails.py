"""The routes that Rails derives from `config/routes.rb`: resources, and what namespaces and scopes put before them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

ROUTES_FILE: Final = re.compile(r"(^|/)config/routes(/[^/]+)?\.rb$")
JOINED_MAX: Final = 6  # lines of one statement
# What Rails makes of a resource: verb, the path after it, the action; a single one has no list and no identifier.
_ACTIONS: Final = (
    ("GET", "", "index"),
    ("GET", "/new", "new"),
    ("POST", "", "create"),
    ("GET", "/:id", "show"),
    ("GET", "/:id/edit", "edit"),
    ("PATCH", "/:id", "update"),
    ("DELETE", "/:id", "destroy"),
)
_NAME: Final = r"[:\"']?(?P<name>[\w/:.()*-]+)[\"']?"
_STATEMENT: Final = re.compile(
    rf"^\s*(?P<word>resources|resource|namespace|scope|member|collection|get|post|put|patch|delete|match|root)\b\s*\(?\s*(?:{_NAME})?"
)
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
            yield from _routes(match, statement, place, number)
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
        path, module = f"{place.path}/{name}", f"{place.module}{name}/"
        return replace(place, path=path, module=module, controller="", whole="", item="")
    if word == "scope":
        is_path = name and not re.match(r"\s*:?\w+:\s", statement.split("scope", 1)[1].lstrip(" ("))
        path = (name if is_path else "") or _given(statement, "path")
        module = _given(statement, "module")
        return replace(
            place,
            path=_joined(place.path, path),
            module=place.module + (f"{module}/" if module else ""),
            whole="",
            item="",
        )
    if word in {"resources", "resource"}:
        whole = _joined(place.path, _given(statement, "path") or name)
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


def _routes(match: re.Match[str], statement: str, place: _Place, line: int) -> Iterator[RailsRoute]:
    word, name = match["word"], match["name"] or ""
    if word in {"resources", "resource"} and name:
        module = place.module + (f"{inside}/" if (inside := _given(statement, "module")) else "")
        controller = module + _controller(word, name, statement)
        path = _joined(place.path, _given(statement, "path") or name)
        only, but = _listed(statement, "only"), _listed(statement, "except")
        for verb, after, action in _ACTIONS:
            is_left_out = (only is not None and action not in only) or action in (but or ())
            if is_left_out or (word == "resource" and action == "index"):
                continue
            one = "" if word == "resource" else f"/:{_given(statement, 'param') or 'id'}"
            tail = after.replace("/:id", one)
            yield RailsRoute(line=line, verb=verb, path=path + tail, controller=controller, action=action)
    elif word in {"get", "post", "put", "patch", "delete", "match", "root"}:
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
            line=line, verb=verb, path=_joined(before, name), controller=place.module + controller, action=action
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


def _joined(before: str, after: str) -> str:
    return "/".join(part for part in (before.rstrip("/"), after.strip("/")) if part) if before or after else ""


def _plural(name: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", name):
        return name if name.endswith("s") else f"{name}es"
    return f"{name[:-1]}ies" if re.search(r"[^aeiou]y$", name) else f"{name}s"


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
