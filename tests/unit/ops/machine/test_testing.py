from pathlib import Path

import pytest

from ops.errors import CommandError, OperatorNeededError
from ops.machine import apt, testing
from ops.machine.facts import Machine

ROOT = Machine(system=frozenset({"debian"}), is_root=True, has_systemd=False)
USER = Machine(system=frozenset({"debian"}), is_root=False, has_systemd=True)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on whose PATH is nothing but git."""
    (tmp_path / "git").touch(mode=0o755)
    monkeypatch.setattr(testing, "has_program", lambda name: (tmp_path / name).exists())
    monkeypatch.setattr(testing, "browser", lambda: None)
    return tmp_path


def test_what_is_missing_is_named_by_its_package(bare: Path) -> None:
    assert testing.missing_packages() == ["openssl", "iproute2", "chromium"]
    for name in testing.PROGRAMS:
        (bare / name).touch(mode=0o755)
    assert testing.missing_packages() == ["chromium"]


@pytest.mark.usefixtures("bare")
def test_who_may_not_install_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "has_program", lambda _: True)
    with pytest.raises(
        OperatorNeededError, match=r"(?s)testing needs .* and chromium.*sudo apt-get install -y openssl iproute2 chro"
    ):
        testing.ensure_test_programs(machine=USER, note=print)
    monkeypatch.setattr(apt, "has_program", lambda _: False)
    with pytest.raises(OperatorNeededError, match=r"\n  apt-get update && apt-get install .* \(as root: .* no sudo\)"):
        testing.ensure_test_programs(machine=USER, note=print)


@pytest.mark.usefixtures("bare")
def test_where_there_is_no_apt_the_packages_are_named() -> None:
    other = Machine(system=frozenset({"fedora"}), is_root=True, has_systemd=True)
    with pytest.raises(OperatorNeededError, match="install openssl and iproute2 and chromium with its package manager"):
        testing.ensure_test_programs(machine=other, note=print)


@pytest.mark.parametrize(
    "words",
    [
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)",
        "E: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving",
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_stops_apt_is_told_with_what_to_look_at(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "apt-get"
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    said: list[str] = []
    with pytest.raises(CommandError) as caught:
        testing.ensure_test_programs(machine=ROOT, note=said.append)
    assert words in str(caught.value)
    assert "check /etc/apt/sources.list and the network, and that no other apt" in str(caught.value)
    assert said == ["installing openssl, iproute2, chromium", words]
