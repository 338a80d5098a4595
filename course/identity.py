"""The users that the project's images run as; Dockerfiles and `images/os` say the same in numbers."""

from typing import Final

USER_ID: Final = 10001
USER: Final = f"{USER_ID}:{USER_ID}"
SANDBOX_USER_ID: Final = 10002
"""Of the sandbox alone: it owns nothing, and its limit on processes is no other container's."""
