"""Where the wheels of a lock file are kept, outside the checkout.

Downloading them is the set-up's part; the program only looks.
"""

import hashlib
from pathlib import Path


def wheel_dir(cache: Path, lock_text: str) -> Path:
    """Return the folder of the wheels that a lock file pins; the same text always names the same folder.

    Args:
        cache: The user's cache folder of the project.
        lock_text: The lock file's content.
    """
    return cache / "wheels" / hashlib.sha256(lock_text.encode()).hexdigest()[:16]
