"""Checks of the credential for engine `claude`: whether there is one, its dates, its last proof. Asks no model."""

import datetime as dt
from collections.abc import Iterator

from components.machine import MachineFolders
from ops.credential import record
from ops.credential.service import require_unexpired, summary
from ops.credential.store import WARN_DAYS, stored
from ops.doctor.finding import Finding, failure, ok, warning
from ops.errors import OpsError
from ops.stack.stack import Stack


def check_credential(folders: MachineFolders, stack: Stack, now: dt.datetime) -> Iterator[Finding]:
    """Yield what is to be said of a stack's credential; nothing where its engine needs none."""
    if stack.keys.engine != "claude":
        return
    login = f"`bin/fondation auth login --stack {stack.name}`"
    rotate = f"`bin/fondation auth rotate --stack {stack.name}`"
    try:
        credential = stored(stack)
    except OpsError as error:
        yield failure("credential", str(error), login)
        return
    try:
        require_unexpired(credential, now.date())
    except OpsError as error:
        yield failure("credential", str(error), rotate)
        return
    left = credential.days_left(now.date())
    fact = summary(credential, now.date())
    yield warning("credential", fact, rotate) if left is not None and left <= WARN_DAYS else ok("credential", fact)
    seen = record.last(folders, stack.name)
    if seen is not None and seen.outcome != record.ACCEPTED:
        verify = f"`bin/fondation auth verify --stack {stack.name}`"
        yield warning("credential", f"its last verification, on {seen.at:%Y-%m-%d %H:%M} UTC, {seen.outcome}", verify)
