"""A course whose examples were run: what it says of them, and what it does not say."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.execution.package import PackageTooLargeError, package_files
from analyzer.execution.runner import LocalRunner
from analyzer.source import snapshot
from analyzer.static.catalogue import Words
from analyzer.static.mapping import map_repository
from tests.unit.analyzer.repositories import README, SHOP, Files, analyze, contents

Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]
RAN = "were run at this commit"
SESSION = README.replace(
    "```python\nfrom shop import Basket\n\nBasket().add('apple')\n```",
    "```pycon\n>>> from shop import Basket\n>>> Basket().add('apple')\n3\n```",
)


def course_of(folder: Path, out: Path) -> str:
    analyze(folder, out, runner=LocalRunner())
    return "\n".join(path.read_text() for path in sorted(out.rglob("*.md")) if path.parent.name != "chapters")


def test_a_tutorial_says_what_was_seen_to_hold(shop: Path, tmp_path: Path) -> None:
    text = course_of(shop, tmp_path / "out")
    assert RAN in text
    assert "it printed:\n\n```text\n6\n```" in text


def test_without_being_asked_nothing_is_run(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it was run")

    monkeypatch.setattr("analyzer.execution.runner.run_program", refuse)
    analyze(shop, tmp_path / "out")
    assert RAN not in "\n".join(path.read_text() for path in (tmp_path / "out").rglob("*.md"))


def test_a_script_that_does_not_hold_is_not_offered(repository: Make, tmp_path: Path) -> None:
    wrong = SHOP | {"tests/test_basket.py": SHOP["tests/test_basket.py"].replace("== 6", "== 7")}
    text = course_of(repository(wrong), tmp_path / "out")
    assert RAN not in text
    assert "check.py" not in text


@pytest.mark.parametrize(
    ("readme", "says"),
    [
        (README, True),
        (README.replace(".add('apple')", ".add('stone')"), False),
        (README.replace("Basket().add", "import missing_package; Basket().add"), False),
        (SESSION, True),
        (SESSION.replace("\n3\n", "\n4\n"), False),
    ],
)
def test_an_example_is_said_to_run_only_when_it_did(
    repository: Make, tmp_path: Path, readme: str, *, says: bool
) -> None:
    without_test = {name: text for name, text in SHOP.items() if not name.startswith("tests/")}
    text = course_of(repository(without_test | {"README.md": readme}), tmp_path / "out")
    assert ("Run at this commit" in text) is says


def test_the_same_commit_gives_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    course_of(shop, tmp_path / "one")
    course_of(shop, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_course_that_was_not_run_is_made_anew_when_it_is_to_be(cli: Run, shop: Path, tmp_path: Path) -> None:
    assert cli("analyze", shop, "-o", tmp_path / "out").returncode == 0
    done = cli("analyze", shop, "-o", tmp_path / "out", "--run")
    assert "examples and checks were run" in done.stderr
    assert RAN in "".join(path.read_text() for path in (tmp_path / "out" / "tutorials").iterdir())


def test_a_package_that_needs_more_than_the_commit_runs_nothing_else(
    cli: Run, repository: Make, tmp_path: Path
) -> None:
    needy = SHOP | {"src/shop/__init__.py": "import missing_package\n" + str(SHOP["src/shop/__init__.py"])}
    done = cli("analyze", repository(needy), "-o", tmp_path / "out", "--run")
    assert done.returncode == 0
    assert (
        "cannot be imported from the commit alone (ModuleNotFoundError: No module named 'missing_package')"
        in done.stderr
    )
    assert RAN not in "".join(path.read_text() for path in (tmp_path / "out" / "tutorials").iterdir())


def test_a_sandbox_that_is_not_there_costs_no_course(cli: Run, shop: Path, tmp_path: Path) -> None:
    done = cli("analyze", shop, "-o", tmp_path / "out", "--sandbox", tmp_path / "nowhere")
    assert done.returncode == 0
    assert "Examples were not run: " in done.stderr
    assert "nowhere" in done.stderr


def test_run_and_sandbox_contradict_each_other(cli: Run, shop: Path) -> None:
    assert cli("analyze", shop, "--run", "--sandbox", "/srv").returncode == 2


def files_of(folder: Path) -> dict[str, bytes]:
    found = snapshot.read(snapshot.list_repository(folder))
    return package_files(found, map_repository(found, Words("en")).repository)


@pytest.mark.parametrize("commit", [True, False])
def test_the_package_is_what_the_commit_has_without_tests(repository: Make, *, commit: bool) -> None:
    more: Files = SHOP | {"src/shop/data.bin": b"\0\1", "tests/shop_helper.py": "X = 1\n", "src/shop/font.woff": b"x"}
    found = files_of(repository(more, commit=commit))
    expected = {"shop/__init__.py", "shop/basket.py", "shop/prices.py", *(["shop/data.bin"] if commit else [])}
    assert set(found) == expected


def test_a_package_that_is_too_large_is_not_run(
    repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.execution.package.PACKAGE_MAX_BYTES", 10)
    folder = repository(SHOP)
    with pytest.raises(PackageTooLargeError, match="more than"):
        files_of(folder)
    assert RAN not in course_of(folder, tmp_path / "out")
