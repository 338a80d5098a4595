"""Runs Claude Code once: a prompt in, an answer or a named error out, within a deadline.

The child has a process group of its own, which is gone when this returns, whatever happened. Its home is a new empty
folder that is removed afterwards.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from analyzer.claude.command import PROGRAM, SYSTEM_PROMPT, claude_argv, claude_environment, standard_input
from analyzer.claude.credential import Credential, read_credential
from analyzer.claude.room import room
from analyzer.claude.transcript import Answer, Lines, Transcript
from analyzer.engine import no_model_engine
from analyzer.errors import ModelUnavailableError, NoModelEngineError, UsageError

DEADLINE_S: Final = 300.0
# A cold start on a busy machine takes ten seconds.
START_S: Final = 30.0
_OUT_OF_TIME: Final = (
    "see whether the model's service can be reached from here (fondation:claudeBaseUrl; Anthropic's own without it);"
    " FONDATION_CLAUDE_DEADLINE_S allows longer answers"
)
_HALTED: Final = "the run was stopped"
_LOOK_S: Final = 0.25
_CHUNK_BYTES: Final = 1 << 16
_STDERR_SHOWN_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """How Claude Code is run.

    Attributes:
        base_url: Address of the service; None for Anthropic's own.
        deadline_s: Longest time of one answer.
        start_s: Longest time until the first line of output.
        system_prompt: Words of ours that stand before every prompt.
        model: Name of the model; None for Claude Code's own choice.
        fallback: Models that may answer where that one is overloaded.
        effort: How much the model thinks; None for its own choice.
        halted: Set when no answer is wanted any more: calls that run end at once, others do not begin.
    """

    program: Path = PROGRAM
    base_url: str | None = None
    deadline_s: float = DEADLINE_S
    start_s: float = START_S
    system_prompt: str = SYSTEM_PROMPT
    model: str | None = None
    fallback: tuple[str, ...] = ()
    effort: str | None = None
    halted: threading.Event = field(default_factory=threading.Event)
    monotonic_s: Callable[[], float] = time.monotonic

    def ask(self, prompt: str, environment: Mapping[str, str]) -> Answer:
        """Return the model's answer.

        Args:
            prompt: What is asked.
            environment: This process's variables.

        Raises:
            NoModelEngineError: There is no Claude Code, or it cannot be started.
            CredentialConfigError: The credential cannot be used as it is delivered.
            OutputNotWritableError: There is no room for the child's home.
            ModelUnavailableError: The model gave no answer.
        """
        if not self.program.is_file():
            raise no_model_engine("run")
        if self.halted.is_set():
            raise ModelUnavailableError(_HALTED)
        credential = read_credential(environment)
        with room() as place, (place / "prompt").open("w+b") as stdin, (place / "errors").open("w+b") as stderr:
            stdin.write(standard_input(prompt))
            stdin.seek(0)
            variables = claude_environment(environment, credential, home=place / "home", base_url=self.base_url)
            beside = self.program.with_name("empty")
            folder = beside if beside.is_dir() else place / "empty"
            child = _start(
                claude_argv(
                    self.program, self.system_prompt, model=self.model, fallback=self.fallback, effort=self.effort
                ),
                folder,
                variables,
                stdin,
                stderr,
            )
            transcript = Transcript(now_s=time.time())
            try:
                timed_out = self._read(child, transcript, credential)
            finally:
                _end(child)
            return _outcome(transcript, timed_out, credential.redact(_tail(stderr)))

    def _read(self, child: subprocess.Popen[bytes], transcript: Transcript, credential: Credential) -> str | None:
        """Read until the result, the end or the deadline; return what took too long."""
        assert child.stdout is not None  # noqa: S101 - it was asked for
        began_s, lines = self.monotonic_s(), Lines()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not transcript.ended and transcript.hopeless() is None:
                limit_s = self.deadline_s if transcript.began else min(self.start_s, self.deadline_s)
                if self.halted.is_set():
                    return _HALTED
                left_s = began_s + limit_s - self.monotonic_s()
                if left_s <= 0:
                    what = "did not answer" if transcript.began else "said nothing"
                    return f"Claude Code {what} within {limit_s:.0f} s"
                if not selector.select(min(left_s, _LOOK_S)):
                    # What the child left behind may hold the pipe open.
                    if _has_ended(child):
                        return None
                    continue
                chunk = os.read(child.stdout.fileno(), _CHUNK_BYTES)
                for line in lines.feed(chunk) if chunk else lines.flush():
                    transcript.take(credential.redact(line))
                if not chunk:
                    return None
        return None


def session_of(environment: Mapping[str, str]) -> Session:
    """Return the session that the environment asks for.

    Raises:
        UsageError: A value is not what it should be.
    """
    text = environment.get("FONDATION_CLAUDE_DEADLINE_S") or str(DEADLINE_S)
    try:
        deadline_s = float(text)
    except ValueError:
        deadline_s = 0.0
    if not 0 < deadline_s <= 86_400:  # noqa: PLR2004 - one day
        raise UsageError(f"FONDATION_CLAUDE_DEADLINE_S is {text!r}", remedy="give seconds, more than 0, at most 86400")
    program = environment.get("FONDATION_CLAUDE_PROGRAM")
    return Session(
        program=Path(program) if program else PROGRAM,
        base_url=environment.get("FONDATION_CLAUDE_BASE_URL") or None,
        deadline_s=deadline_s,
        model=environment.get("FONDATION_CLAUDE_MODEL") or None,
        fallback=tuple(filter(None, environment.get("FONDATION_CLAUDE_FALLBACK_MODELS", "").split(","))),
        effort=environment.get("FONDATION_CLAUDE_EFFORT") or None,
    )


def _start(
    argv: Sequence[str], folder: Path, variables: Mapping[str, str], stdin: IO[bytes], stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv,
            cwd=folder,
            env=variables,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            process_group=0,
        )
    except OSError as error:
        raise NoModelEngineError(
            f"{argv[0]} cannot be started: {error.strerror}", remedy="build the image again for this architecture"
        ) from error


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child has ended; it is not reaped, so that its process group cannot become another's."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child's whole group: after the result nothing of it is needed, and no process of it stays."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _outcome(transcript: Transcript, timed_out: str | None, errors: bytes) -> Answer:
    words = " ".join(errors.decode("utf-8", errors="replace").split())
    said = f"; its last words: {words}" if words else ""
    if not transcript.ended:
        if hopeless := transcript.hopeless():
            raise hopeless
        if timed_out:
            raise ModelUnavailableError(f"{timed_out}{said}", remedy=_OUT_OF_TIME)
        if not transcript.began:
            raise ModelUnavailableError(
                f"Claude Code ended without a word{said}", remedy="see whether `claude --version` works in the image"
            )
    return transcript.answer()


def _tail(stderr: IO[bytes]) -> bytes:
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - _STDERR_SHOWN_BYTES))
    return stderr.read()
