"""Where things are in the images."""

from typing import Final

PYTHON: Final = "/opt/fondation/venv/bin/python"
CODE: Final = "/opt/fondation/app"
"""The packages of the project."""
