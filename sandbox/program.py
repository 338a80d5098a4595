"""What is run, within which limits, and what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PROGRAMS_MAX: Final = 400
OUTPUT_MAX_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one program may use, and all of a request together.

    Attributes:
        seconds: Time for one program, of the clock and of a processor.
        total_s: Time for all programs of a request; what is left then is not run.
        memory_bytes: Address space of a process.
        file_bytes: Size of a file.
        open_files: Open files of a process.
    """

    seconds: float = 5
    total_s: float = 90
    memory_bytes: int = 1 << 30
    file_bytes: int = 8 << 20
    open_files: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program: its files by name, in one folder, and the one that is started."""

    main: str
    files: Mapping[str, str]


class Ending(StrEnum):
    """How a program came to its end."""

    ENDED = "ended"
    TOO_LONG = "took too long"
    TOO_LOUD = "wrote too much"
    NOT_RUN = "was not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a program: its exit status (negative for a signal) and the first of what it wrote."""

    ending: Ending
    status: int | None = None
    output: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself and without an error."""
        return self.ending is Ending.ENDED and self.status == 0


NOT_RUN: Final = Result(ending=Ending.NOT_RUN)


def dump_programs(programs: Sequence[Program]) -> str:
    """The programs as JSON."""
    return json.dumps([{"main": program.main, "files": dict(program.files)} for program in programs])


def load_programs(text: str) -> list[Program]:
    """The programs of `dump_programs`.

    Raises:
        ValueError: It is something else, or there are too many.
    """
    try:
        found = [_program(item["main"], item["files"]) for item in json.loads(text)]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a list of programs: {error}") from error
    if len(found) > PROGRAMS_MAX:
        raise ValueError(f"{len(found)} programs, at most {PROGRAMS_MAX}")
    return found


def _program(main: object, files: Mapping[str, object]) -> Program:
    return Program(main=plain_name(main), files={plain_name(name): str(text) for name, text in files.items()})


def plain_name(name: object) -> str:
    """The name of a file in one folder.

    Raises:
        ValueError: It is a path, hidden, or no name at all.
    """
    if not isinstance(name, str) or not name.removesuffix(".py").isidentifier():
        raise ValueError(f"{name!r} is not the name of a program's file")
    return name


def dump_results(results: Sequence[Result]) -> str:
    """The results as JSON."""
    return json.dumps([{"ending": item.ending, "status": item.status, "output": item.output} for item in results])


def load_results(text: str, count: int) -> list[Result] | None:
    """The results of `dump_results`; None for anything else: what comes out of a sandbox is not to be trusted."""
    try:
        found = [
            Result(ending=Ending(item["ending"]), status=_status(item["status"]), output=_output(item["output"]))
            for item in json.loads(text)
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if len(found) == count else None


def _status(value: object) -> int | None:
    if value is None or (isinstance(value, int) and -256 < value < 256):  # noqa: PLR2004 - as the kernel has them
        return value
    raise ValueError("not an exit status")


def _output(value: object) -> str:
    if isinstance(value, str) and len(value) <= OUTPUT_MAX_BYTES:
        return value
    raise ValueError("not a program's output")
