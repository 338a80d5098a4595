import asyncio
import math
from pathlib import Path

from worker.credential import WatchedCredential, expiry_s
from worker.errors import CredentialError, RateLimitedError, TryAgainError, WorkerError
from worker.metrics import Metrics
from worker.readiness import Readiness


class Model:
    """Answers probes as told, and counts them."""

    def __init__(self) -> None:
        self.problem: WorkerError | None = None
        self.probes = 0

    async def __call__(self) -> WorkerError | None:
        self.probes += 1
        return self.problem


class World:
    def __init__(self, folder: Path) -> None:
        self.now_s = 1000.0
        self.model, self.metrics, self.readiness = Model(), Metrics(), Readiness()
        self.readiness.clear("start")
        self.token = folder / "value"
        self.token.write_text("first")
        self.credential = WatchedCredential(
            file=self.token,
            probe=self.model,
            metrics=self.metrics,
            readiness=self.readiness,
            monotonic_s=lambda: self.now_s,
        )

    def pause_s(self) -> float:
        return asyncio.run(self.credential.pause_s())

    def failures(self) -> float:
        return float(self.metrics.auth_failures._value.get())


def test_an_accepted_credential_is_probed_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert [world.pause_s() for _ in range(3)] == [0, 0, 0]
    assert world.model.probes == 1
    assert world.readiness.reasons == {}


def test_a_refused_credential_is_asked_again_ever_less_often(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.model.problem = CredentialError("401")
    for number, pause_s in enumerate((5, 10, 20, 40, 80, 160, 300, 300), start=1):
        assert world.pause_s() > 0
        assert world.model.probes == number
        world.now_s += pause_s - 0.1
        assert 0 < world.pause_s() <= 1
        assert world.model.probes == number
        world.now_s += 0.1
    assert world.failures() == 8
    assert world.readiness.reasons["credential"].startswith("401; asked again in 300 s")


def test_a_changed_file_is_probed_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.model.problem = CredentialError("401")
    world.pause_s()
    world.model.problem = None
    assert world.pause_s() > 0
    world.token.write_text("second")
    assert world.pause_s() == 0
    assert world.readiness.reasons == {}


def test_a_missing_or_empty_file_pauses_without_asking_the_model(tmp_path: Path) -> None:
    world = World(tmp_path)
    for disturb in (world.token.unlink, world.token.touch):
        disturb()
        assert world.pause_s() > 0
        assert "run `bin/fondation auth login`" in world.readiness.reasons["credential"]
    assert world.model.probes == 0
    world.token.write_text("first")
    assert world.pause_s() == 0


def test_a_refused_job_is_probed_at_once_and_then_with_patience(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.pause_s()
    world.credential.failed(CredentialError("401"))
    assert world.pause_s() == 0
    assert world.model.probes == 2
    # The probe is accepted and jobs are not: the worker must not spin.
    world.credential.failed(CredentialError("403"))
    assert world.pause_s() > 0
    assert world.model.probes == 2
    world.now_s += 10
    assert world.pause_s() == 0
    world.credential.worked()
    world.credential.failed(CredentialError("401"))
    assert world.pause_s() == 0


def test_a_rate_limit_waits_for_its_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.pause_s()
    world.credential.failed(RateLimitedError("429", retry_after_s=1234))
    world.now_s += 1233
    assert world.pause_s() > 0
    assert world.model.probes == 1
    world.now_s += 1
    assert world.pause_s() == 0
    assert world.failures() == 0


def test_an_unreachable_model_pauses_and_counts_as_no_refusal(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.model.problem = TryAgainError("no answer")
    assert world.pause_s() > 0
    assert world.failures() == 0


def test_the_expiry_beside_the_credential_is_a_metric_that_follows_a_rotation(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.pause_s()
    assert b"credential_expiry_timestamp_seconds NaN" in world.metrics.render()
    (tmp_path / "expires").write_text("2027-01-02\n")
    world.token.write_text("second")
    world.pause_s()
    assert b"credential_expiry_timestamp_seconds 1.798848e+09" in world.metrics.render()


def test_an_unreadable_expiry_is_no_expiry(tmp_path: Path) -> None:
    file = tmp_path / "expires"
    for text in ("none", "", "soon"):
        file.write_text(text)
        assert math.isnan(expiry_s(file))
