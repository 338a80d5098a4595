"""Who may use the pages: the access token, the session cookie that stands for it, and the form token.

A session cookie is `<expiry>.<nonce>.<mac>`; it is signed with a key derived from the access token and does not hold
it, so a new access token ends every session. Nothing is stored but the sessions that were signed out.
"""

import hashlib
import hmac
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from web.settings import Secret

SESSION_S: Final = 12 * 3600
SESSION_COOKIE: Final = "fondation-session"
FORM_COOKIE: Final = "fondation-form"
FAILURES: Final = 5
FAILURE_REFILL_S: Final = 12.0
_MAX_REMEMBERED: Final = 4096


class Sessions:
    """Signs sessions and checks them.

    Args:
        token: The access token; None means that no session is needed.
        now_s: Epoch seconds.
        nonce: A fresh random text.
    """

    def __init__(
        self,
        token: Secret | None,
        *,
        now_s: Callable[[], float],
        nonce: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._token = token.value.encode() if token else b""
        self._key = hmac.digest(self._token, b"fondation web session", "sha256")
        self._now_s = now_s
        self._nonce = nonce
        self._ended: OrderedDict[str, None] = OrderedDict()
        self.is_open = token is None

    def accepts(self, token: str) -> bool:
        """Return whether this is the access token, in a time that does not depend on where it differs."""
        given = hashlib.sha256(token.strip().encode()).digest()
        return not self.is_open and hmac.compare_digest(given, hashlib.sha256(self._token).digest())

    def start(self) -> str:
        """Return the cookie of a new session."""
        body = f"{int(self._now_s()) + SESSION_S}.{self._nonce()}"
        return f"{body}.{self._mac(body)}"

    def is_valid(self, cookie: str | None) -> bool:
        """Return whether a cookie stands for a session that is signed, not expired and not ended."""
        if self.is_open:
            return True
        body, _, mac = (cookie or "").rpartition(".")
        expiry, _, _ = body.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()) or body in self._ended:
            return False
        return expiry.isascii() and expiry.isdigit() and self._now_s() < int(expiry)

    def end(self, cookie: str | None) -> None:
        """Make a session invalid before it expires."""
        if cookie and self.is_valid(cookie):
            self._ended[cookie.rpartition(".")[0]] = None
            while len(self._ended) > _MAX_REMEMBERED:
                self._ended.popitem(last=False)

    def _mac(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), "sha256").hexdigest()


class FormTokens:
    """Ties forms to the browser that asked for them: a form's token is the signature of the browser's cookie."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, cookie: str) -> str:
        """Return the token that forms of this browser carry."""
        return hmac.new(self._secret, f"form {cookie}".encode(), "sha256").hexdigest()

    def accepts(self, cookie: str | None, token: str) -> bool:
        """Return whether a form's token belongs to the browser's cookie."""
        return bool(cookie) and hmac.compare_digest(token.encode(), self.token(cookie or "").encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How a try of a secret went: right or wrong, or not looked at for so many seconds yet."""

    is_right: bool = False
    wait_s: int = 0


class Throttle:
    """Slows down guessing: a few failures at once, then one per `refill_s`, counted per client."""

    def __init__(
        self, *, now_s: Callable[[], float], failures: int = FAILURES, refill_s: float = FAILURE_REFILL_S
    ) -> None:
        self._now_s = now_s
        self._failures = failures
        self._refill_s = refill_s
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def attempt(self, client: str, is_right: Callable[[], bool]) -> Attempt:
        """Let a client try, and count it where it was wrong."""
        if wait_s := self.wait_s(client):
            return Attempt(wait_s=wait_s)
        if is_right():
            return Attempt(is_right=True)
        self.fail(client)
        return Attempt()

    def wait_s(self, client: str) -> int:
        """Return how many seconds a client must wait before its next try; 0 when it need not."""
        spent = self._current(client)
        return 0 if spent <= self._failures - 1 else math.ceil((spent - self._failures + 1) * self._refill_s)

    def fail(self, client: str) -> None:
        """Count a failure."""
        self._spent[client] = (self._current(client) + 1, self._now_s())
        self._spent.move_to_end(client)
        while len(self._spent) > _MAX_REMEMBERED:
            self._spent.popitem(last=False)

    def _current(self, client: str) -> float:
        spent, at_s = self._spent.get(client, (0.0, 0.0))
        return max(0.0, spent - (self._now_s() - at_s) / self._refill_s)
