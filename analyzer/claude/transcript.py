"""What Claude Code writes with `--output-format stream-json`: one JSON object a line, the last one a `result`.

Tolerant of everything but the absence of a result: types and fields that nobody knew are passed over, a line that is
not JSON is ignored, `is_error` counts whatever `subtype` says. Reads no process and no clock.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analyzer.errors import AuthenticationError, ModelUnavailableError, RateLimitedError, UsageError

LINE_MAX_BYTES: Final = 32 << 20
RETRY_AFTER_S: Final = 60.0
_SHOWN: Final = 300
_NUMBER_MAX: Final = 1e18
_UNAUTHORISED: Final = frozenset({401, 403})
_TOO_MANY: Final = 429
# One refusal may pass, as while a credential is replaced; the second one ends the run.
_REFUSALS_MAX: Final = 2
_TOO_LONG: Final = "prompt is too long"
_NOT_LOGGED_IN: Final = ("not logged in", "please run /login", "invalid api key")
_LOG_IN: Final = "the credential has expired, was revoked or is another service's: run `bin/fondation auth rotate`"
_TRY_AGAIN: Final = "try again later; check fondation:claudeBaseUrl where the service is one of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model answered, and what it took. `cost_usd` is the CLI's own estimate."""

    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(slots=True)
class Lines:
    """Cuts bytes into lines, however they arrive; a line longer than `LINE_MAX_BYTES` is dropped whole."""

    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the lines that the chunk completes, without their ends."""
        *ended, rest = chunk.split(b"\n")
        for end in ended:
            self._keep(end)
            yield from self.flush()
        self._keep(rest)

    def flush(self) -> Iterator[bytes]:
        """Yield what is left: a last line without its end."""
        if (line := b"".join(self._parts)).strip():
            yield line
        self._parts, self._size = [], 0

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= LINE_MAX_BYTES:
            self._parts.append(part)
        else:
            self._parts = []


@dataclass(slots=True, kw_only=True)
class Transcript:
    """Takes lines as they come. `now_s` is the time at the start, in seconds since the epoch.

    Attributes:
        began: Whether anything of the CLI's was read.
        ended: Whether the result was read.
    """

    now_s: float
    began: bool = False
    _result: Mapping[str, Any] | None = None
    _said: str = ""
    _refusals: int = 0
    _status: int | None = None
    _retry_after_s: float | None = None

    @property
    def ended(self) -> bool:
        """Whether the result was read."""
        return self._result is not None

    def take(self, line: bytes) -> None:
        """Read one line."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict):
            return
        self.began = True
        match message.get("type"):
            case "result":
                self._result = message
            case "assistant":
                self._said = _text_of(message.get("message")) or self._said
            case "rate_limit_event":
                self._take_limit(message.get("rate_limit_info"))
            case "system" if message.get("subtype") == "api_retry":
                self._take_retry(message)

    def hopeless(self) -> ModelUnavailableError | None:
        """Return why waiting for the CLI's further tries is of no use; None as long as it is."""
        if self._refusals >= _REFUSALS_MAX or self._status == _TOO_MANY:
            return self._failure(self._status, "")
        return None

    def answer(self) -> Answer:
        """Return the answer, once the CLI has ended.

        Raises:
            ModelUnavailableError: There is none; the kind says what to do.
            UsageError: The prompt is too long.
        """
        result = self._result
        if result is None:
            raise self._failure(self._status, "Claude Code ended without a result")
        text = result.get("result")
        text = text if isinstance(text, str) and text else self._said
        subtype = result.get("subtype", "success")
        if result.get("is_error") or subtype != "success":
            if _TOO_LONG in text.lower():
                raise UsageError("the prompt is too long for the model", remedy="ask about less")
            raise self._failure(_number(result.get("api_error_status")), text or str(subtype))
        if not text.strip():
            raise ModelUnavailableError("the model's answer is empty", remedy=_TRY_AGAIN)
        usage = result.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        cost = result.get("total_cost_usd")
        return Answer(
            text=text,
            input_tokens=_number(usage.get("input_tokens")) or 0,
            output_tokens=_number(usage.get("output_tokens")) or 0,
            cost_usd=float(cost) if isinstance(cost, int | float) else 0.0,
        )

    def _take_limit(self, info: object) -> None:
        """Keep when a limit ends; the service tells of limits that still hold, too."""
        if isinstance(info, dict) and info.get("status") == "rejected":
            resets_at = _number(info.get("resetsAt"))
            if resets_at is not None:
                self._retry_after_s = max(0.0, resets_at - self.now_s)

    def _take_retry(self, message: Mapping[str, Any]) -> None:
        self._status = _number(message.get("error_status"))
        if self._status in _UNAUTHORISED:
            self._refusals += 1
        delay_ms = _number(message.get("retry_delay_ms"))
        if self._status == _TOO_MANY and self._retry_after_s is None and delay_ms is not None:
            self._retry_after_s = delay_ms / 1000

    def _failure(self, status: int | None, said: str) -> ModelUnavailableError:
        shown = said.strip()[:_SHOWN]
        words = f": {shown}" if shown else ""
        if status in _UNAUTHORISED or any(mark in said.lower() for mark in _NOT_LOGGED_IN):
            return AuthenticationError(
                f"the service refuses the credential ({status or 'not logged in'}){words}", remedy=_LOG_IN
            )
        if status == _TOO_MANY:
            wait_s = RETRY_AFTER_S if self._retry_after_s is None else self._retry_after_s
            return RateLimitedError(
                f"the service takes no more requests for {wait_s:.0f} s{words}",
                retry_after_s=wait_s,
                remedy="wait until then; a worker does so by itself",
            )
        answered = f" ({status})" if status else ""
        return ModelUnavailableError(f"the model gave no answer{answered}{words}", remedy=_TRY_AGAIN)


def _text_of(message: object) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return ""
    texts = (block.get("text") for block in content if isinstance(block, dict) and block.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:20])
    return int(value) if isinstance(value, int | float) and abs(value) < _NUMBER_MAX else None
