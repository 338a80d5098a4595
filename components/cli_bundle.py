"""The existing CLI as an operator brings it: a folder with its bundle, its prompts and its package file.

Only looked at here; what is in it goes into an image as it is, so nothing of it is started on this machine.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic.alias_generators import to_snake

if TYPE_CHECKING:
    from components.configuration import StackKeys

PROGRAM: Final = "dist/cli.bundled.cjs"
PACKAGE: Final = "package.json"
PROMPTS: Final = "prompts"
# A bundle starts a Claude Code for every chapter at once; each takes some 200 MB and a dozen threads.
MEMORY_MIB: Final = 4096
PROCESSES: Final = 1024
_UNHEEDED: Final = (
    "claudeVersion", "claudeEffort", "claudeFallbackModels", "claudeParallel", "claudeWhenLimited", "claudeTokensMax",
    "claudeBudgetUsd", "runExamples",
)  # fmt: skip
_MAX_BYTES: Final = 64 << 20
_MAX_FILES: Final = 1000


class BundleError(Exception):
    """The folder cannot be used; the message names what it lacks."""


def bundle_problems(keys: "StackKeys") -> list[str]:
    """Return what is wrong with a stack's bundle and what else it sets, each with its remedy; nothing without one."""
    if keys.cli_bundle is None:
        return []
    try:
        bundle_files(keys.cli_bundle)
    except BundleError as error:
        return [str(error)]
    problems = []
    if keys.engine != "claude":
        problems.append(
            f"fondation:cliBundle is set and fondation:engine is {keys.engine}: a bundle asks Claude, set it with"
            " `pulumi config set fondation:engine claude`"
        )
    problems += [
        f"fondation:{key} is set, which a bundle does not heed: remove it with `pulumi config rm fondation:{key}`, or"
        " fondation:cliBundle"
        for key in _UNHEEDED
        if keys.has(key) and getattr(keys, to_snake(key))
    ]
    for key, value, least in (
        ("workerMemoryMib", keys.worker_memory_mib, MEMORY_MIB),
        ("workerProcesses", keys.worker_processes, PROCESSES),
    ):
        if value < least:
            problems.append(
                f"fondation:{key} is {value}: a bundle runs a Claude Code for every chapter at once; set it to"
                f" {least} or more"
            )
    return problems


def bundle_files(folder: Path | None) -> Mapping[str, Path]:
    """Return the files of a bundle by their name in its folder: `dist/`, `prompts/` and `package.json`.

    Symbolic links and hidden files are left out, as everything else in the folder is.

    Raises:
        BundleError: It lacks one of the three, or is too large.
    """
    shown = f"fondation:cliBundle is {str(folder)!r}"
    if folder is None or not folder.is_dir():
        raise BundleError(f"{shown}: there is no such folder")
    found = {
        path.relative_to(folder).as_posix(): path
        for part in ("dist", PROMPTS, PACKAGE)
        for path in ([folder / part] if part == PACKAGE else sorted((folder / part).rglob("*")))
        if path.is_file()
        and not path.is_symlink()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    }
    missing = [name for name in (PROGRAM, PACKAGE) if name not in found]
    if not any(name.startswith(f"{PROMPTS}/") and name.endswith(".md") for name in found):
        missing.append(f"{PROMPTS}/*.md")
    if missing:
        raise BundleError(f"{shown}: it has no {', no '.join(missing)}: name the folder of the built CLI")
    size = sum(path.stat().st_size for path in found.values())
    if size > _MAX_BYTES or len(found) > _MAX_FILES:
        raise BundleError(
            f"{shown}: it has {len(found)} files of {size} bytes, at most {_MAX_FILES} of {_MAX_BYTES}: name the folder"
            " of the built CLI alone"
        )
    return found
