from pathlib import Path
from typing import Literal

import pytest

from pulumi_offline import build, locate
from pulumi_offline.errors import EngineError
from pulumi_offline.home import environment, install_provider, record
from pulumi_offline.locate import Engine, ensure
from pulumi_offline.versions import DOCKER_PROVIDER_VERSION, ENGINE_VERSION


class FakeSources:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, **answers: Engine | None) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def _answer(self, name: str) -> Engine | None:
        self.asked.append(name)
        return self.answers.get(name)

    def on_path(self) -> Engine | None:
        return self._answer("on_path")

    def cached(self, cache: Path) -> Engine | None:
        del cache
        return self._answer("cached")

    def official(self, cache: Path, progress: locate.Progress) -> Engine | None:
        del cache, progress
        return self._answer("official")

    def built(self, cache: Path, progress: locate.Progress) -> Engine:
        del cache, progress
        found = self._answer("built")
        assert found is not None
        return found


def one(kind: Literal["path", "official", "built"]) -> Engine:
    return Engine(pulumi=Path("/x/bin/pulumi"), kind=kind, version="1")


@pytest.mark.parametrize(
    ("answers", "kind", "asked"),
    [
        ({"on_path": one("path"), "built": one("built")}, "path", ["on_path"]),
        ({"cached": one("built"), "official": one("official")}, "built", ["on_path", "cached"]),
        ({"official": one("official"), "built": one("built")}, "official", ["on_path", "cached", "official"]),
        ({"built": one("built")}, "built", ["on_path", "cached", "official", "built"]),
    ],
)
def test_order(answers: dict[str, Engine], kind: str, asked: list[str], tmp_path: Path) -> None:
    sources = FakeSources(**answers)
    assert ensure(tmp_path, print, sources=sources).kind == kind
    assert sources.asked == asked


def install(folder: Path, version: str, *, language_host: bool = True) -> Path:
    folder.mkdir(parents=True)
    pulumi = folder / "pulumi"
    pulumi.write_text(f"#!/bin/sh\necho v{version}\n")
    pulumi.chmod(0o755)
    if language_host:
        (folder / "pulumi-language-python").touch()
    return pulumi


def test_path_skips_what_is_old_incomplete_or_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "old", "3.1.0")
    install(tmp_path / "no-host", "3.300.0", language_host=False)
    install(tmp_path / "major", "4.0.0")
    good = install(tmp_path / "good", "3.300.0")
    ours = Path(__file__).parents[3] / "bin"
    folders = [ours, *(tmp_path / name for name in ("old", "no-host", "major", "good"))]
    monkeypatch.setenv("PATH", ":".join([*map(str, folders), "/usr/bin", "/bin"]))
    assert locate.MachineSources().on_path() == Engine(pulumi=good, kind="path", version="3.300.0")
    good.unlink()
    assert locate.MachineSources().on_path() is None


@pytest.mark.parametrize(
    ("version", "usable"),
    [
        (ENGINE_VERSION, True),
        ("3.259.1-alpha", True),
        ("3.258.9", False),
        ("2.300.0", False),
        ("4.0.0", False),
        ("x", False),
    ],
)
def test_usable_versions(version: str, *, usable: bool) -> None:
    assert locate.usable(version) is usable


def test_a_built_engine_is_found_in_the_cache(tmp_path: Path) -> None:
    assert locate.MachineSources().cached(tmp_path) is None
    pulumi = build.executable(tmp_path)
    pulumi.parent.mkdir(parents=True)
    pulumi.touch()
    found = locate.MachineSources().cached(tmp_path)
    assert found == Engine(pulumi=pulumi, kind="built", version=ENGINE_VERSION)
    assert (pulumi.parent / "pulumi-language-python").stat().st_mode & 0o111


def test_versions_are_those_of_the_python_packages() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert f'"pulumi=={ENGINE_VERSION}"' in text
    assert f'"pulumi-docker=={DOCKER_PROVIDER_VERSION}"' in text
    go_mod = (Path(build.__file__).parent / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{ENGINE_VERSION}" in go_mod


def test_record_replaces_an_earlier_engine(tmp_path: Path) -> None:
    for name in ("one", "two"):
        pulumi = install(tmp_path / name / "bin", "1")
        link = record(Engine(pulumi=pulumi, kind="built", version="1"), tmp_path / "home")
        assert link.resolve() == pulumi
    assert [path.name for path in sorted((tmp_path / "home").iterdir())] == ["engine", "state"]


def test_the_passphrase_is_for_the_dev_stack_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    assert environment(tmp_path, home, "dev")["PULUMI_CONFIG_PASSPHRASE"] == "fondation-dev"
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment(tmp_path, home, "prod")
    assert environment(tmp_path, home, "prod")["PULUMI_BACKEND_URL"] == f"file://{home}/state"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "/a/file")
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment(tmp_path, home, "dev")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert environment(tmp_path, home, "dev")["PULUMI_BACKEND_URL"] == "s3://bucket"


def fake_engine(folder: Path, body: str) -> Engine:
    folder.mkdir(parents=True)
    pulumi = folder / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{body}\n")
    pulumi.chmod(0o755)
    return Engine(pulumi=pulumi, kind="built", version="1")


def test_install_provider_is_done_once(tmp_path: Path) -> None:
    target = f"$PULUMI_HOME/plugins/resource-docker-v{DOCKER_PROVIDER_VERSION}"
    body = f'echo "$@" >> {tmp_path}/calls; mkdir -p {target}; for last; do :; done; cp "$last" {target}/'
    found = fake_engine(tmp_path / "bin", body)
    for _ in range(2):
        install_provider(found, tmp_path / "home")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 1
    assert calls[0].startswith(f"plugin install resource docker {DOCKER_PROVIDER_VERSION} --reinstall --file ")


def test_a_refused_provider_is_an_error_with_the_engines_words(tmp_path: Path) -> None:
    found = fake_engine(tmp_path / "bin", "echo the engine says no >&2; exit 1")
    with pytest.raises(EngineError, match="the engine says no"):
        install_provider(found, tmp_path / "home")
