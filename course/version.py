"""The version of the project, as its programs tell it. `pyproject.toml` and the images' labels say the same."""

from typing import Final

VERSION: Final = "0.1.0"
