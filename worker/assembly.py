"""Builds the worker of a process from its settings, and takes it apart again."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from worker.checkout import Checkout
from worker.convex_queue import ConvexQueue
from worker.credential import Credential, NoCredential, WatchedCredential
from worker.folders import Folders
from worker.functions import FunctionClient
from worker.health import HealthApp, HealthServer
from worker.metrics import Metrics
from worker.model_probe import ModelProbe
from worker.readiness import Readiness
from worker.resources import Resources
from worker.runner import Runner
from worker.service import Service, StopSignals
from worker.settings import Settings
from worker.subscription import Subscription
from worker.watch import Bounds

_LOG: Final = logging.getLogger(__name__)


@asynccontextmanager
async def assembled(settings: Settings, stop: StopSignals) -> AsyncIterator[Service]:
    """Provide a service on the configured backend, with its health server.

    Raises:
        StartupError: The data folder or the health port cannot be used.
    """
    readiness, metrics = Readiness(), Metrics(Resources(settings.data_dir))
    folders = Folders(settings.data_dir)
    try:
        health = HealthServer(HealthApp(readiness, metrics), host=settings.health_host, port=settings.health_port)
        try:
            _LOG.info(
                "worker %s serves %s, health on port %d, engine %s",
                settings.name,
                settings.convex_url,
                health.port,
                settings.engine,
            )
            subscription = Subscription(settings.convex_url, settings.backend_key_file, settings.child_environment)
            client = FunctionClient(settings.convex_url, settings.backend_key)
            queue = ConvexQueue(client, subscription, lease_s=settings.lease_s)
            credential = _credential(settings, metrics, readiness)
            try:
                runner = Runner(
                    queue=queue,
                    checkout=_checkout(settings),
                    folders=folders,
                    settings=settings,
                    metrics=metrics,
                    readiness=readiness,
                    credential=credential,
                )
                yield Service(
                    queue=queue,
                    runner=runner,
                    settings=settings,
                    metrics=metrics,
                    readiness=readiness,
                    credential=credential,
                    stop=stop,
                )
            finally:
                await queue.close()
        finally:
            health.close()
    finally:
        folders.close()


def _checkout(settings: Settings) -> Checkout:
    bounds = Bounds(max_bytes=settings.repository_max_bytes, max_files=settings.repository_max_files)
    return Checkout(bounds, settings.child_environment)


def _credential(settings: Settings, metrics: Metrics, readiness: Readiness) -> Credential:
    if settings.engine != "claude" or settings.credential_file is None:
        return NoCredential()
    return WatchedCredential(
        file=settings.credential_file, probe=ModelProbe(settings=settings), metrics=metrics, readiness=readiness
    )
