"""The analysing CLI as a program: its command line, its environment, what its exit codes mean. Runs nothing."""

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from course.exit_codes import CREDENTIAL_CODES, ExitCode
from course.redaction import bounded
from course.steps import Language
from worker.errors import CredentialError, JobError, PermanentError, RateLimitedError, TryAgainError
from worker.processes import Finished
from worker.progress import Complaint

_RETRY_AFTER_S: Final = 60.0
_PROBE_PROMPT: Final = "Answer with the single word: ready"
_PERMANENT: Final[Mapping[int, str]] = {
    ExitCode.USAGE: "the CLI does not understand the worker's command line; check FONDATION_CLI and FONDATION_ENGINE",
    ExitCode.NOTHING_TO_ANALYSE: "the repository holds nothing to analyse",
    ExitCode.UNREADABLE_INPUT: "the repository cannot be read",
    ExitCode.NO_MODEL_ENGINE: "no model engine is configured",
    ExitCode.MODEL_CHANGED: "another model answered than the one that is asked for",
    ExitCode.CHECK_FAILED: "the course did not pass the CLI's own checks",
}
_CAUSE_MAX: Final = 1500
_SHELL_SIGNAL_BASE: Final = 128
_CANNOT_START: Final = frozenset({126, 127})


def analyze_argv(
    cli: Sequence[str], *, clone: Path, output: Path, engine: str, language: Language, sandbox: Path | None = None
) -> tuple[str, ...]:
    """Return the command line of an analysis; `output` lies outside the clone, whose content cannot pass for output."""
    argv = (*cli, "--json", "analyze", str(clone), "-o", str(output), "--engine", engine, "--language", language)
    return argv if sandbox is None else (*argv, "--sandbox", str(sandbox))


def probe_argv(cli: Sequence[str]) -> tuple[str, ...]:
    """Return the command line of one short prompt to the model."""
    return (*cli, "--json", "run", "-p", _PROBE_PROMPT)


def cli_environment(inherited: Mapping[str, str], *, home: Path, temporary: Path) -> dict[str, str]:
    """Return the CLI's whole environment: no key, no token, no setting of the worker."""
    return {
        "PATH": "/usr/bin:/bin",
        **inherited,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }


def cli_failure(finished: Finished, complaint: Complaint | None) -> JobError:
    """Return what a failed run means.

    Exit codes are those of our CLI. The existing CLI ends with 1 for every cause, so 1 may pass on another try.
    """
    code = finished.code
    said = str(complaint) if complaint else _last_line(finished.stderr_tail)
    cause = f": {bounded(said, max_characters=_CAUSE_MAX)}" if said else ""
    if code < 0 or code > _SHELL_SIGNAL_BASE:
        number = -code if code < 0 else code - _SHELL_SIGNAL_BASE
        return TryAgainError(f"the CLI was ended by {_signal_name(number)}{cause}")
    if code in _CANNOT_START:
        return TryAgainError(f"the CLI could not be started{cause}; check FONDATION_CLI")
    if code in CREDENTIAL_CODES:
        return CredentialError(f"the credential is refused{cause}")
    if code == ExitCode.RATE_LIMITED:
        named_s = complaint.retry_after_s if complaint else None
        after_s = _RETRY_AFTER_S if named_s is None else named_s
        return RateLimitedError(f"the model takes no more requests for now{cause}", retry_after_s=after_s)
    if reason := _PERMANENT.get(code):
        return PermanentError(f"{reason}{cause}")
    return TryAgainError(f"the CLI ended with code {code}{cause}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
