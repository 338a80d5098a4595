import sys
from pathlib import Path

import pytest

from ops.errors import CommandError, DownloadError
from ops.machine.wheels import LOCKS, download_argv, failure, platform_tags, publish

ROOT = Path(__file__).resolve().parents[4]


def test_the_platforms_reach_from_debian_12_down() -> None:
    tags = platform_tags("amd64")
    assert tags[0] == "manylinux_2_36_x86_64"
    assert "manylinux_2_17_x86_64" in tags
    assert "manylinux2014_x86_64" in tags
    assert "manylinux_2_37_x86_64" not in tags


@pytest.mark.parametrize(("docker", "wheel"), [("arm64", "aarch64"), ("aarch64", "aarch64"), ("x86_64", "x86_64")])
def test_wheels_are_for_the_daemon_not_for_this_machine(docker: str, wheel: str) -> None:
    assert all(tag.endswith(f"_{wheel}") for tag in platform_tags(docker))


def test_an_architecture_without_images_is_named() -> None:
    with pytest.raises(DownloadError, match="'riscv64': images can be built on aarch64"):
        platform_tags("riscv64")


def test_the_whole_command_line() -> None:
    assert download_argv(Path("/r/worker.txt"), Path("/t"), ["manylinux_2_17_x86_64"]) == [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"),
        *("--implementation", "cp", "--python-version", "3.11"),
        *("--abi", "cp311", "--abi", "abi3", "--abi", "none"),
        *("--platform", "manylinux_2_17_x86_64", "--dest", "/t", "--requirement", "/r/worker.txt"),
    ]


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("", "click==8.5.1 of /r/worker.txt has no wheel for Python 3.11 on Linux amd64"),
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('…')': /simple/click/\n",
            "the wheels of /r/worker.txt could not be downloaded: check the network and the package index",
        ),
    ],
)
def test_an_index_that_does_not_answer_is_not_taken_for_one_without_the_wheel(before: str, said: str) -> None:
    tail = f"{before}ERROR: No matching distribution found for click==8.5.1"
    error = failure(CommandError(["pip"], code=1, tail=tail), Path("/r/worker.txt"), "amd64")
    assert str(error).startswith(said)


def test_every_lock_is_hashed() -> None:
    for lock in LOCKS:
        text = (ROOT / "requirements" / lock).read_text()
        assert text.count("==") <= text.count("--hash=sha256:")


def test_of_two_downloads_the_first_stays(tmp_path: Path) -> None:
    place, made = tmp_path / "place", tmp_path / "made"
    for folder, text in ((place, "first"), (made, "second")):
        folder.mkdir()
        (folder / "wheel").write_text(text)
    publish(made, place)
    assert (place / "wheel").read_text() == "first"


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        publish(tmp_path / "nothing", tmp_path / "place")
