"""`fondation:cliBundle`: what a folder must hold, what goes with it, and the images that it makes."""

import shutil
from pathlib import Path

import pytest

from components.cli_bundle import MEMORY_MIB
from components.configuration import ConfigurationError, parse_configuration
from components.images import plan_images
from components.machine import MachineFolders
from components.npm_files import BUNDLE, read_pins
from components.wheelhouse import wheel_dir

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "bundle"
VALUES = {
    "fondation:environment": "development",
    "fondation:engine": "claude",
    "fondation:authMode": "runtime",
    "fondation:claudeToken": "sk-ant-oat01-made-up-for-tests",
    "fondation:workerMemoryMib": "4096",
    "fondation:workerProcesses": "1024",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "bundle"))


@pytest.fixture
def bundled(folders: MachineFolders) -> MachineFolders:
    """What a bundle's images need, downloaded."""
    wheels = wheel_dir(folders.cache, (folders.checkout / "requirements" / "node.txt").read_text())
    wheels.mkdir(parents=True)
    (wheels / "node-1-py3-none-any.whl").write_bytes(b"wheel")
    for pin in read_pins(folders.checkout, BUNDLE):
        for path in pin.missing(folders.cache):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"javascript")
    return folders


def problems(folder: Path, **changes: str) -> str:
    own = {f"fondation:{key}": value for key, value in changes.items()}
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration({**VALUES, "fondation:cliBundle": str(folder), **own})
    return str(caught.value)


@pytest.mark.parametrize(
    ("part", "named"),
    [("dist", "dist/cli.bundled.cjs"), ("prompts", "prompts/*.md"), ("package.json", "package.json")],
)
def test_a_folder_without_one_of_its_parts_is_refused_by_name(part: str, named: str, folder: Path) -> None:
    gone = folder / part
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert f"it has no {named}: name the folder of the built CLI" in problems(folder)


def test_a_missing_folder_is_named() -> None:
    assert "fondation:cliBundle is '/nowhere': there is no such folder" in problems(Path("/nowhere"))


def test_a_bundle_that_is_only_a_link_is_none(folder: Path) -> None:
    program = folder / "dist" / "cli.bundled.cjs"
    program.rename(folder / "elsewhere.cjs")
    program.symlink_to(folder / "elsewhere.cjs")
    assert "it has no dist/cli.bundled.cjs" in problems(folder)


def test_what_does_not_go_with_a_bundle_is_said_at_once(folder: Path) -> None:
    found = problems(
        folder,
        engine="static",
        claudeEffort="high",
        claudeTokensMax="20000",
        workerMemoryMib="512",
        workerProcesses="256",
    )
    for words in (
        "a bundle asks Claude, set it with",
        "fondation:claudeEffort is set, which a bundle does not heed",
        "fondation:claudeTokensMax is set, which a bundle does not heed",
        f"workerMemoryMib is 512: a bundle runs a Claude Code for every chapter at once; set it to {MEMORY_MIB}",
        "fondation:workerProcesses is 256",
    ):
        assert words in found


def test_the_bundle_is_the_cli_of_the_chain(folder: Path, bundled: MachineFolders) -> None:
    (folder / ".hidden").write_text("x")
    (folder / "notes.txt").write_text("x")
    configuration = parse_configuration({**VALUES, "fondation:cliBundle": str(folder)})
    images = {image.context.role: image for image in plan_images(configuration, bundled)}
    assert list(images)[:4] == ["cli", BUNDLE, "auth", "worker"]
    assert (list(images["cli"].tags), list(images[BUNDLE].tags)) == ([], ["fondation-cli:base"])
    assert images[BUNDLE].context.build_args["PARENT"] == images["cli"].context.image_name
    assert images["auth"].context.build_args["PARENT"] == images[BUNDLE].context.image_name
    staged = bundled.checkout / images[BUNDLE].context.folder
    names = {path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()}
    assert {
        "bundle/dist/cli.bundled.cjs",
        "bundle/package.json",
        "npm/cli.js",
        "npm/vendor/ripgrep/x64-linux/rg",
    } <= names
    assert not {"bundle/.hidden", "bundle/notes.txt"} & names


def test_a_changed_prompt_is_another_image(folder: Path, bundled: MachineFolders) -> None:
    configuration = parse_configuration({**VALUES, "fondation:cliBundle": str(folder)})
    before = {image.context.role: image.context.digest for image in plan_images(configuration, bundled)}
    (folder / "prompts" / "general.md").write_text("Be brief.\n")
    after = {image.context.role: image.context.digest for image in plan_images(configuration, bundled)}
    assert {role for role in after if before[role] != after[role]} == {BUNDLE, "auth", "worker"}


def test_a_static_stack_has_no_byte_of_it(bundled: MachineFolders) -> None:
    images = plan_images(parse_configuration({"fondation:environment": "development"}), bundled)
    for image in images:
        assert not any("bundle/" in name or "claude-code" in name for name in image.context.files)
