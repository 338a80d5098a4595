"""File names inside the course folder (contract: one folder, three YAML files, three folders of Markdown)."""

import re
from typing import Final

OUTPUT_DIR: Final = ".claude-tutorial-output"
ABSTRACTIONS_FILE: Final = "step1_abstractions.yaml"
RELATIONSHIPS_FILE: Final = "step2_relationships.yaml"
ORDER_FILE: Final = "step3_order.yaml"
CHAPTERS_DIR: Final = "chapters"
REVIEWED_DIR: Final = "reviewed-chapters"
TUTORIALS_DIR: Final = "tutorials"

_INDEX: Final = re.compile(r"^(?:chapter|tutorial)_(\d+)(?:_|\.|$)")


def slugify(name: str) -> str:
    """Return the part of a file name that stands for a chapter's name.

    Lower case; white space and everything outside a-z, 0-9, `_` and `-` become `_`; runs of `_` become one.
    """
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9_-]", "_", re.sub(r"\s+", "_", name.strip().lower())))


def chapter_file(index: int, name: str) -> str:
    """Return a chapter's file name; `index` counts from 0 in teaching order."""
    return f"chapter_{index}_{slugify(name)}.md"


def tutorial_file(index: int, name: str) -> str:
    """Return a tutorial's file name; `index` is that of its chapter."""
    return f"tutorial_{index}_{slugify(name)}.md"


def file_index(file_name: str) -> int | None:
    """Return the number in `chapter_<n>_…` or `tutorial_<n>_…`, or None where there is none."""
    match = _INDEX.match(file_name)
    return int(match[1]) if match else None
