import json
import os
import shutil
from pathlib import Path

import pytest

from components.claude_code import claude_code
from components.configuration import parse_configuration
from components.image_chain import PlannedImage
from components.image_context import MissingInputError
from components.images import plan_images
from components.machine import MachineFolders, machine_folders
from components.wheelhouse import wheel_dir

CONFIGURATION = parse_configuration({"fondation:environment": "development"})


def digests(folders: MachineFolders) -> dict[str, str]:
    return {planned.context.role: planned.context.digest for planned in plan_images(CONFIGURATION, folders)}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {role for role in before if before[role] != after[role]}


def test_a_changed_line_changes_exactly_the_images_that_contain_it(folders: MachineFolders) -> None:
    before = digests(folders)
    with (folders.checkout / "worker" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    assert changed(before, digests(folders)) == {"worker"}
    with (folders.checkout / "web" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    assert changed(before, digests(folders)) == {"worker", "server"}


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("course/steps.py", {"cli", "auth", "worker", "server"}),
        ("analyzer/__init__.py", {"cli", "auth", "worker"}),
        ("images/auth/files/preflight.py", {"auth", "worker"}),
        ("images/os/packages.txt", {"cli", "auth", "worker", "server"}),
        ("components/worker.py", set()),
    ],
)
def test_a_change_reaches_the_children_of_an_image(folders: MachineFolders, path: str, roles: set[str]) -> None:
    before = digests(folders)
    with (folders.checkout / path).open("a") as file:
        file.write("# changed\n")
    assert changed(before, digests(folders)) == roles


