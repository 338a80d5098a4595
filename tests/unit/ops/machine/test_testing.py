from pathlib import Path

import pytest

from ops.errors import OperatorNeededError
from ops.machine import apt, testing
from ops.machine.facts import Machine

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
