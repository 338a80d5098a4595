"""Credentials on a deployed stack with the real Claude Code, against a local server that speaks the Messages API.

One stack goes through its modes; the cases run in the order of the file and each leaves the stack as it says. No secret
may be where people or programs look, at any time.
"""

import datetime as dt
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.canary import ProcessWatch, images_of, secrets_in_layers, secrets_shown, watched_processes
from tests.daemon import until
from tests.examples import RECORDED_MODEL, SAMPLES, answers_of, by_model
from tests.messages_api import ANSWER, Behaviour, MessagesApi, running_messages_api, text_of
from tests.scripted_model import RecordedModel
from tests.trial import Trial, bridge_address, docker, inspect, new_trial

FIRST = "sk-ant-oat01-canary-first-0123456789abcdef"
SECOND = "sk-ant-oat01-canary-second-0123456789abcdef"
API_KEY = "sk-ant-api03-canary-key-0123456789abcdef"
WEB_TOKEN = "canary-web-token-0123456789abcdef"
MODEL = {"claudeModel": RECORDED_MODEL, "claudeParallel": "3"}
SECRETS = {"first": FIRST, "second": SECOND, "api key": API_KEY, "web token": WEB_TOKEN}


@pytest.fixture(scope="module")
def api() -> Iterator[MessagesApi]:
    """The model's service, where the containers reach it; it accepts nothing yet."""
    with running_messages_api(host=bridge_address()) as running:
        yield running


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, api: MessagesApi) -> Iterator[Trial]:
    """A stack that is not deployed yet."""
    made = new_trial(tmp_path_factory.mktemp("credentials"), claudeBaseUrl=api.url, **MODEL)
    file = made.checkout / f"Pulumi.{made.name}.yaml"
    made.init()
    assert file.is_file()
    try:
        yield made
    finally:
        made.destroy()


@pytest.fixture(scope="module", autouse=True)
def processes() -> Iterator[ProcessWatch]:
    """Every command line of the machine, from the first case to the last."""
    with watched_processes(*SECRETS.values()) as watch:
        yield watch
    assert watch.rounds > 100
    assert watch.found == set()


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[[str], str]:
    def make(token: str) -> str:
        file = tmp_path / "credential"
        file.write_text(token)
        file.chmod(0o600)
        return str(file)

    return make


def auth(trial: Trial, *arguments: str) -> CompletedProcess[str]:
    return trial.fondation("auth", *arguments, check=False)


def metrics(trial: Trial) -> Mapping[str, float]:
    text = trial.in_worker("/metrics")
    rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def readiness(trial: Trial) -> Mapping[str, str]:
    answer = trial.in_worker("/health/ready")
    found: Mapping[str, str] = json.loads(answer).get("reasons", {}) if answer else {"start": "it does not answer"}
    return found


def worker(trial: Trial) -> tuple[str, str]:
    """Return what changes when the worker is replaced or restarted."""
    found = inspect("inspect", trial.container("worker"))[0]
    return found["Id"], found["State"]["StartedAt"]


def test_a_credential_is_stored_encrypted_and_a_bad_one_is_not(trial: Trial, secret_file: Callable[[str], str]) -> None:
    file = trial.checkout / f"Pulumi.{trial.name}.yaml"
    before = file.read_text()
    assert auth(trial, "status").returncode == 31
    readable = secret_file(FIRST)
    Path(readable).chmod(0o644)
    assert auth(trial, "login", "--file", readable).returncode == 32
    assert auth(trial, "login", "--file", secret_file(f"{FIRST}#x")).returncode == 32
    assert auth(trial, "login", "--file", secret_file(FIRST), "--expires", "2020-01-01").returncode == 34
    assert file.read_text() == before
    done = auth(trial, "login", "--file", secret_file(FIRST))
    assert done.returncode == 0, done.stdout
    assert "fondation:authMode: runtime" in file.read_text()
    assert FIRST not in file.read_text() + done.stdout
    status = auth(trial, "status")
    assert status.returncode == 0
    assert "(365 days left)" in status.stdout
    assert "verified  not by this machine" in status.stdout


