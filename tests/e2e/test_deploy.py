"""What an operator relies on: previews tell the truth, repeating changes nothing, bad input says what to do."""

import os
import subprocess
from pathlib import Path

from tests.trial import Trial, copy_checkout, new_trial


def test_outputs_name_the_addresses_and_the_release(stack: Trial) -> None:
    outputs = stack.outputs()
    assert outputs["webUrl"] == f"http://127.0.0.1:{stack.configuration['webPort']}"
    assert outputs["convexUrl"] == f"http://127.0.0.1:{stack.configuration['backendPort']}"
    assert set(outputs["images"]) == {"auth", "cli", "sandbox", "server", "worker"}
    assert len(outputs["release"]) == 12


def test_an_unchanged_tree_has_nothing_to_do(stack: Trial) -> None:
    stack.pulumi("preview", "--diff", "--expect-no-changes")


def test_another_clone_with_another_umask_has_nothing_to_do(stack: Trial, tmp_path: Path) -> None:
    previous = os.umask(0o077)
    try:
        clone = copy_checkout(tmp_path / "another place" / "clone")
        (clone / f"Pulumi.{stack.name}.yaml").write_bytes(
            (stack.checkout / f"Pulumi.{stack.name}.yaml").read_bytes(),
        )
        elsewhere = Trial(checkout=clone, home=stack.home, name=stack.name, configuration=stack.configuration)
        elsewhere.pulumi("preview", "--diff", "--expect-no-changes")
    finally:
        os.umask(previous)


def test_no_secret_is_in_the_exported_state_or_a_preview(stack: Trial) -> None:
    key = (stack.home / "keys" / "backend.key").read_text().strip()
    assert key not in stack.pulumi("stack", "export").stdout
    assert key not in stack.pulumi("preview", "--diff").stdout


def test_unknown_and_mistyped_keys_stop_the_preview_all_at_once(stack: Trial) -> None:
    file = stack.checkout / f"Pulumi.{stack.name}.yaml"
    original = file.read_text()
    try:
        wrong = 'config:\n  fondation:webPrt: "1"\n  fondation:engine: "magic"\n'
        file.write_text(original.replace("config:\n", wrong, 1))
        done = stack.pulumi("preview", check=False)
    finally:
        file.write_text(original)
    assert done.returncode != 0
    assert "fondation:webPrt is not a known key" in done.stdout
    assert 'fondation:engine is "magic"' in done.stdout
    assert "Traceback" not in done.stdout


def test_a_wrong_passphrase_says_so(stack: Trial) -> None:
    wrong = Trial(
        checkout=stack.checkout,
        home=stack.home,
        name=stack.name,
        configuration=stack.configuration,
        passphrase="wrong",
    )
    done = wrong.pulumi("preview", check=False)
    assert done.returncode != 0
    assert "passphrase" in done.stdout


def test_a_missing_dockerfile_stops_the_preview_with_its_path(stack: Trial) -> None:
    file = stack.checkout / "images" / "auth" / "Dockerfile"
    moved = file.rename(file.with_suffix(".moved"))
    try:
        done = stack.pulumi("preview", check=False)
    finally:
        moved.rename(file)
    assert done.returncode != 0
    assert "images/auth/Dockerfile is missing" in done.stdout


def test_production_previews_with_its_three_values_and_names_them_when_missing(tmp_path: Path) -> None:
    trial = new_trial(tmp_path)
    trial.run("bin/fondation", "prepare")
    production = Trial(checkout=trial.checkout, home=trial.home, name="prod", configuration={})
    production.pulumi("stack", "init", "prod")
    done = production.pulumi("preview", check=False)
    assert done.returncode != 0
    for key in ("convexUrl", "backendKey", "webToken"):
        assert f"fondation:{key} is missing" in done.stdout
    production.pulumi("config", "set", "fondation:convexUrl", "https://happy-otter-1.convex.cloud")
    production.pulumi("config", "set", "--secret", "fondation:backendKey", "canary-key-0123456789")
    production.pulumi("config", "set", "--secret", "fondation:webToken", "canary-token-0123456789")
    preview = production.pulumi("preview", "--diff").stdout
    assert "canary" not in preview
    assert "fondation-prod-web" in preview
    assert "fondation-prod-backend:" not in preview


def test_commands_leave_the_checkout_clean(stack: Trial) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=Path(__file__).resolve().parents[2],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    own = {name for name in listed if name} | {f"Pulumi.{stack.name}.yaml"}
    found = {
        path.relative_to(stack.checkout).as_posix()
        for path in stack.checkout.rglob("*")
        if path.is_file() and path.relative_to(stack.checkout).parts[0] != ".fondation"
    }
    assert {name for name in found - own if "__pycache__" not in name} == set()
