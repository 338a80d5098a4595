"""Checkpoints: what is kept, what is written anew, what is never touched, and what a kill costs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from analyzer.errors import OutputNotWritableError, UnreadableInputError, UsageError
from analyzer.manifest import MANIFEST_FILE, Identity, Manifest, StepStatus, generator_version, parse_manifest
from analyzer.pipeline import Existing
from course.folder import read_folder
from course.layout import OUTPUT_DIR, chapter_file
from course.steps import Step
from tests.unit.analyzer.repositories import ROOT, SHOP, analyze, contents, git, write


def test_the_folder_is_that_of_the_contract(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    out = tmp_path / "out"
    abstractions = yaml.safe_load((out / "step1_abstractions.yaml").read_text())
    assert all(item.keys() == {"name", "description", "file_paths", "evidence"} for item in abstractions)
    assert all(piece["citation"] for item in abstractions for piece in item["evidence"])
    assert all((shop / path).is_file() for item in abstractions for path in item["file_paths"])
    relationships = yaml.safe_load((out / "step2_relationships.yaml").read_text())
    assert relationships["commit"] == git(shop, "rev-parse", "HEAD")
    assert relationships["engine"] == "static"
    assert {key for item in relationships["relationships"] for key in item} == {
        "from_abstraction", "to_abstraction", "label", "evidence",
    }  # fmt: skip
    order = yaml.safe_load((out / "step3_order.yaml").read_text())["order"]
    assert [entry["index"] for entry in order] == list(range(len(abstractions)))
    assert {entry["name"] for entry in order} == {item["name"] for item in abstractions}
    for entry in order:
        name = chapter_file(entry["index"], entry["name"])
        text = (out / "chapters" / name).read_text()
        assert text.splitlines()[0] == f"# Chapter {entry['index'] + 1}: {entry['name']}"
        assert "## Review" in (out / "reviewed-chapters" / name).read_text()
    course = read_folder(out)
    assert not course.problems
    assert len(course.documents) == 3 + 3 * len(order)


def test_every_abstraction_is_in_a_relationship(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    items = yaml.safe_load((tmp_path / "out/step2_relationships.yaml").read_text())["relationships"]
    count = len(yaml.safe_load((tmp_path / "out/step1_abstractions.yaml").read_text()))
    assert {item[key] for item in items for key in ("from_abstraction", "to_abstraction")} == set(range(count))


def test_two_clones_and_any_number_of_processes_give_the_same_bytes(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(shop), "another name")
    analyze(shop, tmp_path / "one")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    command = [
        sys.executable,
        "-m",
        "analyzer",
        "analyze",
        str(tmp_path / "another name"),
        "-o",
        str(tmp_path / "two"),
        "-p",
        "3",
    ]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    del one[MANIFEST_FILE], two[MANIFEST_FILE]
    assert one == two


def test_an_unchanged_commit_costs_nothing(shop: Path, tmp_path: Path) -> None:
    first = analyze(shop, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    second = analyze(shop, tmp_path / "out")
    assert second.written == 0
    assert second.kept == first.written
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_a_new_commit_is_analysed_anew(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    write(shop, {"src/shop/basket.py": SHOP["src/shop/basket.py"].replace("Basket", "Trolley")})
    git(shop, "commit", "--quiet", "--all", "--message", "second")
    analyze(shop, tmp_path / "out")
    everything = b"".join(contents(tmp_path / "out").values()).decode()
    assert "`Trolley`" in everything
    assert "class Basket" not in everything


def test_a_commit_rewrites_what_differs_and_gives_the_same_bytes_as_from_scratch(shop: Path, tmp_path: Path) -> None:
    first = analyze(shop, tmp_path / "out")
    write(shop, {"notes.txt": "Nothing that a course is about.\n"})
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message", "second")
    same = analyze(shop, tmp_path / "out")
    assert same.kept > first.written / 2, "chapters that say the same were written again"
    write(shop, {"src/shop/prices.py": SHOP["src/shop/prices.py"].replace("Return the price", "Say the price")})
    git(shop, "commit", "--quiet", "--all", "--message", "third")
    third = analyze(shop, tmp_path / "out")
    assert third.written > 0
    analyze(shop, tmp_path / "scratch")
    once, anew = contents(tmp_path / "out"), contents(tmp_path / "scratch")
    del once[MANIFEST_FILE], anew[MANIFEST_FILE]
    assert once == anew


def test_a_file_that_was_changed_or_lost_is_written_again(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    before = contents(tmp_path / "out")
    chapters = sorted((tmp_path / "out/chapters").iterdir())
    chapters[0].write_text("spoiled")
    chapters[1].unlink()
    assert analyze(shop, tmp_path / "out").written == 2
    assert contents(tmp_path / "out") == before


def test_overwrite_writes_everything(shop: Path, tmp_path: Path) -> None:
    first = analyze(shop, tmp_path / "out")
    assert analyze(shop, tmp_path / "out", existing=Existing.OVERWRITE).written == first.written


def test_skip_existing_keeps_what_people_wrote(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    chapter = min((tmp_path / "out/tutorials").iterdir())
    chapter.write_text("# Interactive Tutorial: Mine\n\nBy hand.\n")
    analyze(shop, tmp_path / "out", existing=Existing.KEEP)
    assert "By hand." in chapter.read_text()


def test_stale_files_of_another_course_are_removed_and_nothing_else(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(out, {"chapters/chapter_9_old.md": "# Old\n", "tutorials/tutorial_9_old.md": "# Old\n", "notes.txt": "mine"})
    write(out, {"step1_abstractions.yaml": "- name: Old\n", "chapters/keep.txt": "mine"})
    analyze(shop, out)
    assert not (out / "chapters/chapter_9_old.md").exists()
    assert not (out / "tutorials/tutorial_9_old.md").exists()
    assert "Old" not in (out / "step1_abstractions.yaml").read_text()
    assert (out / "notes.txt").read_text() == (out / "chapters/keep.txt").read_text() == "mine"


def test_a_course_that_the_repository_tracks_is_not_ours(repository: Callable[..., Path], tmp_path: Path) -> None:
    stale = {
        f"{OUTPUT_DIR}/chapters/chapter_0_old.md": "# Old\n",
        f"{OUTPUT_DIR}/step1_abstractions.yaml": "- name: Old\n",
    }
    folder = repository(SHOP | stale)
    with pytest.raises(OutputNotWritableError, match="belongs to the repository"):
        analyze(folder, None)
    assert (folder / f"{OUTPUT_DIR}/chapters/chapter_0_old.md").exists()
    analyze(folder, tmp_path / "out")
    assert b"Old" not in b"".join(contents(tmp_path / "out").values())
    analyze(folder, None, existing=Existing.OVERWRITE)
    assert not (folder / f"{OUTPUT_DIR}/chapters/chapter_0_old.md").exists()


def test_our_own_output_does_not_change_what_is_analysed(repository: Callable[..., Path]) -> None:
    folder = repository(SHOP, commit=False)
    analyze(folder, None)
    assert analyze(folder, None).written == 0


def test_steps_build_on_the_files_of_earlier_steps(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="step3_order"):
        analyze(shop, out, steps=(Step.EXTRACT, Step.GENERATE_CHAPTERS))
    analyze(shop, out, steps=(Step.EXTRACT, Step.ANALYZE, Step.ORDER))
    order = yaml.safe_load((out / "step3_order.yaml").read_text())
    order["order"].reverse()
    for index, entry in enumerate(order["order"]):
        entry["index"] = index
    (out / "step3_order.yaml").write_text(yaml.safe_dump(order))
    analyze(shop, out, steps=(Step.GENERATE_CHAPTERS, Step.REVIEW_CHAPTERS, Step.GENERATE_TUTORIALS))
    first = order["order"][0]["name"]
    assert (out / "reviewed-chapters" / chapter_file(0, first)).read_text().startswith(f"# Chapter 1: {first}\n")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("step1_abstractions.yaml", "{", "not YAML"),
        ("step1_abstractions.yaml", "[]", "expected a list"),
        ("step1_abstractions.yaml", "- name: 3\n  description: x\n  file_paths: []\n", "needs name as str"),
        (
            "step2_relationships.yaml",
            "relationships: [{from_abstraction: 99, to_abstraction: 0, label: x}]",
            "points outside",
        ),
        ("step3_order.yaml", "order: [{index: 0, name: Nobody}]", "not the name of an abstraction"),
        ("step3_order.yaml", "order: 3", "expected the key order"),
    ],
)
def test_a_step_file_that_is_wrong_is_named(shop: Path, tmp_path: Path, name: str, text: str, reason: str) -> None:
    out = tmp_path / "out"
    analyze(shop, out, steps=(Step.EXTRACT, Step.ANALYZE, Step.ORDER))
    (out / name).write_text(text)
    with pytest.raises(UnreadableInputError, match=f"{name}.*{reason}"):
        analyze(shop, out, steps=(Step.GENERATE_CHAPTERS,))


def test_a_run_that_is_killed_continues(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "whole", version=generator_version())
    expected = contents(tmp_path / "whole")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "analyzer", "analyze", str(shop), "-o", str(out)]
    process = subprocess.Popen(
        command, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not list(out.glob("chapters/*.md")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    survived = contents(out)
    recorded = parse_manifest((out / MANIFEST_FILE).read_text())
    assert recorded is not None
    outcome = analyze(shop, out, version=generator_version())
    assert contents(out) == expected
    done = sum(len(record.files) for record in recorded.steps.values())
    assert outcome.kept == done
    written_unrecorded = [name for name in survived if name != MANIFEST_FILE and not name.endswith(".partial")]
    assert len(written_unrecorded) - done <= 1


def test_a_signal_ends_the_run_with_its_own_code(shop: Path, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom analyzer import cli\n"
        "cli.static_engine = lambda *_: os.kill(os.getpid(), signal.SIGTERM)\n"
        f"sys.exit(cli.main(['analyze', {str(shop)!r}, '-o', {str(tmp_path / 'out')!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 143
    assert "run the same command again" in done.stderr


def test_manifest_round_trip_and_foreign_content() -> None:
    manifest = Manifest(identity=Identity(commit="c", source="s", engine="static", version="v"))
    manifest.record(Step.EXTRACT).files["step1_abstractions.yaml"] = "0" * 64
    manifest.record(Step.EXTRACT).status = StepStatus.COMPLETE
    assert parse_manifest(manifest.to_json()) == manifest
    for text in ("", "[]", "{}", '{"schema": 99}', '{"schema": 1, "commit": "c"}', "null"):
        assert parse_manifest(text) is None
