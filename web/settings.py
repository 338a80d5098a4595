"""The web application's settings, read once from the environment into a frozen value.

Nothing else in the package reads the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from course.git_credentials import HOSTS_VARIABLE, netlocs_of
from course.repository import UrlPolicy
from web.errors import ConfigurationError

MIN_TOKEN_CHARACTERS: Final = 16
_ENVIRONMENTS: Final = ("production", "development")
_MAX_SECRET_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be printed."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        """Return a fixed text."""
        return "[redacted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the application needs to know.

    Attributes:
        convex_url: The backend's address, without a final slash.
        backend_key: Key for the backend's writes; None where it asks for none.
        access_token: Token that people sign in with; None leaves the pages open (development only).
        url_policy: Which repositories may be submitted.
        private: Hosts, or paths of hosts, whose private repositories can be read.
        mermaid: The diagram library's file; None shows the diagrams' source.
        metrics_port: Port of the metrics, beside that of the pages; None serves none.
        max_streams: Live connections served at once.
    """

    convex_url: str
    backend_key: Secret | None = None
    access_token: Secret | None = None
    url_policy: UrlPolicy = field(default_factory=UrlPolicy)
    private: tuple[str, ...] = ()
    mermaid: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int | None = None
    max_streams: int = 128

    @property
    def is_open(self) -> bool:
        """Whether pages are served without signing in."""
        return self.access_token is None


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment.

    Raises:
        ConfigurationError: At least one variable is missing or wrong; all of them are named.
    """
    return _Reader(environment).settings()


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def settings(self) -> Settings:
        production = self._production()
        token = self._secret("FONDATION_TOKEN_FILE")
        if production and token is None and not self._environment.get("FONDATION_TOKEN_FILE"):
            self._problems.append(
                "FONDATION_TOKEN_FILE is not set: in production give a file that holds the access token"
            )
        if token is not None and len(token.value) < MIN_TOKEN_CHARACTERS:
            self._problems.append(
                f"FONDATION_TOKEN_FILE: the token has {len(token.value)} characters, "
                f"give at least {MIN_TOKEN_CHARACTERS} (openssl rand -hex 32)"
            )
        private = tuple(self._environment.get(HOSTS_VARIABLE, "").split())
        settings = Settings(
            convex_url=self._convex_url(),
            backend_key=self._secret("FONDATION_BACKEND_KEY_FILE"),
            access_token=token,
            url_policy=UrlPolicy(
                local_prefix=self._folder("FONDATION_LOCAL_REPOSITORIES"), known_hosts=netlocs_of(private)
            ),
            private=private,
            mermaid=self._file("FONDATION_MERMAID"),
            host=self._environment.get("FONDATION_HOST") or "127.0.0.1",
            port=self._port("FONDATION_PORT", "8000"),
            metrics_port=self._port("FONDATION_METRICS_PORT", "0") or None,
        )
        if self._problems:
            raise ConfigurationError(self._problems)
        return settings

    def _production(self) -> bool:
        value = self._environment.get("NODE_ENV") or "production"
        if value not in _ENVIRONMENTS:
            self._problems.append(f"NODE_ENV is {value!r}: give {' or '.join(_ENVIRONMENTS)}")
        return value != "development"

    def _convex_url(self) -> str:
        value = self._environment.get("CONVEX_URL", "").rstrip("/")
        try:
            parts = urlsplit(value)
            is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_url = False
        if not is_url:
            self._problems.append(f"CONVEX_URL is {value!r}: give the backend's address, such as http://127.0.0.1:3210")
        return value

    def _port(self, name: str, default: str) -> int:
        value = self._environment.get(name) or default
        if not (value.isascii() and value.isdigit() and int(value) < 1 << 16):
            self._problems.append(f"{name} is {value!r}: give a number from 0 to 65535")
            return 0
        return int(value)

    def _folder(self, name: str) -> str | None:
        value = self._environment.get(name)
        if value and not value.startswith("/"):
            self._problems.append(f"{name} is {value!r}: give an absolute folder")
        return value or None

    def _file(self, name: str) -> Path | None:
        value = self._environment.get(name)
        if not value:
            return None
        if not Path(value).is_file():
            self._problems.append(f"{name} is {value!r}: there is no such file")
        return Path(value)

    def _secret(self, name: str) -> Secret | None:
        value = self._environment.get(name)
        if not value:
            return None
        try:
            with Path(value).open("rb") as file:
                text = file.read(_MAX_SECRET_BYTES).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
            self._problems.append(f"{name} is {value!r}: cannot be read ({reason})")
            return None
        if not text:
            self._problems.append(f"{name} is {value!r}: the file is empty")
            return None
        return Secret(text)
