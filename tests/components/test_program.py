import itertools
import json
import stat
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from components.machine import MachineFolders
from tests.components.recording import Recorder

Run = Callable[[Mapping[str, str]], Recorder]
DEVELOPMENT = {"environment": "development", "localRepositories": "true"}
PRODUCTION = {
    "environment": "production",
    "convexUrl": "https://happy-otter-1.convex.cloud",
    "backendKey": "canary-key-0123456789",
    "webToken": "canary-token-0123456789",
}
SERVICES = ("backend-container", "web-container", "worker-container")


def environment(container: Mapping[str, Any]) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in container["envs"])


def labels(container: Mapping[str, Any]) -> dict[str, str]:
    return {label["label"]: label["value"] for label in container["labels"]}


def secret_value(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever was wrapped
    """Return what a secret wraps; fails for a plain value."""
    assert value[rpc._special_sig_key] == rpc._special_secret_sig
    return value["value"]


def test_the_development_stack_is_complete(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT)
    assert set(recorder.of("Container")) == {*SERVICES, "backend-key-courier"}
    assert set(recorder.of("Image")) == {"images-cli", "images-auth", "images-worker", "images-server"}
    assert {tag["targetImage"] for tag in recorder.of("Tag").values()} == {
        "fondation-cli:base",
        "fondation-cli:auth-cli",
        "fondation-worker:prod-worker",
        "fondation-worker:latest",
        "fondation-server:prod-server",
    }
    assert [network["name"] for network in recorder.of("Network").values()] == ["fondation-test-network"]
    assert {volume["name"] for volume in recorder.of("Volume").values()} == {
        "fondation-test-backend",
        "fondation-test-backend-key",
        "fondation-test-repositories",
        "fondation-test-worker",
    }


def test_examples_run_in_a_sandbox_that_reaches_nothing(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT | {"runExamples": "true"})
    sandbox = recorder.of("Container")["sandbox-container"]
    worker = recorder.of("Container")["worker-container"]
    assert sandbox["networkMode"] == "none"
    assert sandbox["user"] == "10002:10002"
    assert sandbox["readOnly"] is True
    assert sandbox["init"] is False
    assert sandbox["envs"] == []
    assert sandbox["capabilities"] == {"drops": ["ALL"]}
    assert sandbox["securityOpts"] == ["no-new-privileges"]
    ways = {
        (mount["target"], mount["source"], mount["readOnly"])
        for container in (sandbox, worker)
        for mount in container["mounts"]
        if mount["target"].startswith("/srv/sandbox")
    }
    assert ways == {
        ("/srv/sandbox/in", "fondation-test-sandbox-in", True),
        ("/srv/sandbox/in", "fondation-test-sandbox-in", False),
        ("/srv/sandbox/out", "fondation-test-sandbox-out", True),
        ("/srv/sandbox/out", "fondation-test-sandbox-out", False),
    }
    assert len(sandbox["mounts"]) == 2
    assert environment(worker)["FONDATION_SANDBOX"] == "/srv/sandbox"
    for volume in (recorder.of("Volume")["sandbox-in"], recorder.of("Volume")["sandbox-out"]):
        assert volume["driverOpts"]["type"] == "tmpfs"
        assert "nosuid,nodev,noexec" in volume["driverOpts"]["o"]


def test_without_being_asked_there_is_no_sandbox(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT)
    assert not [name for kind in ("Container", "Image", "Volume") for name in recorder.of(kind) if "sandbox" in name]
    assert "FONDATION_SANDBOX" not in environment(recorder.of("Container")["worker-container"])


def test_outputs_say_where_things_are_and_what_runs(run_program: Run) -> None:
    outputs = run_program(DEVELOPMENT).outputs
    assert outputs["webUrl"] == "http://127.0.0.1:8420"
    assert outputs["convexUrl"] == "http://127.0.0.1:8421"
    assert set(outputs["images"]) == {"cli", "auth", "worker", "server"}
    assert len(outputs["release"]) == 12


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(run_program: Run, name: str) -> None:
    container = run_program(DEVELOPMENT).of("Container")[name]
    assert container["user"] == "10001:10001"
    assert container["readOnly"] is True
    assert container["init"] is True
    assert container["capabilities"] == {"drops": ["ALL"]}
    assert container["securityOpts"] == ["no-new-privileges"]
    assert container["memory"] == container["memorySwap"] > 0
    assert float(container["cpus"]) > 0
    assert container["ulimits"][0]["name"] == "nproc"
    assert container["networkMode"] == "network-id"
    assert all(port["ip"] == "127.0.0.1" for port in container["ports"])
    assert container["wait"] is True
    assert container["healthcheck"]["tests"][:2] == ["CMD", "/opt/fondation/venv/bin/python"]
    assert "privileged" not in container


def test_services_run_image_ids_and_show_the_digest(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT)
    for name, role in zip(SERVICES, ("server", "server", "worker"), strict=True):
        container = recorder.of("Container")[name]
        assert container["image"] == f"sha256:id-of-images-{role}"
        assert labels(container)["org.fondation.digest"] == recorder.outputs["images"][role]


def test_a_changed_pause_between_health_checks_shows_as_a_label(run_program: Run) -> None:
    """The provider reports a changed health check without applying it; a label replaces the container."""
    for container in map(run_program(DEVELOPMENT | {"healthSeconds": "9"}).of("Container").get, SERVICES):
        assert container is not None
        assert container["healthcheck"]["interval"] == "9s"
        assert labels(container)["org.fondation.probe"].endswith((" /health every 9 s", " /health/live every 9 s"))


def test_images_build_without_a_network_from_relative_paths_on_each_other(run_program: Run) -> None:
    images = run_program(DEVELOPMENT).of("Image")
    for image in images.values():
        assert image["build"]["network"] == "none"
        assert image["build"]["context"].startswith(".fondation/build/")
        assert image["skipPush"] is True
    chain = ["images-cli", "images-auth", "images-worker"]
    for parent, child in itertools.pairwise(chain):
        assert images[child]["build"]["args"]["PARENT"] == images[parent]["imageName"]
    assert images["images-cli"]["build"]["args"]["PARENT"].startswith("fondation-os:")


def test_the_key_travels_as_a_file_and_nowhere_else(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT)
    courier = recorder.of("Container")["backend-key-courier"]
    assert courier["start"] is False
    assert courier["user"] == "10001:10001"
    assert courier["networkMode"] == "none"
    assert courier["capabilities"] == {"drops": ["ALL"]}
    assert courier["securityOpts"] == ["no-new-privileges"]
    assert courier["memory"] == courier["memorySwap"] > 0
    uploads = secret_value(courier["uploads"])
    assert uploads[0]["file"] == "/srv/secret/value"
    assert uploads[0]["content"] == "development-key-1"
    for name in SERVICES:
        container = recorder.of("Container")[name]
        assert environment(container)["FONDATION_BACKEND_KEY_FILE"] == "/run/fondation/backend-key/value"
        assert labels(container)["org.fondation.secret.fondation-backend-key-file"] == "backend-key-courier-id"
        assert "development-key-1" not in json.dumps(container, default=str)
        mount = next(mount for mount in container["mounts"] if mount["target"] == "/run/fondation/backend-key")
        assert mount["readOnly"] is True


def test_production_has_no_backend_no_local_repositories_and_two_secrets(run_program: Run) -> None:
    recorder = run_program(PRODUCTION)
    containers = recorder.of("Container")
    assert set(containers) == {"web-container", "worker-container", "backend-key-courier", "web-token-courier"}
    for name in ("web-container", "worker-container"):
        variables = environment(containers[name])
        assert variables["NODE_ENV"] == "production"
        assert variables["CONVEX_URL"] == PRODUCTION["convexUrl"]
        assert "FONDATION_LOCAL_REPOSITORIES" not in variables
        assert "canary" not in json.dumps(containers[name], default=str)
    assert "FONDATION_TOKEN_FILE" in environment(containers["web-container"])
    assert "FONDATION_TOKEN_FILE" not in environment(containers["worker-container"])
    assert recorder.outputs["convexUrl"] == PRODUCTION["convexUrl"]


def test_a_bad_configuration_stops_the_program_with_all_problems(run_program: Run) -> None:
    with pytest.raises(pulumi.RunError, match="fondation:webPrt is not a known key") as caught:
        run_program({"webPrt": "1", "environment": "prod"})
    assert 'fondation:environment is "prod"' in str(caught.value)


def test_a_missing_key_names_the_remedy(run_program: Run, folders: MachineFolders) -> None:
    (folders.home / "keys" / "backend.key").unlink()
    with pytest.raises(pulumi.RunError, match="run `make prepare`"):
        run_program(DEVELOPMENT)


def test_a_namespace_keeps_image_names_apart(run_program: Run) -> None:
    recorder = run_program({**DEVELOPMENT, "imageNamespace": "trial/"})
    names = [image["imageName"] for image in recorder.of("Image").values()]
    names += [tag["targetImage"] for tag in recorder.of("Tag").values()]
    assert all(name.startswith("trial/fondation-") for name in names)


CLAUDE = {
    **DEVELOPMENT,
    "engine": "claude",
    "authMode": "runtime",
    "claudeToken": "sk-ant-oat01-canary-0123456789",
    "claudeTokenExpires": "2027-11-24",
}


def test_the_credential_reaches_the_worker_alone_and_its_rotation_replaces_nobody(run_program: Run) -> None:
    recorder = run_program(CLAUDE)
    uploads = secret_value(recorder.of("Container")["claude-token-courier"]["uploads"])
    assert {upload["file"]: upload["content"] for upload in uploads} == {
        "/srv/secret/value": CLAUDE["claudeToken"],
        "/srv/secret/expires": "2027-11-24",
    }
    for name in SERVICES:
        container = recorder.of("Container")[name]
        assert "canary" not in json.dumps(container, default=str)
        mounted = [mount for mount in container["mounts"] if mount["target"] == "/run/fondation/claude-token"]
        assert [mount["readOnly"] for mount in mounted] == ([True] if name == "worker-container" else [])
        assert not [label for label in labels(container) if "claude" in label]
    worker = environment(recorder.of("Container")["worker-container"])
    assert worker["FONDATION_CLAUDE_TOKEN_FILE"] == "/run/fondation/claude-token/value"
    assert worker["FONDATION_ENGINE"] == "claude"


def test_a_baked_credential_is_in_the_authenticated_images_context_alone(
    run_program: Run, folders: MachineFolders
) -> None:
    recorder = run_program({**CLAUDE, "authMode": "baked"})
    assert "claude-token-courier" not in recorder.of("Container")
    assert "canary" not in json.dumps([*recorder.resources.values()], default=str)
    held = [file for file in folders.build.rglob("*") if file.is_file() and b"canary" in file.read_bytes()]
    assert [file.relative_to(folders.build).parts[1:] for file in held] == [("files", "credential", "value")]
    assert held[0].relative_to(folders.build).parts[0].startswith("auth-")
    assert stat.S_IMODE(held[0].stat().st_mode) == 0o600
    assert (held[0].parent / "expires").read_text() == "2027-11-24"
    worker = environment(recorder.of("Container")["worker-container"])
    assert worker["FONDATION_CLAUDE_TOKEN_FILE"] == "/opt/fondation/auth/credential/value"


def test_a_rotation_changes_no_image_and_a_baked_one_does(run_program: Run) -> None:
    changed = {"claudeToken": "sk-ant-oat01-canary-9876543210", "claudeTokenSince": "2026-12-24"}
    before = run_program(CLAUDE).outputs["images"]
    assert run_program({**CLAUDE, **changed}).outputs["images"] == before
    baked = run_program({**CLAUDE, "authMode": "baked"}).outputs["images"]
    after = run_program({**CLAUDE, "authMode": "baked", **changed}).outputs["images"]
    assert {role for role in baked if baked[role] != after[role]} == {"auth", "worker"}


GIT = json.dumps(
    {
        "github.com/acme": {"token": "ghp_canary0123456789"},
        "git.example.com:8443": {"user": "r", "token": "canary-77"},
    }
)


def test_tokens_for_private_repositories_reach_the_worker_alone(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT | {"gitCredentials": GIT})
    containers = recorder.of("Container")
    courier = containers["git-credentials-courier"]
    (upload,) = secret_value(courier["uploads"])
    assert json.loads(upload["content"]) == {
        "github.com/acme": {"user": "x-access-token", "token": "ghp_canary0123456789"},
        "git.example.com:8443": {"user": "r", "token": "canary-77"},
    }
    worker, web = environment(containers["worker-container"]), environment(containers["web-container"])
    assert worker["FONDATION_GIT_CREDENTIALS_FILE"] == "/run/fondation/git-credentials/value"
    assert web["FONDATION_GIT_HOSTS"] == "git.example.com:8443 github.com/acme"
    mounting = [
        name
        for name, container in containers.items()
        if any(mount["target"] == "/run/fondation/git-credentials" for mount in container["mounts"])
    ]
    assert mounting == ["worker-container"]
    # A rotation replaces the courier alone.
    assert not any("git" in label for label in labels(containers["worker-container"]))
