import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from components.configuration import ConfigurationError, parse_configuration
from tests.components.recording import Recorder
from tests.components.test_program import DEVELOPMENT, labels, secret_value

Run = Callable[[Mapping[str, str]], Recorder]
SWARM = {**DEVELOPMENT, "scaleMode": "swarm", "workerReplicas": "4"}
TOKEN = "canary-token-0123456789"


def only_service(recorder: Recorder) -> dict[str, Any]:
    [service] = recorder.of("Service").values()
    return service


def test_workers_are_a_service_and_the_rest_stays_containers_on_an_attachable_network(run_program: Run) -> None:
    recorder = run_program(SWARM)
    assert set(recorder.of("Container")) == {"backend-container", "web-container", "backend-key-courier"}
    [network] = recorder.of("Network").values()
    assert (network["driver"], network["attachable"]) == ("overlay", True)
    service = only_service(recorder)
    assert service["name"] == "fondation-test-worker"
    assert service["mode"] == {"replicated": {"replicas": 4}}
    assert service["taskSpec"]["networksAdvanceds"] == [{"id": "network-id"}]
    assert service["taskSpec"]["placement"] == {"constraints": ["node.role==manager"]}
    assert recorder.of("Container")["backend-container"]["networkMode"] == "network-id"


def test_an_update_starts_first_and_rolls_back(run_program: Run) -> None:
    service = only_service(run_program(SWARM))
    assert service["updateConfig"] == {
        "parallelism": 2,
        "order": "start-first",
        "failureAction": "rollback",
        "monitor": "5s",
    }
    assert service["rollbackConfig"]["order"] == "start-first"
    assert service["convergeConfig"] == {"delay": "500ms", "timeout": "600s"}
    assert service["taskSpec"]["containerSpec"]["stopGracePeriod"] == "75s"


def test_every_task_is_confined_and_runs_the_image_by_id(run_program: Run) -> None:
    recorder = run_program({**SWARM, "workerMemoryMib": "256", "workerCpus": "0.5"})
    service = only_service(recorder)
    task, container = service["taskSpec"], service["taskSpec"]["containerSpec"]
    assert task["resources"] == {"limits": {"memoryBytes": 256 << 20, "nanoCpus": 500_000_000}}
    assert container["image"] == "sha256:id-of-images-worker"
    assert container["user"] == "10001:10001"
    assert (container["readOnly"], container["init"], container["capDrops"]) == (True, True, ["ALL"])
    assert container["healthcheck"]["tests"][:2] == ["CMD", "/opt/fondation/venv/bin/python"]
    assert labels(container)["org.fondation.digest"] == recorder.outputs["images"]["worker"]
    assert container["env"]["FONDATION_WORKER_NAME"] == "fondation-test-worker-{{.Task.Slot}}"
    data = next(mount for mount in container["mounts"] if mount["target"] == "/var/lib/fondation")
    assert "source" not in data


def test_secrets_are_swarm_secrets_for_the_worker_alone_and_their_notes_configs(run_program: Run) -> None:
    recorder = run_program(
        {
            **SWARM,
            "engine": "claude",
            "authMode": "runtime",
            "claudeToken": TOKEN,
            "claudeTokenSince": "2026-01-01",
            "claudeTokenExpires": "2027-01-01",
        }
    )
    stored = {name: secret_value(secret["data"]) for name, secret in recorder.of("Secret").items()}
    assert {name: base64.b64decode(data).decode() for name, data in stored.items()} == {
        "fondation-test-backend-key-secret": "development-key-1",
        "fondation-test-claude-token-secret": TOKEN,
    }
    assert all("name" not in secret for secret in recorder.of("Secret").values())
    container = only_service(recorder)["taskSpec"]["containerSpec"]
    files = {item["fileName"]: item for item in container["secrets"]}
    assert set(files) == {
        container["env"]["FONDATION_BACKEND_KEY_FILE"],
        container["env"]["FONDATION_CLAUDE_TOKEN_FILE"],
    }
    assert {(item["fileUid"], item["fileGid"], item["fileMode"]) for item in files.values()} == {
        ("10001", "10001", 0o400)
    }
    assert [item["fileName"] for item in container["configs"]] == ["/run/fondation/claude-token/expires"]
    assert "claude-token-courier" not in recorder.of("Container")
    for text in (TOKEN, "development-key-1"):
        assert text not in json.dumps(only_service(recorder), default=str)


def test_placement_is_split_and_several_replicas_need_a_swarm() -> None:
    base = {"fondation:environment": "development"}
    placed = {**base, "fondation:workerPlacement": "node.labels.course == yes, node.role!=manager"}
    assert parse_configuration(placed).worker_constraints == ["node.labels.course==yes", "node.role!=manager"]
    assert parse_configuration({**base, "fondation:workerPlacement": ""}).worker_constraints == []
    with pytest.raises(ConfigurationError, match="needs a Docker swarm, set it with `pulumi config set"):
        parse_configuration({**base, "fondation:workerReplicas": "2"})
    with pytest.raises(ConfigurationError, match="fondation:workerPlacement is"):
        parse_configuration({**base, "fondation:workerPlacement": "somewhere nice"})
