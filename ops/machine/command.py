"""The one gate through which this package starts programs.

Argument lists only, never a shell. Output is read line by line, so that a caller can show it while the program runs;
what is kept for an error message is bounded.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from ops.context import Line
from ops.errors import CommandError

TAIL_LINES: Final = 25
TAIL_LINE_CHARACTERS: Final = 400


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout_s: float = 600,
    interrupt_s: float | None = None,
    on_line: Line | None = None,
    remedy: str = "",
    stdin: str = "",
) -> str:
    """Run a program to its end and return its standard output.

    Args:
        argv: Program and arguments.
        cwd: Working directory; the caller's own by default.
        env: Variables set on top of the process's own; None takes one away.
        timeout_s: The program is killed when it takes longer, in seconds.
        interrupt_s: What an interrupted caller gives the program to end in order, in seconds; it then runs apart from
            the terminal, so that it is interrupted once. None kills it at once.
        on_line: Receives every line of both streams as it comes.
        remedy: Last line of the error message.
        stdin: What the program reads, such as a secret, which arguments and environment would show; nothing by default.

    Raises:
        CommandError: It could not be started, ended with another code than 0, or took too long.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=environment(env or {}, os.environ),
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=interrupt_s is not None,
        )
    except OSError as error:
        raise CommandError(argv, code=127, tail=str(error), remedy=remedy) from error
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    output: list[str] = []
    with process:
        readers: list[threading.Thread] = []
        code: int | None
        # An interrupt may come as soon as the program has printed something, so the readers start inside, too.
        try:
            readers.append(_reader(process.stdout, (output.append, tail.append, on_line)))
            readers.append(_reader(process.stderr, (tail.append, on_line)))
            _feed(process.stdin, stdin)
            code = process.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            code = None
        except BaseException:
            _end(process, interrupt_s)
            raise
        for reader in readers:
            reader.join(timeout=5)
    text = "\n".join(output) + ("\n" if output else "")
    if code != 0:
        raise CommandError(argv, code=code, tail=bounded("\n".join(tail)), remedy=remedy, output=text)
    return text


def _end(process: subprocess.Popen[str], interrupt_s: float | None) -> None:
    if interrupt_s is not None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(timeout=interrupt_s)
    process.kill()


def environment(changes: Mapping[str, str | None], base: Mapping[str, str]) -> dict[str, str]:
    """Return variables with changes applied; a value of None takes the variable away."""
    merged = {**base, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def bounded(text: str) -> str:
    """Return the last lines of a text, each cut to a readable length."""
    lines = text.rstrip().splitlines()[-TAIL_LINES:]
    return "\n".join(line[:TAIL_LINE_CHARACTERS] for line in lines)


def _feed(stream: IO[str] | None, text: str) -> None:
    if stream is not None:
        # A program that ended without reading says why by its exit code.
        with contextlib.suppress(BrokenPipeError), stream:
            stream.write(text)


def _reader(stream: IO[str] | None, sinks: Sequence[Line | None]) -> threading.Thread:
    def read() -> None:
        for line in stream or ():
            for sink in sinks:
                if sink is not None:
                    sink(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
