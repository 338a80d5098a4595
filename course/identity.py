"""The user that everything in the project's images runs as; Dockerfiles and `images/os` say the same in numbers."""

from typing import Final

USER_ID: Final = 10001
USER: Final = f"{USER_ID}:{USER_ID}"
