from pathlib import Path

import pytest

from ops.errors import OperatorNeededError, SpaceError
from ops.machine import apt
from ops.machine.facts import Machine, require_space, require_writable, systems

DEBIAN = Machine(system=frozenset({"debian"}), is_root=True, has_systemd=False)


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', {"debian"}),
        ("ID=ubuntu\nID_LIKE=debian\n", {"ubuntu", "debian"}),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', {"rocky", "rhel", "centos", "fedora"}),
        ("", set()),
    ],
)
def test_a_system_is_what_os_release_says(release: str, expected: set[str]) -> None:
    assert systems(release) == expected


def test_a_full_disk_is_named_with_what_it_has_and_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=rf"{tmp_path} has .* GiB free, but Docker needs .* free some space"):
        require_space(tmp_path / "not" / "there" / "yet", purpose="Docker", needed_bytes=1 << 60)
    require_space(tmp_path, purpose="Docker", needed_bytes=1)


def test_a_folder_that_cannot_be_made_is_named_with_the_variable_that_chooses_another(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OperatorNeededError) as caught:
        require_writable(file / "home", purpose="the project's state", variable="FONDATION_HOME")
    said = str(caught.value)
    assert said.startswith(f"the project's state cannot be kept in {file}/home: {file} is a file. ")
    assert "set FONDATION_HOME to another folder" in said
    require_writable(tmp_path / "not" / "there" / "yet", purpose="the cache", variable="XDG_CACHE_HOME")


def test_an_ordinary_user_is_given_the_exact_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "has_program", lambda _: True)
    user = Machine(system=frozenset({"debian"}), is_root=False, has_systemd=True)
    with pytest.raises(OperatorNeededError) as caught:
        apt.install(["docker.io"], machine=user, purpose="running containers", on_line=print)
    assert "sudo apt-get update && sudo apt-get install -y docker.io" in str(caught.value)


def test_another_system_is_told_what_to_install() -> None:
    fedora = Machine(system=frozenset({"fedora"}), is_root=True, has_systemd=True)
    with pytest.raises(OperatorNeededError, match=r"not Debian or Ubuntu: install docker\.io"):
        apt.install(["docker.io"], machine=fedora, purpose="running containers", on_line=print)


def test_packages_are_installed_without_questions_and_without_extras() -> None:
    assert apt.install_argv(["a", "b"]) == [
        *("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", "a", "b"),
    ]
    assert DEBIAN.uses_apt