def test_a_refused_credential_stops_the_release_before_anything_runs(trial: Trial) -> None:
    trial.pulumi("config", "set", "--secret", "fondation:webToken", stdin=WEB_TOKEN)
    done = trial.fondation("up", "--no-first-course", check=False)
    assert done.returncode == 33, done.stdout
    assert "refuses the credential" in done.stdout
    assert docker("ps", "--all", "--quiet", "--filter", f"name=fondation-{trial.name}-") == ""


def test_an_accepted_credential_is_deployed_and_the_worker_is_ready(trial: Trial, api: MessagesApi) -> None:
    api.accept(FIRST)
    trial.fondation("up", "--no-first-course")
    until(lambda: not readiness(trial), what="the worker is ready")
    assert {request.credential for request in api.messages} == {"bearer"}
    found = metrics(trial)
    assert found["fondation_claude_auth_failures_total"] == 0
    left_s = found["fondation_claude_credential_expiry_timestamp_seconds"] - time.time()
    assert 363 < left_s / 86_400 < 366
    assert auth(trial, "verify").returncode == 0
    assert "accepted, by" in auth(trial, "status").stdout


def test_the_model_writes_the_course_of_a_job(trial: Trial, api: MessagesApi, tmp_path: Path) -> None:
    repository, course = tmp_path / "courier", tmp_path / "course"
    shutil.copytree(SAMPLES / "courier", repository)
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "courier"]):
        subprocess.run([*git, *command], check=True)
    model, prompts = RecordedModel(folder=answers_of("courier")), list[str]()

    def reply(body: Mapping[str, Any]) -> str:
        prompts.append(text_of(body["messages"][0]["content"]))
        return model.answer(prompts[-1])

    api.reply = reply
    try:
        estimated = trial.fondation("submit", str(repository), "--estimate").stdout
        assert prompts == []
        done = trial.fondation("submit", str(repository), "--wait")
        (job,) = re.findall(r"/courses/(\w+)/", done.stdout)
        asked = len(prompts)
        trial.fondation("course", job, "--output", str(course))
        # The same commit once more asks nothing.
        trial.fondation("submit", str(repository), "--wait")
    finally:
        api.reply = lambda _: ANSWER
    assert len(prompts) == asked
    # What the worker published is the recorded course, byte for byte.
    expected = {path.relative_to(by_model("courier")): path.read_bytes() for path in by_model("courier").rglob("*.md")}
    assert {path: (course / path).read_bytes() for path in expected if (course / path).is_file()} == expected
    log = trial.fondation("logs", job).stdout
    (announced,) = re.findall(rf"About {asked} calls and \d+ tokens", log)
    assert announced in estimated
    assert f"{asked} calls, 0 answers kept" in log
    found = metrics(trial)
    assert found["fondation_claude_calls_total"] == asked
    assert found['fondation_claude_tokens_total{direction="sent"}'] > 1000


def test_no_secret_shows_and_no_layer_holds_one(trial: Trial) -> None:
    secrets = SECRETS | {"backend key": (trial.home / "keys" / "backend.key").read_text().strip()}
    assert secrets_shown(trial, secrets) == {}
    for image in ("fondation-worker:latest", "fondation-server:prod-server"):
        assert secrets_in_layers(trial.namespace + image, secrets) == set()


def test_each_failure_of_a_verification_has_its_exit_code(trial: Trial, api: MessagesApi) -> None:
    api.behaviour = Behaviour.RATE_LIMITED
    assert auth(trial, "verify").returncode == 37
    api.behaviour = Behaviour.ANSWER
    trial.pulumi("config", "set", "fondation:claudeBaseUrl", api.url.rpartition(":")[0] + ":9")
    assert auth(trial, "verify").returncode == 36
    trial.pulumi("config", "set", "fondation:claudeBaseUrl", api.url)


