"""How long it takes from a submitted repository to its published course."""

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from bench.report import Figure, timed
from tests.trial import ROOT, Trial

_RUNS = 3
_LINES = 10_000


def measure(trial: Trial, scratch: Path) -> Iterator[Figure]:
    """Yield the figures of a deployed stack."""
    own = commit_folder(scratch / "fondation", [ROOT / name for name in _own_sources()])
    yield Figure(
        name="this project: submit to published course",
        samples=[_submit(trial, own) for _ in range(_RUNS)],
        unit="s",
        limit=10,
    )
    library = ten_thousand_lines(scratch / "library")
    yield Figure(
        name=f"a repository of {count_lines(library)} lines: submit to published course",
        samples=[_submit(trial, library) for _ in range(_RUNS)],
        unit="s",
        limit=15,
        peer="bare tree-sitter: 258 000 lines per second and core",
    )


def _own_sources() -> list[str]:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return sorted({name.partition("/")[0] for name in tracked})


def _submit(trial: Trial, repository: Path) -> float:
    return timed(lambda: trial.fondation("submit", str(repository), "--wait"))


def ten_thousand_lines(target: Path) -> Path:
    """Return a repository of about 10 000 lines of Python from packages that this environment has installed."""
    site = Path(sysconfig.get_paths()["purelib"])
    chosen: list[Path] = []
    lines = 0
    for package in ("click", "starlette", "jinja2", "httpx", "uvicorn"):
        if lines >= _LINES:
            break
        chosen.append(site / package)
        lines += count_lines(site / package)
    return commit_folder(target, chosen)


def count_lines(folder: Path) -> int:
    """Return the number of lines of the folder's Python files."""
    return sum(len(path.read_bytes().splitlines()) for path in folder.rglob("*.py"))


def commit_folder(target: Path, sources: list[Path]) -> Path:
    """Copy files and folders into a new git repository and commit them."""
    target.mkdir(parents=True)
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        else:
            shutil.copyfile(source, target / source.name)
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "Import"]):
        subprocess.run(["git", *arguments], cwd=target, check=True)
    return target
