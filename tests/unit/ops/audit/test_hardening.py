"""The audit's tables and the small functions around them; the checks themselves meet real images in tests/images."""

import io
import tarfile
from collections.abc import Sequence
from typing import Any

import pytest

from ops.audit.audit import EXCEPTIONS, Audit, Finding, Verdict
from ops.audit.benchmark import ITEMS
from ops.audit.check import OURS, Check
from ops.audit.container_checks import CONTAINER_CHECKS
from ops.audit.file_tree import read_tree
from ops.audit.image_checks import IMAGE_CHECKS
from ops.audit.inventory import Member, members_of
from ops.audit.secrets import assignments_in, secrets_in
from ops.stack.state import State

CHECKS: Sequence[Check[Any]] = (*IMAGE_CHECKS, *CONTAINER_CHECKS)


def test_every_item_has_a_check_or_says_what_a_person_looks_at() -> None:
    checked = {check.item for check in CHECKS}
    assert [item.number for item in ITEMS if item.number not in checked and not item.note] == []
    assert checked - {item.number for item in ITEMS} == {OURS}


def test_names_are_unique_and_exceptions_are_two_at_most() -> None:
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names)) >= 60
    assert set(EXCEPTIONS) == {"5.15", "5.29"}


def test_a_stack_is_what_its_state_names() -> None:
    urn = "urn:pulumi:dev::fondation::fondation:components:X$docker:index/{}::{}"
    state = {
        "version": 3,
        "deployment": {
            "resources": [
                {"urn": "urn:pulumi:dev::fondation::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
                {
                    "urn": urn.format("image:Image", "images-cli"),
                    "type": "docker:index/image:Image",
                    "inputs": {"imageName": "fondation-cli:cli-0123"},
                },
                {
                    "urn": urn.format("container:Container", "web-container"),
                    "type": "docker:index/container:Container",
                    "id": "abc",
                    "inputs": {},
                },
            ]
        },
    }
    found = members_of(State.parse(state))
    assert found.images == [Member(role="cli", reference="fondation-cli:cli-0123")]
    assert found.containers == [Member(role="web", reference="abc")]
    assert members_of(State.parse({"version": 3, "deployment": None})).images == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("API_KEY=abc", ["API_KEY has a value"]),
        ("FONDATION_TOKEN_FILE=/run/fondation/web-token/value", []),
        ("git clone https://user:pass@example.com/x", ["a URL has a password"]),
        ("COPY file:ab in /opt", []),
        ("MONKEY=banana", []),
    ],
)
def test_assignments_of_secrets_are_seen(text: str, found: list[str]) -> None:
    assert list(assignments_in(text)) == found


def test_credentials_are_described_and_never_quoted() -> None:
    text = "x sk-ant-oat01-abcdefghijklmnopqrstuvwx y"
    assert list(secrets_in(text)) == ["an Anthropic credential"]
    assert list(secrets_in("sk-ant-short")) == []


def test_a_file_tree_keeps_modes_hashes_and_hard_links() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, mode in (("etc/x", 0o4755), (".dockerenv", 0o644), ("usr/bin/y", 0o755)):
            info = tarfile.TarInfo(name)
            info.mode, info.size = mode, 2
            archive.addfile(info, io.BytesIO(b"hi"))
        link = tarfile.TarInfo("etc/z")
        link.type, link.linkname = tarfile.LNKTYPE, "etc/x"
        archive.addfile(link)
    stream.seek(0)
    tree = read_tree(stream)
    assert sorted(tree.entries) == ["/etc/x", "/etc/z", "/usr/bin/y"]
    assert tree.entries["/etc/x"].mode == 0o4755
    assert tree.text("/etc/z") == "hi"
    assert tree.text("/usr/bin/y") is None
    assert tree.entries["/usr/bin/y"].sha256.startswith("8f434346")


def test_a_report_names_failures_first_and_exceptions_last() -> None:
    audit = Audit(
        stack="dev",
        findings=[
            Finding(check="user", item="4.1", subject="image cli", verdict=Verdict.PASS),
            Finding(check="cpu", item="5.12", subject="container web", verdict=Verdict.FAIL, complaints=("no limit",)),
        ],
    )
    lines = list(audit.as_text())
    assert lines[0] == "FAIL  container web: no limit  [CIS 5.12, cpu]"
    assert lines[1] == "ok    image cli: 1 of 1 checks hold"
    assert [line[:14] for line in lines[-2:]] == ["note  CIS 5.15", "note  CIS 5.29"]
    assert audit.as_json()["passed"] is False