def test_path_times_modes_and_caches_change_nothing(folders: MachineFolders, tmp_path: Path) -> None:
    before = digests(folders)
    elsewhere = tmp_path / "else where"
    shutil.copytree(folders.checkout, elsewhere, ignore=shutil.ignore_patterns(".fondation"))
    for path in elsewhere.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    (elsewhere / "worker" / "__pycache__").mkdir()
    (elsewhere / "worker" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    (elsewhere / "worker" / ".swp").write_text("x")
    assert digests(machine_folders(elsewhere)) == before


def test_staged_modes_do_not_depend_on_the_umask(folders: MachineFolders) -> None:
    previous = os.umask(0o077)
    try:
        planned = plan_images(CONFIGURATION, folders)
    finally:
        os.umask(previous)
    for image in planned:
        for path in (folders.checkout / image.context.folder).rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_the_context_holds_what_the_image_needs_and_nothing_else(folders: MachineFolders) -> None:
    staged = {image.context.role: names(folders, image) for image in plan_images(CONFIGURATION, folders)}
    assert {"Dockerfile", "files/contract.json", "files/preflight.py"} == staged["auth"]
    assert "app/worker/__main__.py" in staged["worker"]
    assert "wheels/pip-1-py3-none-any.whl" in staged["worker"]
    assert not any(name.startswith(("app/analyzer", "app/backend", "app/web")) for name in staged["worker"])
    assert "npm/mermaid.min.js" in staged["server"]


def names(folders: MachineFolders, image: PlannedImage) -> set[str]:
    folder = folders.checkout / image.context.folder
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_missing_wheels_are_named_and_leave_nothing_half_staged(folders: MachineFolders) -> None:
    lock = (folders.checkout / "requirements" / "worker.txt").read_text()
    shutil.rmtree(wheel_dir(folders.cache, lock))
    with pytest.raises(MissingInputError, match=r"requirements/worker.txt .* run `make prepare`"):
        plan_images(CONFIGURATION, folders)
    assert not list(folders.build.glob("worker-*"))


def test_a_missing_dockerfile_is_named(folders: MachineFolders) -> None:
    (folders.checkout / "images" / "auth" / "Dockerfile").unlink()
    with pytest.raises(MissingInputError, match="images/auth/Dockerfile is missing"):
        plan_images(CONFIGURATION, folders)


def test_extra_certificates_reach_the_images_and_their_digests(folders: MachineFolders, tmp_path: Path) -> None:
    before = digests(folders)
    bundle = tmp_path / "ca.pem"
    bundle.write_text("certificate")
    configuration = parse_configuration(
        {"fondation:environment": "development", "fondation:caBundle": str(bundle)},
    )
    planned = {image.context.role: image.context for image in plan_images(configuration, folders)}
    assert planned["cli"].digest != before["cli"]
    assert (folders.checkout / planned["cli"].folder / "extra-ca.pem").read_text() == "certificate"


def test_what_an_image_is_made_from_is_recorded_file_by_file(folders: MachineFolders) -> None:
    before = {image.context.role: image.context.files for image in plan_images(CONFIGURATION, folders)}
    with (folders.checkout / "course" / "steps.py").open("a") as file:
        file.write("# changed\n")
    after = {image.context.role: image.context.files for image in plan_images(CONFIGURATION, folders)}
    differing = {role: {name for name in after[role] if before[role].get(name) != after[role][name]} for role in after}
    assert differing == {
        "cli": {"app/course/steps.py"},
        "auth": {":parent"},
        "worker": {":parent", "app/course/steps.py"},
        "server": {"app/course/steps.py"},
    }


CLAUDE = {
    "fondation:environment": "development",
    "fondation:engine": "claude",
    "fondation:authMode": "runtime",
    "fondation:claudeToken": "sk-ant-oat01-made-up-for-tests",
}


def planned(folders: MachineFolders, **keys: str) -> dict[str, PlannedImage]:
    """Plan a stack with the engine `claude`, its program downloaded."""
    configuration = parse_configuration(CLAUDE | {f"fondation:{key}": value for key, value in keys.items()})
    version, integrity = configuration.claude_version, configuration.claude_integrity
    program = claude_code(folders.checkout, version, integrity).place(folders.cache)
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_bytes(b"program")
    return {image.context.role: image for image in plan_images(configuration, folders)}


def test_claude_code_is_in_the_chain_of_its_engine_alone(folders: MachineFolders) -> None:
    static = digests(folders)
    assert "claude" not in static
    images = planned(folders)
    assert list(images)[:4] == ["claude", "cli", "auth", "worker"]
    assert names(folders, images["claude"]) == {"Dockerfile", "claude"}
    assert (folders.checkout / images["claude"].context.folder / "claude").stat().st_mode & 0o777 == 0o755
    assert images["cli"].context.build_args["PARENT"] == images["claude"].context.image_name
    assert images["cli"].context.build_args["ENGINE"] == "claude"
    assert images["server"].context.digest == static["server"]
    assert digests(folders) == static


def test_the_version_of_claude_code_is_in_the_digests(folders: MachineFolders) -> None:
    before = planned(folders)
    other = planned(folders, claudeVersion="2.0.1", claudeIntegrity="sha512-" + "A" * 86 + "==")
    changed = {role for role in before if before[role].context.digest != other[role].context.digest}
    assert changed == {"claude", "cli", "auth", "worker"}
    static = digests(folders)
    pin = folders.checkout / "requirements" / "claude.json"
    pin.write_text(pin.read_text().replace("2.1.330", "2.1.331"))
    assert digests(folders) == static


def test_the_prompts_are_in_the_images_of_a_stack_that_asks_a_model_and_in_no_other(folders: MachineFolders) -> None:
    static = digests(folders)
    model = {role: str(image.context.digest) for role, image in planned(folders).items()}
    with (folders.checkout / "prompts" / "4-chapter.md").open("a") as file:
        file.write("Changed.\n")
    assert changed(static, digests(folders)) == set()
    after = {role: str(image.context.digest) for role, image in planned(folders).items()}
    assert changed(model, after) == {"cli", "auth", "worker"}


def test_claude_code_that_was_not_downloaded_is_named(folders: MachineFolders) -> None:
    claude_code(folders.checkout).place(folders.cache).unlink()
    with pytest.raises(MissingInputError, match=r"Claude Code 2\.1\.330 is not in .* run `bin/fondation prepare npm`"):
        plan_images(parse_configuration(CLAUDE), folders)


@pytest.mark.parametrize(
    ("mode", "variable", "since"),
    [
        ("runtime", "CLAUDE_CODE_OAUTH_TOKEN", None),
        ("api-key", "ANTHROPIC_API_KEY", None),
        ("baked", None, "2026-11-01"),
    ],
)
def test_the_contract_says_where_the_credential_is(
    folders: MachineFolders, mode: str, variable: str | None, since: str | None
) -> None:
    token = "sk-ant-api03-made-up-for-tests" if mode == "api-key" else "sk-ant-oat01-made-up-for-tests"
    context = planned(folders, authMode=mode, claudeToken=token, claudeTokenSince="2026-11-01")["auth"].context
    contract = json.loads((folders.checkout / context.folder / "files" / "contract.json").read_text())
    assert contract["mode"] == mode
    assert contract["tokenVariable"] == (variable or "CLAUDE_CODE_OAUTH_TOKEN")
    assert contract["tokenFile"].endswith("/value")
    assert contract["since"] == since
    assert (context.build_args["AUTH_MODE"], context.build_args["AUTH_SINCE"]) == (mode, since or "none")


def test_rotating_a_delivered_credential_changes_no_image(folders: MachineFolders) -> None:
    before = planned(folders, claudeTokenSince="2026-11-01")
    after = planned(folders, claudeTokenSince="2026-11-02", claudeToken="sk-ant-oat01-another-one-for-tests")
    assert {role: image.context.digest for role, image in before.items()} == {
        role: image.context.digest for role, image in after.items()
    }
