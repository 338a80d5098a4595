import fnmatch
from pathlib import Path

import pytest

from ops.machine.os_base import debian_mirrors, entries, mmdebstrap_argv

ROOT = Path(__file__).resolve().parents[4]
RECIPE = ROOT / "images" / "os"

TARGETS = """\
Debian|bookworm|http://mirror.example/debian/|bookworm|main
Debian|bookworm-updates|http://mirror.example/debian/|bookworm-updates|main
Debian|bookworm-security|http://mirror.example/debian-security/|bookworm-security|main
Debian|bookworm|http://mirror.example/debian/|bookworm|contrib
Debian Backports|bookworm-backports|http://mirror.example/debian/|bookworm-backports|main
Docker|bookworm|https://download.example/linux/debian/|bookworm|stable
"""


def test_the_base_comes_from_the_mirrors_that_the_machine_uses() -> None:
    assert debian_mirrors(TARGETS + TARGETS) == [
        "deb http://mirror.example/debian bookworm main",
        "deb http://mirror.example/debian bookworm-updates main",
        "deb http://mirror.example/debian-security bookworm-security main",
    ]


@pytest.mark.parametrize(
    "targets",
    [
        "",
        "Ubuntu|noble|http://archive.ubuntu.example/ubuntu/|noble|main\n",
        "Debian|trixie|http://m/debian/|trixie|main\n",
    ],
)
def test_a_machine_without_debian_12_leaves_the_mirror_to_mmdebstrap(targets: str) -> None:
    assert debian_mirrors(targets) == []


def test_the_whole_command_line(tmp_path: Path) -> None:
    (tmp_path / "dpkg-excludes.cfg").write_text("# why\npath-exclude=/usr/share/man/*\n")
    recipe = str(tmp_path)
    argv = mmdebstrap_argv(
        tmp_path, Path("/cache/base.tar"), packages=["git", "python3-minimal"], mirrors=["deb m s main"]
    )
    assert argv == [
        "mmdebstrap",
        "--variant=essential",
        "--format=tar",
        "--include=git,python3-minimal",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        f'--customize-hook=sh {recipe}/finish.sh "$1" {recipe}',
        "--skip=cleanup/apt,cleanup/mmdebstrap",
        "bookworm",
        "/cache/base.tar",
        "deb m s main",
    ]


def test_a_checkout_path_with_spaces_stays_one_word_in_the_hook(tmp_path: Path) -> None:
    recipe = tmp_path / "my $HOME"
    recipe.mkdir()
    (recipe / "dpkg-excludes.cfg").write_text("")
    hook = next(word for word in mmdebstrap_argv(recipe, Path("t"), packages=[], mirrors=[]) if "hook" in word)
    assert hook == f"--customize-hook=sh '{recipe}/finish.sh' \"$1\" '{recipe}'"


def test_licences_survive_every_list() -> None:
    """Debian's licences ask for their texts to travel with the software."""
    trimmed = entries((RECIPE / "trim.txt").read_text())
    for kept in ("usr/share/doc/git/copyright", "usr/share/common-licenses/GPL-2", "etc/ssl/certs/ca-certificates.crt"):
        assert not [line for line in trimmed if fnmatch.fnmatch(kept, line) or kept.startswith(f"{line}/")]
    excludes = (RECIPE / "dpkg-excludes.cfg").read_text()
    assert "path-include=/usr/share/doc/*/copyright" in excludes


def test_no_trimmed_path_is_absolute_or_leaves_the_root() -> None:
    for line in entries((RECIPE / "trim.txt").read_text()):
        assert not line.startswith("/")
        assert ".." not in line.split("/")


def test_no_package_is_both_added_and_purged() -> None:
    added = entries((RECIPE / "packages.txt").read_text())
    assert not set(added) & set(entries((RECIPE / "purge.txt").read_text()))
