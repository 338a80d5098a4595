"""Wheels and npm files from the real registries, small ones, into an empty cache."""

import re
from pathlib import Path

import pytest

from components.machine import machine_folders
from components.npm_files import SERVER, read_pins
from components.wheelhouse import wheel_dir
from ops.errors import DownloadError
from ops.machine.npm import ensure_npm_files
from ops.machine.wheels import LOCKS, ensure_wheels

ROOT = Path(__file__).resolve().parents[3]
WINDOWS_ONLY = "pywin32==312 --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_cache_has_a_wheel_for_every_pin(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    folder = wheel_dir(machine_folders(ROOT).cache, text)
    pinned = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name, marker in re.findall(r"^([A-Za-z0-9._-]+)==[^ ]+ ?(;[^\\\n]*)?", text, re.MULTILINE)
        if "win32" not in marker
    }
    wheels = {re.sub(r"[-_.]+", "-", path.name.split("-")[0]).lower() for path in folder.iterdir()}
    assert wheels == pinned


def test_a_lock_is_downloaded_once_and_appears_whole(tmp_path: Path) -> None:
    assert ensure_wheels(ROOT, "pip.txt", cache=tmp_path, architecture="amd64", note=lambda _: None)
    folder = wheel_dir(tmp_path, (ROOT / "requirements" / "pip.txt").read_text())
    assert [path.suffix for path in folder.iterdir()] == [".whl"]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert not ensure_wheels(ROOT, "pip.txt", cache=tmp_path, architecture="amd64", note=lambda _: None)


def test_a_package_without_a_wheel_for_the_images_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "x.txt").write_text(WINDOWS_ONLY)
    with pytest.raises(DownloadError, match=r"pywin32==312 of \S+x\.txt has no wheel for Python 3\.11 on Linux amd64"):
        ensure_wheels(tmp_path, "x.txt", cache=tmp_path / "cache", architecture="amd64", note=lambda _: None)
    assert list((tmp_path / "cache" / "wheels").iterdir()) == []


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    text = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", (ROOT / "requirements" / "pip.txt").read_text())
    (tmp_path / "requirements" / "pip.txt").write_text(text)
    with pytest.raises(DownloadError, match="DO NOT MATCH THE HASHES"):
        ensure_wheels(tmp_path, "pip.txt", cache=tmp_path / "cache", architecture="amd64", note=lambda _: None)


def test_an_npm_file_is_fetched_once_and_verified(tmp_path: Path) -> None:
    (pin,) = read_pins(ROOT, SERVER)
    (name,) = pin.names
    assert ensure_npm_files(pin, root=ROOT, cache=tmp_path, note=lambda _: None)
    assert (pin.place(tmp_path) / name).stat().st_size > 1_000_000
    kept = pin.place(machine_folders(ROOT).cache) / name
    assert (pin.place(tmp_path) / name).read_bytes() == kept.read_bytes()
    assert not ensure_npm_files(pin, root=ROOT, cache=tmp_path, note=lambda _: None)
    assert [path.name for path in (tmp_path / "npm").iterdir()] == [pin.folder]
