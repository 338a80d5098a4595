"""The platform of the Docker daemon that images are built for, as set-up noted it.

Planning never asks the daemon: it may be far away, or not there in a preview. Set-up asks it each time.
"""

from pathlib import Path
from typing import Final

_FILE: Final = Path("docker") / "platform"


def platform_file(home: Path) -> Path:
    """Return where the platform is noted, below the project's home."""
    return home / _FILE


def daemon_platform(home: Path) -> str | None:
    """Return the platform, such as `linux/amd64`; None before set-up has asked, and the provider then names its own."""
    try:
        return platform_file(home).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
