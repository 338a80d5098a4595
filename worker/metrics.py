"""The worker's metrics, in a registry of their own. No label carries a job or a repository."""

import math
import platform
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from course.version import VERSION
from worker.progress import Usage

_JOB_BUCKETS: Final = (1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 2400, 3600)
_STEP_BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800)
_DELAY_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)


class Outcome(StrEnum):
    """How a job left this worker."""

    COMPLETED = "completed"
    FAILED = "failed"
    RETRIED = "retried"
    DEAD = "dead"
    CANCELED = "canceled"
    LEASE_LOST = "lease_lost"
    RELEASED = "released"
    ABANDONED = "abandoned"  # the queue could not be told


class Metrics:
    """Counts and measures; `render` gives the text format of Prometheus.

    Args:
        resources: Figures that are read at each scrape.
    """

    def __init__(self, resources: Collector | None = None) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        ProcessCollector(registry=registry)
        if resources is not None:
            registry.register(resources)
        self.jobs = Counter(
            "fondation_jobs", "Jobs that left this worker, by how they left it.", ["outcome"], registry=registry
        )
        self.job_duration = Histogram(
            "fondation_job_duration_seconds", "From claim to end.", buckets=_JOB_BUCKETS, registry=registry
        )
        self.step_duration = Histogram(
            "fondation_step_duration_seconds",
            "Duration of the clone, of each step of the analysis, and of reading and publishing.",
            ["step"],
            buckets=_STEP_BUCKETS,
            registry=registry,
        )
        self.start_delay = Histogram(
            "fondation_job_start_delay_seconds",
            "From the moment a job was due to its claim.",
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )
        self.active = Gauge("fondation_worker_active_jobs", "Jobs being handled.", registry=registry)
        self.ready = Gauge("fondation_worker_ready", "1 when the worker claims jobs.", registry=registry)
        self.documents = Counter("fondation_documents_published", "Documents published.", registry=registry)
        self.problems = Counter(
            "fondation_parse_problems", "Files of course folders that became no document.", registry=registry
        )
        self.lease_lost = Counter("fondation_lease_lost", "Jobs lost to the end of their lease.", registry=registry)
        self.last_success = Gauge(
            "fondation_last_completed_timestamp_seconds", "When a job was last completed.", registry=registry
        )
        self.auth_failures = Counter(
            "fondation_claude_auth_failures", "Times that the model refused the credential.", registry=registry
        )
        self.credential_accepted = Gauge(
            "fondation_claude_credential_accepted_timestamp_seconds",
            "When the model last accepted the credential by a probe; 0 for never.",
            registry=registry,
        )
        self.credential_expiry = Gauge(
            "fondation_claude_credential_expiry_timestamp_seconds",
            "When the model's credential ends; NaN where that is not known.",
            registry=registry,
        )
        self.credential_expiry.set(math.nan)
        self.claude_tokens = Counter(
            "fondation_claude_tokens", "Tokens sent to the model and received.", ["direction"], registry=registry
        )
        self.claude_cost = Counter(
            "fondation_claude_cost_usd", "US dollars for the model, by Claude Code's own estimate.", registry=registry
        )
        self.claude_calls = Counter("fondation_claude_calls", "Prompts that the model answered.", registry=registry)
        info = Gauge("fondation_build_info", "Version of the worker.", ["version", "python"], registry=registry)
        info.labels(VERSION, platform.python_version()).set(1)
        for outcome in Outcome:
            self.jobs.labels(outcome.value)

    def count(self, usage: Usage) -> None:
        """Count what a job's answers took."""
        self.claude_tokens.labels("sent").inc(usage.input_tokens)
        self.claude_tokens.labels("received").inc(usage.output_tokens)
        self.claude_cost.inc(usage.usd)
        self.claude_calls.inc(usage.calls)

    def render(self) -> bytes:
        """Return all metrics as text."""
        return bytes(generate_latest(self._registry))
