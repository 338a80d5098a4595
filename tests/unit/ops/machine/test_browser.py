from pathlib import Path

import pytest

from ops.errors import OperatorNeededError
from ops.machine.browser import VARIABLES, browser, require_start


def program(folder: Path, name: str, script: str = "exit 0") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
def test_a_browser_on_path_is_used_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    assert browser({"PATH": str(tmp_path)}) is None
    path = program(tmp_path, name)
    assert browser({"PATH": str(tmp_path)}) == path


def test_a_variable_names_one_elsewhere(tmp_path: Path) -> None:
    program(tmp_path, "chromium")
    (tmp_path / "apps").mkdir()
    own = program(tmp_path / "apps", "my-chrome")
    for name in VARIABLES:
        assert browser({"PATH": str(tmp_path), name: own}) == own
        with pytest.raises(OperatorNeededError, match=f"{name} is '/nowhere': that is no program"):
            browser({"PATH": str(tmp_path), name: "/nowhere"})


def test_a_browser_that_starts_tells_its_version(tmp_path: Path) -> None:
    assert require_start(program(tmp_path, "chrome", "echo Chromium 1.2")) == "Chromium 1.2"


def test_a_browser_that_does_not_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    broken = program(tmp_path, "chrome", "echo libnss3.so: cannot open shared object file >&2; exit 127")
    with pytest.raises(OperatorNeededError, match=r"(?s)chrome does not start: .*127.*libnss3.so.*name it in PLAYWR"):
        require_start(broken)
