"""What Claude Code writes with `--output-format stream-json`: one JSON object a line, the last one a `result`.

Tolerant of everything but the absence of a result: types and fields that nobody knew are passed over, a line that is
not JSON is ignored, `is_error` counts whatever `subtype` says. Reads no process and no clock.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from analyzer.errors import (
    AuthenticationError,
    CutAnswerError,
    ModelUnavailableError,
    PaymentError,
    RateLimitedError,
    RefusalError,
    UsageError,
)

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
_INPUT_TOKENS: Final = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_NOT_A_MODEL: Final = "<synthetic>"  # whom the CLI names where it speaks itself
_REFUSAL: Final = "refusal"
_CUT: Final = re.compile(r"output token maximum|max_output_tokens", re.IGNORECASE)
_UNPAID: Final = ("extra usage", "credit balance", "billing", "payment", "plan limits")
_PAY: Final = (
    "see what the account may use, or take an API key: `bin/fondation auth rotate`; a worker goes on by itself then"
)
_DECLINED: Final = "ask in other words; a course takes the chapter that needs no model instead"
_LOG_IN: Final = "the credential has expired, was revoked or is another service's: run `bin/fondation auth rotate`"
TRY_AGAIN: Final = "try again later; check fondation:claudeBaseUrl where the service is one of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model answered, and what it took.

    Attributes:
        input_tokens: All that was sent: read anew, written to the service's cache, and read from it.
        cost_usd: The CLI's own estimate.
        model: Who answered, as the service says; empty where it does not say.
    """

    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    model: str = ""


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
    _parts: list[str] = field(default_factory=list)
    _message_id: object = None
    _goes_on: bool = False
    _model: str = ""
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
                self._take_said(message.get("message"))
            case "user":
                # The CLI's own words after an answer that was cut: what comes next continues it.
                self._goes_on = True
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
        said = "".join(self._parts)
        # The result is the last part alone.
        text = said if len(self._parts) > 1 or not isinstance(text, str) or not text else text
        subtype = result.get("subtype", "success")
        if result.get("is_error") or subtype != "success":
            if _TOO_LONG in text.lower():
                raise UsageError("the prompt is too long for the model", remedy="ask about less")
            told = result.get("result")
            text = told if isinstance(told, str) and told else said
            raise self._failure(_number(result.get("api_error_status")), text or str(subtype), result)
        usage = result.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        cost = result.get("total_cost_usd")
        return Answer(
            text=text,
            input_tokens=sum(_number(usage.get(name)) or 0 for name in _INPUT_TOKENS),
            output_tokens=_number(usage.get("output_tokens")) or 0,
            cost_usd=float(cost) if isinstance(cost, int | float) else 0.0,
            model=self._model,
        )

    def _take_said(self, message: object) -> None:
        """Keep a piece of the answer: of the same message, of one that continues it, or of another try."""
        text = _text_of(message)
        if not isinstance(message, dict) or not text or message.get("model") == _NOT_A_MODEL:
            return
        self._model = str(message.get("model") or self._model)
        same = message.get("id") is not None and message.get("id") == self._message_id
        if same and self._parts:
            self._parts[-1] += text
        elif self._goes_on:
            self._parts.append(text)
        else:
            self._parts[-1:] = [text]
        self._message_id, self._goes_on = message.get("id"), False

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

    def _failure(self, status: int | None, said: str, result: Mapping[str, Any] | None = None) -> ModelUnavailableError:
        shown = said.strip()[:_SHOWN]
        words = f": {shown}" if shown else ""
        if status in _UNAUTHORISED or any(mark in said.lower() for mark in _NOT_LOGGED_IN):
            return AuthenticationError(
                f"the service refuses the credential ({status or 'not logged in'}){words}", remedy=_LOG_IN
            )
        if any(mark in said.lower() for mark in _UNPAID):
            return PaymentError(f"the service wants to be paid otherwise{words}", remedy=_PAY)
        if result is not None and result.get("stop_reason") == _REFUSAL:
            return RefusalError(f"the model declines to answer{words}", remedy=_DECLINED)
        if _CUT.search(said):
            return CutAnswerError(f"the answer was cut{words}", remedy="ask for less")
        if status == _TOO_MANY:
            wait_s = RETRY_AFTER_S if self._retry_after_s is None else self._retry_after_s
            return RateLimitedError(
                f"the service takes no more requests for {wait_s:.0f} s{words}",
                retry_after_s=wait_s,
                remedy="wait until then; a worker does so by itself",
            )
        answered = f" ({status})" if status else ""
        return ModelUnavailableError(f"the model gave no answer{answered}{words}", remedy=TRY_AGAIN)


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
