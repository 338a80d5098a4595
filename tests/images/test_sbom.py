"""Bills of materials: valid, true to the image, and the same when they are made again."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.trial import ROOT, Trial

ROLES = ("os", "cli", "auth", "worker", "server", "sandbox")
LOCKS = {"cli": "analyzer.txt", "worker": "worker.txt", "server": "server.txt"}


@dataclass(frozen=True, kw_only=True)
class Bill:
    text: str

    @property
    def parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = json.loads(self.text)["components"]
        return parts

    def versions(self, prefix: str) -> dict[str, str]:
        return {part["name"]: part["version"] for part in self.parts if part["purl"].startswith(prefix)}


@pytest.fixture(scope="module")
def bills(stack: Trial, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Bill]:
    folder = tmp_path_factory.mktemp("bills")
    stack.fondation("sbom", "--output", str(folder))
    assert {path.name for path in folder.iterdir()} == {f"{role}.cdx.json" for role in ROLES}
    return {role: Bill(text=(folder / f"{role}.cdx.json").read_text()) for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_it_is_valid_cyclonedx(bills: Mapping[str, Bill], role: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bills[role].text) is None


@pytest.mark.parametrize("role", ROLES)
def test_it_lists_the_debian_packages_with_versions_and_licences(bills: Mapping[str, Bill], role: str) -> None:
    found = bills[role].versions("pkg:deb/debian/")
    assert {"base-files", "ca-certificates", "git", "libc6", "libssl3", "python3.11-minimal"} <= set(found)
    assert not {"apt", "dpkg", "bash", "perl-base"} & set(found)
    git = next(part for part in bills[role].parts if part["name"] == "git")
    assert re.fullmatch(r"pkg:deb/debian/git@1(:|%3A)2\.39\.5-\S+\?arch=\w+&distro=debian-12", git["purl"])
    assert {"license": {"name": "GPL-2"}} in git["licenses"]


@pytest.mark.parametrize("role", sorted(LOCKS))
def test_it_lists_what_the_lock_file_pins(bills: Mapping[str, Bill], role: str) -> None:
    lock = (ROOT / "requirements" / LOCKS[role]).read_text()
    pinned = dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)(?= \\)", lock, re.MULTILINE))
    conditional = set(re.findall(r"^([a-z0-9][\w.-]*)==[^\s;]+ ;", lock, re.MULTILINE))
    found = bills[role].versions("pkg:pypi/")
    assert pinned
    assert {name: found.get(name) for name in pinned} == pinned
    if role != "worker":  # its image also has what the CLI below it installed
        assert set(found) - set(pinned) <= conditional


def test_it_lists_the_npm_file_with_the_hash_of_its_package(bills: Mapping[str, Bill]) -> None:
    pin = json.loads((ROOT / "images/server/npm.json").read_text())["mermaid"]
    (part,) = [part for part in bills["server"].parts if part["purl"].startswith("pkg:npm/")]
    assert part["purl"] == f"pkg:npm/mermaid@{pin['version']}"
    assert [(entry["alg"], len(entry["content"])) for entry in part["hashes"]] == [("SHA-512", 128)]


def test_it_lists_our_own_packages_each_where_it_is(bills: Mapping[str, Bill]) -> None:
    own = {role: set(bills[role].versions("pkg:generic/fondation/")) for role in ROLES}
    assert own == {
        "os": set(),
        "cli": {"fondation-cli"},
        "auth": {"fondation-cli"},
        "worker": {"fondation-cli", "fondation-course", "fondation-worker"},
        "server": {"fondation-backend", "fondation-course", "fondation-web"},
        "sandbox": {"fondation-sandbox"},
    }


def test_it_is_the_same_when_it_is_made_again(stack: Trial, bills: Mapping[str, Bill]) -> None:
    assert bills["auth"].text in stack.fondation("sbom", "auth").stdout
