import json
from collections.abc import Callable, Mapping

import pytest

from components.configuration import ConfigurationError, parse_configuration
from tests.components.recording import Recorder
from tests.components.test_program import DEVELOPMENT, PRODUCTION, environment, labels

Run = Callable[[Mapping[str, str]], Recorder]
WATCHED = {**DEVELOPMENT, "monitoring": "true"}
REGISTRY_IMAGE = f"prom/prometheus:v2.53.0@sha256:{'ab' * 32}"


def targets(recorder: Recorder) -> dict[str, str]:
    scraped = json.loads(environment(recorder.of("Container")["monitoring-container"])["FONDATION_SCRAPE_TARGETS"])
    return {entry["labels"]["job"]: entry["targets"][0] for entry in scraped}


def test_without_the_key_nothing_of_it_is_there(run_program: Run) -> None:
    recorder = run_program(DEVELOPMENT)
    assert not [name for _, name in recorder.resources if "monitoring" in name or "prometheus" in name]
    assert "dashboardUrl" not in recorder.outputs


def test_it_asks_every_process_of_the_stack(run_program: Run) -> None:
    recorder = run_program(WATCHED)
    assert targets(recorder) == {
        "backend": "fondation-test-backend:3210",
        "web": "fondation-test-web:9464",
        "worker": "fondation-test-worker:8080",
    }
    assert environment(recorder.of("Container")["web-container"])["FONDATION_METRICS_PORT"] == "9464"
    assert recorder.outputs["dashboardUrl"] == "http://127.0.0.1:9490/consoles/index.html"


def test_metrics_of_the_web_page_are_not_published(run_program: Run) -> None:
    ports = run_program(WATCHED).of("Container")["web-container"]["ports"]
    assert [port["internal"] for port in ports] == [8000]


def test_a_stack_with_a_convex_deployment_has_no_backend_to_ask(run_program: Run) -> None:
    assert set(targets(run_program({**PRODUCTION, "monitoring": "true"}))) == {"web", "worker"}


def test_it_is_confined_like_every_service(run_program: Run) -> None:
    recorder = run_program({**WATCHED, "prometheusPort": "9999"})
    container = recorder.of("Container")["monitoring-container"]
    assert container["user"] == "10001:10001"
    assert container["readOnly"] is True
    assert container["capabilities"] == {"drops": ["ALL"]}
    assert container["securityOpts"] == ["no-new-privileges"]
    assert container["memory"] == container["memorySwap"] > 0
    assert container["networkMode"] == "network-id"
    assert [(port["ip"], port["external"]) for port in container["ports"]] == [("127.0.0.1", 9999)]
    assert container["healthcheck"]["tests"][:2] == ["CMD", "promtool"]
    assert [(mount["source"], mount["target"]) for mount in container["mounts"]] == [
        ("fondation-test-prometheus", "/var/lib/fondation")
    ]
    assert labels(container)["org.fondation.digest"] == recorder.outputs["images"]["prometheus"]


def test_its_image_starts_from_debians_package_or_from_the_image_that_is_named(run_program: Run) -> None:
    def parent(recorder: Recorder) -> str:
        found: str = recorder.of("Image")["images-prometheus"]["build"]["args"]["PARENT"]
        return found

    assert parent(run_program(WATCHED)).startswith("fondation-os:prometheus-")
    assert parent(run_program({**WATCHED, "prometheusImage": REGISTRY_IMAGE})) == REGISTRY_IMAGE


@pytest.mark.parametrize(
    ("url", "target", "path"),
    [
        ("https://alerts.example.org", "alerts.example.org:443", "/api/v2/alerts"),
        ("http://10.0.0.7:9093/team/", "10.0.0.7:9093", "/team/api/v2/alerts"),
    ],
)
def test_alerts_go_to_the_alertmanager_that_is_named(run_program: Run, url: str, target: str, path: str) -> None:
    container = run_program({**WATCHED, "alertmanagerUrl": url}).of("Container")["monitoring-container"]
    (entry,) = json.loads(environment(container)["FONDATION_ALERTMANAGERS"])
    assert entry["targets"] == [target]
    assert entry["labels"] == {"__tmp_scheme": url.partition(":")[0], "__tmp_path": path}


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("prometheusPort", "8420", "fondation:prometheusPort is 8420: that is the port of another service"),
        ("prometheusImage", "prom/prometheus:latest", 'fondation:prometheusImage is "prom/prometheus:latest"'),
        ("alertmanagerUrl", "alerts:9093", 'fondation:alertmanagerUrl is "alerts:9093"'),
    ],
)
def test_bad_values_are_named(key: str, value: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration({f"fondation:{name}": text for name, text in {**WATCHED, key: value}.items()})
    assert problem in str(caught.value)