def test_a_revoked_credential_pauses_the_worker_and_a_rotation_resumes_it_without_a_restart(
    trial: Trial, api: MessagesApi, secret_file: Callable[[str], str]
) -> None:
    api.accept(SECOND)
    docker("restart", trial.container("worker"))  # the probe at the start meets the revocation
    until(lambda: "credential" in readiness(trial), what="the worker says that it pauses")
    assert "refused" in readiness(trial)["credential"]
    assert metrics(trial)["fondation_claude_auth_failures_total"] >= 1
    assert inspect("inspect", trial.container("worker"))[0]["State"]["Health"]["Status"] != "unhealthy"
    before = worker(trial)
    file = trial.checkout / f"Pulumi.{trial.name}.yaml"
    configured = file.read_bytes()
    # A new credential that the service refuses never takes the old one's place.
    assert auth(trial, "rotate", "--file", secret_file(FIRST)).returncode == 33
    assert auth(trial, "rotate", "--file", secret_file(API_KEY)).returncode == 32
    assert file.read_bytes() == configured
    done = auth(trial, "rotate", "--file", secret_file(SECOND), "--expires", tomorrow().isoformat())
    assert done.returncode == 0, done.stdout
    assert "nothing was restarted" in done.stdout
    assert readiness(trial) == {}
    assert worker(trial) == before
    trial.pulumi("preview", "--expect-no-changes")
    assert auth(trial, "status").returncode == 35
    expiry = "fondation_claude_credential_expiry_timestamp_seconds"
    until(lambda: metrics(trial)[expiry] == midnight(tomorrow()), what="the worker knows the new date")
    trial.pulumi("config", "set", "fondation:claudeTokenExpires", "2020-01-01")
    assert auth(trial, "status").returncode == 34
    assert auth(trial, "verify").returncode == 34


def test_an_api_key_is_a_mode_of_its_own(trial: Trial, api: MessagesApi, secret_file: Callable[[str], str]) -> None:
    api.accept(API_KEY)
    assert auth(trial, "login", "--mode", "api-key", "--file", secret_file(API_KEY)).returncode == 0
    trial.fondation("up", "--no-first-course")
    # Until it was replaced, the worker before it asked with its own, refused credential.
    api.seen.clear()
    docker("restart", trial.container("worker"))
    until(lambda: bool(api.messages) and not readiness(trial), what="the worker is ready")
    assert {request.credential for request in api.messages} == {"api-key"}
    assert secrets_shown(trial, SECRETS) == {}
    assert "expires   unknown" in auth(trial, "status").stdout


def test_a_baked_credential_is_in_two_images_by_definition_and_nowhere_else(
    trial: Trial, api: MessagesApi, secret_file: Callable[[str], str]
) -> None:
    api.accept(FIRST)
    assert auth(trial, "login", "--mode", "baked", "--file", secret_file(FIRST)).returncode == 0
    preview = trial.pulumi("preview").stdout
    assert "warning: fondation:authMode is baked" in preview
    trial.fondation("up", "--no-first-course")
    until(lambda: not readiness(trial), what="the worker is ready")
    assert auth(trial, "verify").returncode == 0
    image = trial.namespace + "fondation-cli:auth-cli"
    labels = inspect("image", "inspect", image)[0]["Config"]["Labels"]
    assert labels["org.fondation.auth.mode"] == "baked"
    assert labels["org.fondation.auth.since"] == dt.datetime.now(dt.UTC).date().isoformat()
    assert secrets_shown(trial, SECRETS) == {}
    assert secrets_in_layers(trial.namespace + "fondation-worker:latest", SECRETS) == {"first"}
    assert secrets_in_layers(trial.namespace + "fondation-server:prod-server", SECRETS) == set()
    assert images_of(trial)


def tomorrow() -> dt.date:
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


def midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
