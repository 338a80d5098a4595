"""Cases of the function contract, played on a backend: what callers may rely on, whoever answers.

`cases.yaml` has the calls and the time between them, `expected.json` the answers. They are written anew, from the
embedded backend, by `python -m tests.contract.functions.played`: read what changes before it is kept.
"""

import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

import yaml

from backend.app import create_app
from backend.settings import Key, Settings
from tests.unit.backend.conftest import Server

Json: TypeAlias = Any
Answers: TypeAlias = dict[str, list[Json]]

HERE: Final = Path(__file__).parent
EXPECTED: Final = HERE / "expected.json"
START_MS: Final = 1_800_000_000_000.0
KEY: Final = "key-of-the-cases-0123456789"
_LONG: Final = re.compile(r"<(\d+) characters>")
_ID: Final = re.compile(r"[A-Za-z0-9]{31,32}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
# What differs from run to run, or is where the other backend does not show it: leases live apart from their jobs there.
_LEFT_OUT: Final = frozenset(
    {"_creationTime", "createdAt", "updatedAt", "completedAt", "runAt", "nextRunAt", "leaseUntil", "timestamp", "ts"}
    | {"normalizedAt", "dedupeKey", "sourceKey"}
)
_RECLAIMED_S: Final = 20.0


def cases() -> list[Json]:
    """Return the cases; a text such as `<12 characters>` is that long."""
    found: list[Json] = _spelled_out(yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8")))
    return found


def expected() -> Answers:
    """Return the answers, by the case's name."""
    found: Answers = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return found


def played_on_the_embedded_backend(scratch: Path) -> Answers:
    """Play all cases over HTTP, each on a backend of its own whose clock is the case's."""
    return {case["name"]: _played(case, scratch / str(number)) for number, case in enumerate(cases())}


def normalised(answers: Answers) -> Answers:
    """Return answers in which ids are numbered by their first appearance and times are left out."""
    return {name: _Normaliser().of(found) for name, found in answers.items()}


class _Normaliser:
    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def of(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return {key: self.of(item) for key, item in sorted(value.items()) if key not in _LEFT_OUT}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if isinstance(value, str) and _ID.fullmatch(value):
            return self._ids.setdefault(value, f"<id {len(self._ids)}>")
        if isinstance(value, str) and _UUID.fullmatch(value):
            return "<uuid>"
        return int(value) if isinstance(value, float) and value.is_integer() else value


def _played(case: Json, folder: Path) -> list[Json]:
    folder.mkdir()
    database, now = folder / "backend.sqlite3", [START_MS]
    settings = Settings(database=str(database), key=Key(KEY))
    app = create_app(settings, clock=lambda: now[0], random=Random(7))  # noqa: S311 - the same each time
    known: dict[str, Json] = {}
    answers: list[Json] = []
    with Server(app) as server:
        for step in case["steps"]:
            now[0] += step.get("advance", 0)
            if step.get("reclaim"):
                _await_reclaim(database, now[0])
            kind = next((kind for kind in ("mutation", "query") if kind in step), None)
            if kind is None:
                continue
            body = {"path": step[kind], "args": _filled(step.get("args", {}), known), "format": "json"}
            answer = server.http.post(f"/api/{kind}", json=body, headers={"Authorization": f"Convex {KEY}"}).json()
            if answer["status"] == "success":
                answers.append({"value": answer["value"]})
                known[step.get("as", "")] = answer["value"]
            else:
                answers.append({"refused": answer["errorData"]["code"]})
    return answers


def _await_reclaim(database: Path, now_ms: float) -> None:
    """Wait until the backend's own timer has ended every attempt whose lease ran out."""
    deadline = time.monotonic() + _RECLAIMED_S
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as reader:
        while reader.execute("SELECT count(*) FROM jobs WHERE leaseUntil <= ?", (now_ms,)).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    reader.close()


def _filled(value: Json, known: Mapping[str, Json]) -> Json:
    if isinstance(value, str) and value.startswith("$"):
        name, *path = value[1:].split(".")
        found = known[name]
        for part in path:
            found = found[part]
        return found
    if isinstance(value, Mapping):
        return {key: _filled(item, known) for key, item in value.items()}
    return [_filled(item, known) for item in value] if isinstance(value, list) else value


def _spelled_out(value: Json) -> Json:
    if isinstance(value, str) and (match := _LONG.fullmatch(value)):
        return "x" * int(match[1])
    if isinstance(value, Mapping):
        return {key: _spelled_out(item) for key, item in value.items()}
    return [_spelled_out(item) for item in value] if isinstance(value, list) else value


def functions_called() -> Iterator[str]:
    """Yield the path of every function that a case calls."""
    for case in cases():
        for step in case["steps"]:
            yield from (step[kind] for kind in ("mutation", "query") if kind in step)


def main() -> None:
    """Write the answers of the embedded backend."""
    with tempfile.TemporaryDirectory() as scratch:
        answers = normalised(played_on_the_embedded_backend(Path(scratch)))
    EXPECTED.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
