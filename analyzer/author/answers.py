"""What the model answers in steps 1 to 3 and in a review, read from JSON and held to what it was asked for."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analyzer.concepts.terms import terms_of, words_of
from analyzer.markup import one_line

NAME_MAX_CHARS: Final = 60
TEXT_MAX_CHARS: Final = 2_000
DESCRIPTION_MAX_CHARS: Final = 700
LABEL_MAX_CHARS: Final = 80
_FENCE: Final = re.compile(r"^\s*```\w*\s*\n(.*?)\n```\s*$", re.DOTALL)
_VERDICTS: Final = frozenset({"contradicted", "not shown"})


class FaultyAnswerError(Exception):
    """An answer that is not what was asked for; the message is a list of its faults, for whoever answers again."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One concept of step 1: its name, what it is, and the candidates that it is made of, by their place."""

    name: str
    description: str
    candidates: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A sentence that is not supported, by its number; `instead` is what to say in its place, or nothing."""

    sentence: int
    verdict: str
    why: str
    instead: str


def read_concepts(text: str, candidates: Sequence[str], *, least: int, most: int) -> list[Chosen]:
    """Step 1. `candidates` are the words that each candidate's name may be made of, in the order of their marks."""
    items = _loaded(text, list)
    faults: list[str] = []
    if not least <= len(items) <= most:
        faults.append(f"{len(items)} concepts; {least} to {most} are wanted")
    found: list[Chosen] = []
    used: set[int] = set()
    names: set[str] = set()
    for number, item in enumerate(items, start=1):
        name = one_line(_text(item, "name"))
        places = [_place(mark, "K", len(candidates)) for mark in _list(item, "from")]
        known = [place for place in places if place is not None]
        if not name or len(name) > NAME_MAX_CHARS or name.lower() in names:
            faults.append(f"concept {number}: a name of 1 to {NAME_MAX_CHARS} characters of its own is wanted")
        if not known or len(known) < len(places):
            faults.append(f"concept {number}: “from” needs marks from K1 to K{len(candidates)}")
        if not used.isdisjoint(known):
            faults.append(f"concept {number}: a candidate of it is in an earlier concept already")
        if known and not _is_said_by(name, " ".join(candidates[place] for place in known)):
            faults.append(f"concept {number}: no word of “{name}” is in a heading or a name of its candidates")
        used.update(known)
        names.add(name.lower())
        description = one_line(_text(item, "description"))[:DESCRIPTION_MAX_CHARS]
        found.append(Chosen(name=name, description=description, candidates=tuple(known)))
    _refuse(faults)
    return found


def _is_said_by(name: str, words: str) -> bool:
    """Whether a name has a term of the words, or one of them as it stands ("Quick start" has no term)."""
    written = {word.lower() for word in words_of(words) if len(word) > 3}  # noqa: PLR2004 - no articles
    return not set(terms_of(name)).isdisjoint(terms_of(words)) or any(
        word.lower() in written for word in words_of(name)
    )


def read_relations(text: str, uses: int) -> tuple[str, list[tuple[int, str]]]:
    """Step 2: the summary, and uses by their place with their labels."""
    content = _loaded(text, dict)
    faults: list[str] = []
    found: list[tuple[int, str]] = []
    for item in _list(content, "relations"):
        place = _place(item.get("use") if isinstance(item, dict) else None, "R", uses)
        label = one_line(_text(item, "label"))[:LABEL_MAX_CHARS]
        if place is None or not label:
            faults.append(f"a relation needs a use from R1 to R{uses} and a label")
        elif place not in {known for known, _ in found}:
            found.append((place, label))
    summary = _text(content, "summary")[:TEXT_MAX_CHARS].strip()
    if not summary:
        faults.append("the summary is empty")
    _refuse(faults)
    return summary, found


def read_order(text: str, names: Collection[str]) -> list[tuple[str, str]]:
    """Step 3: every name once, each with its reason."""
    items = _list(_loaded(text, dict), "order")
    found = [(_text(item, "name").strip(), one_line(_text(item, "why"))[:TEXT_MAX_CHARS]) for item in items]
    said = [name for name, _ in found]
    faults = [f"“{name}” is not the name of a concept" for name in said if name not in names]
    faults += [f"“{name}” is there twice" for name in sorted({name for name in said if said.count(name) > 1})]
    faults += [f"“{name}” is missing" for name in names if name not in said]
    _refuse(faults)
    return found


def read_review(text: str, count: int) -> list[Verdict]:
    """The sentences that a review does not let pass, of `count`."""
    content = _loaded(text, dict)
    faults: list[str] = []
    if content.get("checked") != count:
        faults.append(f"“checked” is {content.get('checked')!r}; there are {count} sentences, and all are to be read")
    found: list[Verdict] = []
    for item in _list(content, "failed"):
        number = item.get("sentence") if isinstance(item, dict) else None
        verdict = _text(item, "verdict").strip().lower()
        if not isinstance(number, int) or not 1 <= number <= count or verdict not in _VERDICTS:
            faults.append("each failed sentence needs its number and the verdict “contradicted” or “not shown”")
            continue
        instead = one_line(_text(item, "instead"))[:TEXT_MAX_CHARS]
        found.append(Verdict(sentence=number, verdict=verdict, why=one_line(_text(item, "why")), instead=instead))
    _refuse(faults)
    return found


def _loaded(text: str, kind: type[Any]) -> Any:  # noqa: ANN401 - whatever the model wrote; the callers check it
    match = _FENCE.match(text)
    try:
        content = json.loads(match[1] if match else text)
    except (ValueError, RecursionError) as error:
        raise FaultyAnswerError([f"it is not JSON alone: {error}"]) from error
    if not isinstance(content, kind):
        raise FaultyAnswerError([f"it is not a JSON {'list' if kind is list else 'object'}"])
    return content


def _text(item: object, key: str) -> str:
    value = item.get(key) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) else ""


def _list(item: object, key: str) -> list[Any]:
    value = item.get(key) if isinstance(item, Mapping) else None
    return value if isinstance(value, list) else []


def _place(mark: object, letter: str, count: int) -> int | None:
    match = re.fullmatch(rf"\[*{letter}(\d{{1,4}})\]*", mark.strip()) if isinstance(mark, str) else None
    place = int(match[1]) - 1 if match else -1
    return place if 0 <= place < count else None


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise FaultyAnswerError(list(dict.fromkeys(faults)))
