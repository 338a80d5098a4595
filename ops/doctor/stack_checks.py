"""Checks of a stack: its configuration, what runs of it, its backend, its page. They look and change nothing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from components.configuration import ConfigurationError, StackKeys, parse_configuration
from components.machine import MachineFolders
from components.os_base import needed_bases, os_image_name
from components.stack_file import read_values, stack_file
from components.stack_names import StackNames
from ops.context import stack_keys
from ops.doctor.credential_checks import check_credential
from ops.doctor.finding import Finding, failure, ok, warning
from ops.doctor.machine_checks import clock_skew
from ops.doctor.swarm_checks import check_swarm
from ops.errors import (
    DaemonError,
    FunctionsError,
    NeighbourError,
    NotDeployedError,
    OpsError,
    StackError,
    UnownedVolumeError,
)
from ops.jobs.jobs import Jobs
from ops.machine.docker_objects import docker_client, tagged_images
from ops.machine.ports import require_free
from ops.stack.containers import SERVICE_LABEL
from ops.stack.functions import require_functions
from ops.stack.locks import stack_locks
from ops.stack.neighbours import neighbours, require_own
from ops.stack.stack import Outputs, Stack

_HTTP_TIMEOUT_S: Final = 10.0


def check_stack(folders: MachineFolders, name: str) -> Iterator[Finding]:
    """Yield what is to be said of a stack and of what it deployed."""
    yield _configuration(folders, name)
    stack = Stack(folders, name)
    try:
        keys = stack_keys(folders, name)
    except StackError:
        keys = None  # the finding above lists what is wrong with them
    if keys is not None:
        yield from _bases(folders, keys)
        yield _ports(stack)
        yield from check_credential(folders, stack, datetime.now(UTC))
    yield from check_locks(folders, name)
    yield from _neighbours(folders, stack)
    try:
        outputs = stack.outputs()
    except NotDeployedError as error:
        yield warning("stack", str(error), "")
        return
    except OpsError as error:
        yield failure("stack", str(error), "")
        return
    yield ok("stack", f"{name} is deployed, release {outputs.release}")
    yield from _containers(name)
    if keys is not None:
        yield from check_swarm(keys, name)
    yield from _page(outputs)
    yield _backend(stack)
    yield _functions(stack, outputs)


def _neighbours(folders: MachineFolders, stack: Stack) -> Iterator[Finding]:
    try:
        require_own(neighbours(folders, stack.name, stack.state()), folders, stack.name)
    except NeighbourError as error:
        yield failure("neighbour", str(error), "")
    except UnownedVolumeError as error:
        yield warning("neighbour", str(error), "")
    except OpsError:
        return  # other checks say what Docker or Pulumi lacks


def check_locks(folders: MachineFolders, name: str) -> Iterator[Finding]:
    """Yield who holds the stack's lock, or why Pulumi's state cannot be read."""
    try:
        locks = stack_locks(folders, name)
    except OpsError as error:
        yield failure("state", str(error), "")
        return
    for lock in locks or ():
        yield warning(
            "lock",
            f"an update of {name} is at work, or was killed: {lock}",
            f"wait for it; if nothing is at work any more: `bin/fondation recover --stack {name}`",
        )


def _configuration(folders: MachineFolders, name: str) -> Finding:
    file = stack_file(folders.checkout, name)
    if not file.is_file():
        return failure("configuration", f"there is no {file.name}", f"`bin/pulumi stack init {name}` begins one")
    try:
        values = read_values(folders.checkout, name)
        configuration = parse_configuration(values)
    except ConfigurationError as error:
        return failure("configuration", f"{file.name}: {error}", "")
    return ok("configuration", f"{file.name}: {len(values)} keys, {configuration.environment.value}")


def _bases(folders: MachineFolders, keys: StackKeys) -> Iterator[Finding]:
    try:
        with docker_client(timeout_s=30) as client:
            names = {tag for _, tag in tagged_images(client)}
    except DaemonError:
        return  # the machine's own checks say so
    for base in needed_bases(keys):
        image = os_image_name(folders.checkout, base)
        yield (
            ok("base image", image)
            if image in names
            else failure("base image", f"{image} is not in the daemon", "`make prepare` makes it")
        )


def _ports(stack: Stack) -> Finding:
    published = stack.published()
    try:
        require_free(published, stack=stack.name)
    except OpsError as error:
        return failure("ports", str(error), "")
    return ok("ports", ", ".join(f"{item.port} ({item.key.partition(':')[2]})" for item in published))


def _containers(name: str) -> Iterator[Finding]:
    prefix = StackNames(stack=name).of("")
    try:
        with docker_client(timeout_s=30) as client:
            found = client.api.containers(all=True, filters={"name": f"^/{prefix}"})
            # Tasks of a swarm come and go, and those that ended stay listed for a while: `check_swarm` judges them.
            own = [item for item in found if SERVICE_LABEL not in (item.get("Labels") or {})]
            states = [client.api.inspect_container(item["Id"]) for item in own]
    except DaemonError as error:
        yield failure("containers", f"the daemon failed: {error}", "see `docker info`")
        return
    if not states:
        yield failure("containers", f"none of {name} is there", f"`bin/fondation up --stack {name}` makes them again")
    for state in sorted(states, key=lambda item: str(item["Name"])):
        yield container_finding(state, prefix)


def container_finding(inspected: Mapping[str, Any], prefix: str) -> Finding:
    """Return what is to be said of a container that `docker inspect` described."""
    state, name = inspected["State"], str(inspected["Name"]).removeprefix("/")
    role = name.removeprefix(prefix)
    status = state["Status"]
    health = (state.get("Health") or {}).get("Status")
    fact = f"{name} is {health or status}"
    if status == "created" and inspected["HostConfig"]["NetworkMode"] == "none":
        return ok("container", f"{name} carries a secret and never runs")
    if status != "running":
        return failure(
            "container",
            f"{name} is {status}, exit code {state.get('ExitCode')}",
            f"`bin/fondation logs {role}` shows why; `bin/fondation up` starts it again",
        )
    if health == "starting":
        return warning("container", fact, "ask again in a moment")
    if health not in (None, "healthy"):
        return failure("container", fact, f"`bin/fondation logs {role}` shows why")
    restarts = int(inspected.get("RestartCount") or 0)
    if restarts:
        return warning("container", f"{fact}, restarted {restarts} times", f"`bin/fondation logs {role}` shows why")
    return ok("container", fact)


def _page(outputs: Outputs) -> Iterator[Finding]:
    try:
        response = httpx.get(f"{outputs.web_url}/health", timeout=_HTTP_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError as error:
        remedy = "`bin/fondation logs web` shows why"
        yield failure("web page", f"{outputs.web_url} does not answer: {error or type(error).__name__}", remedy)
        return
    if response.is_success:
        yield ok("web page", f"{outputs.web_url} answers")
    else:
        remedy = "`bin/fondation logs web` shows why"
        yield failure("web page", f"{outputs.web_url} answers HTTP {response.status_code}", remedy)
    yield from _backend_clock(outputs.convex_url)


def _backend_clock(url: str) -> Iterator[Finding]:
    try:
        response = httpx.get(url, timeout=_HTTP_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError:
        return  # `_backend` says so, with the key
    if sent := response.headers.get("date"):
        ours = datetime.now().astimezone()
        yield clock_skew("the backend", parsedate_to_datetime(sent).timestamp(), ours.timestamp())


def _backend(stack: Stack) -> Finding:
    try:
        jobs = Jobs(stack.convex()).all()
    except OpsError as error:
        return failure("backend", str(error), "")
    return ok("backend", f"answers and takes our key; {len(jobs)} jobs")


def _functions(stack: Stack, outputs: Outputs) -> Finding:
    try:
        return ok("functions", require_functions(stack.convex(), outputs.convex_url))
    except FunctionsError as error:
        return warning("functions", str(error), "")
    except OpsError as error:
        return failure("functions", str(error), "")
