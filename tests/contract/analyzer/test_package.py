"""The CLI is a package of its own: it builds from the checkout, and what is installed writes a course."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.unit.analyzer.repositories import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def group(name: str) -> set[str]:
    """A dependency group with those that it includes."""
    found: set[str] = set()
    for item in PROJECT["dependency-groups"][name]:
        found |= group(item["include-group"]) if isinstance(item, dict) else {item}
    return found


def test_the_package_needs_what_its_image_needs() -> None:
    assert set(PROJECT["project"]["dependencies"]) == group("analyzer")


def test_an_installed_package_writes_checks_and_shows_a_course(shop: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(tmp_path / "site"), str(wheel)], check=True)
    program = tmp_path / "site" / "bin" / "fondation-cli"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")}

    def run(*arguments: str) -> str:
        command = [sys.executable, str(program), *arguments]
        done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "Analysis complete!" in run("analyze", ".", "-o", "course")
    assert "everything holds" in run("check", "course", "-r", ".")
    run("html", "course", "-o", str(tmp_path / "course.html"))
    assert (tmp_path / "course.html").stat().st_size > 5_000
