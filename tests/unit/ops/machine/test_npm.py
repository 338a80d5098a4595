import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from components.configuration import parse_keys
from components.npm_files import BUNDLE, SERVER, NpmPin, NpmPinError, needed_pins, read_pins
from ops.errors import DownloadError
from ops.machine.npm import claude_pin, extract, pack_arguments

ROOT = Path(__file__).resolve().parents[4]
CLAUDE = parse_keys({"fondation:engine": "claude"})


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    path = tmp_path / "thing-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("package/dist/thing.min.js")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"hello"))
        beside = tarfile.TarInfo("package/dist/deep/beside.wasm")
        beside.size, beside.mode = 3, 0o4755
        archive.addfile(beside, io.BytesIO(b"abc"))
    return path


def pin_of(tarball: Path, **changes: str) -> NpmPin:
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    values = {"version": "1.0.0", "integrity": f"sha512-{digest}", "file": "package/dist/thing.min.js"} | changes
    return NpmPin(
        package="thing",
        version=values["version"],
        integrity=values["integrity"],
        files=(PurePosixPath(values["file"]), PurePosixPath("package/dist/deep/beside.wasm")),
        folder="thing-1.0.0",
        source="images/server/npm.json",
    )


def test_a_pinned_file_comes_out_of_the_pinned_tarball(tarball: Path) -> None:
    extract(pin_of(tarball), tarball, tarball.with_name("made"))
    assert (tarball.with_name("made") / "thing.min.js").read_bytes() == b"hello"
    beside = tarball.with_name("made") / "deep" / "beside.wasm"
    assert (beside.read_bytes(), beside.stat().st_mode & 0o7777) == (b"abc", 0o755)


def test_another_tarball_is_refused_whatever_it_holds(tarball: Path) -> None:
    pin = pin_of(tarball)
    with tarball.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(DownloadError, match=r"thing 1\.0\.0 is not the pinned tarball: its integrity is sha512-"):
        extract(pin, tarball, tarball.with_name("made"))


@pytest.mark.parametrize("integrity", ["", "sha512-", "sha512-###", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="])
def test_an_integrity_that_proves_nothing_is_refused(integrity: str, tarball: Path) -> None:
    with pytest.raises(DownloadError, match="is not the pinned tarball"):
        extract(pin_of(tarball, integrity=integrity), tarball, tarball.with_name("made"))


def test_a_tarball_without_the_file_is_named(tarball: Path) -> None:
    with pytest.raises(DownloadError, match=r"has no file package/other\.js: correct images/server/npm\.json"):
        extract(pin_of(tarball, file="package/other.js"), tarball, tarball.with_name("made"))


@pytest.mark.parametrize("text", ["", "[]", '{"mermaid": {}}', '{"mermaid": null}', '{"mermaid": {"version": "1"}}'])
def test_a_malformed_pin_file_is_named_with_the_form_that_is_due(text: str, tmp_path: Path) -> None:
    file = tmp_path / "images" / "server" / "npm.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(NpmPinError, match=r"npm\.json cannot be used .*expected \{"):
        read_pins(tmp_path, SERVER)


def test_the_pins_of_the_project_are_complete() -> None:
    pins = read_pins(ROOT, SERVER)
    assert [pin.package for pin in pins] == ["mermaid"]
    assert all(len(base64.b64decode(pin.integrity.removeprefix("sha512-"))) == 64 for pin in pins)
    assert json.loads((ROOT / "images/server/npm.json").read_text())["mermaid"]["version"] == pins[0].version
    assert pins[0].missing(Path("/c")) == [Path(f"/c/npm/mermaid-{pins[0].version}/mermaid.min.js")]


def test_only_a_stack_with_a_bundle_takes_claude_code_as_javascript(tmp_path: Path) -> None:
    assert [pin.package for pin in needed_pins(ROOT, CLAUDE)] == ["mermaid"]
    with_bundle = CLAUDE.model_copy(update={"cli_bundle": tmp_path})
    (claude,) = [pin for pin in needed_pins(ROOT, with_bundle) if pin.package != "mermaid"]
    assert (claude.package, claude.version, claude.source) == (
        "@anthropic-ai/claude-code",
        "1.0.51",
        f"images/{BUNDLE}/npm.json",
    )
    assert {"cli.js", "yoga.wasm", "vendor/ripgrep/x64-linux/rg", "LICENSE.md"} <= set(claude.names)


def test_no_script_of_a_package_runs(tarball: Path) -> None:
    assert pack_arguments(pin_of(tarball), Path("/t")) == [
        *("pack", "thing@1.0.0", "--ignore-scripts", "--loglevel=error", "--pack-destination=/t"),
    ]


def test_claude_code_is_fetched_for_the_daemons_architecture() -> None:
    pins = [claude_pin(ROOT, CLAUDE, architecture) for architecture in ("amd64", "arm64")]
    assert [pin.package.rpartition("-")[2] for pin in pins] == ["x64", "arm64"]
    assert all(len(base64.b64decode(pin.integrity.removeprefix("sha512-"))) == 64 for pin in pins)
    with pytest.raises(DownloadError, match=r"no package .* 'riscv64' .*amd64, arm64.*fondation:engine static"):
        claude_pin(ROOT, CLAUDE, "riscv64")


def test_another_version_of_claude_code_needs_its_integrity_and_says_how_to_get_it(tarball: Path) -> None:
    other = CLAUDE.model_copy(update={"claude_version": "2.0.1"})
    with pytest.raises(
        DownloadError, match=r"claudeIntegrity is missing: .*npm view @anthropic-ai/.*@2\.0\.1 dist\.int"
    ):
        claude_pin(ROOT, other, "amd64")
    pin = claude_pin(ROOT, other.model_copy(update={"claude_integrity": "sha512-AAAA"}), "amd64")
    assert (pin.version, pin.integrity) == ("2.0.1", "sha512-AAAA")
    assert pin.place(Path("/c")) != claude_pin(ROOT, CLAUDE, "amd64").place(Path("/c"))
    with pytest.raises(DownloadError, match="fondation:claudeIntegrity says sha512-AAAA"):
        extract(pin, tarball, tarball.with_name("made"))
