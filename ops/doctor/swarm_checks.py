"""Checks of a stack whose workers are a service of a swarm."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from components.stack_names import StackNames
from ops.doctor.finding import Finding, Level, failure, ok, warning
from ops.errors import DaemonError
from ops.machine.docker_objects import docker_client
from pulumi_offline.docker_provider.service_state import was_rolled_back

if TYPE_CHECKING:
    from components.configuration import StackKeys

_PLACEMENT: Final = "node.role==manager"


def check_swarm(keys: "StackKeys", stack: str) -> Iterator[Finding]:
    """Yield what is to be said of the swarm; nothing when the stack uses none."""
    if keys.scale_mode != "swarm":
        return
    try:
        with docker_client(timeout_s=30) as client:
            swarm = client.info().get("Swarm") or {}
            yield (state := swarm_finding(swarm))
            if state.level is not Level.OK:
                return
            nodes = [node.attrs for node in client.nodes.list()]
            yield node_finding(nodes, keys.worker_placement)
            for service in client.services.list(filters={"name": StackNames(stack=stack).of("worker")}):
                tasks = service.tasks(filters={"desired-state": "running"})  # type: ignore[no-untyped-call]  # no stub
                yield replica_finding(service.attrs, tasks)
    except DaemonError as error:
        yield failure(
            "swarm", f"the manager failed: {error}", "see `docker node ls` and the runbook's section Scale out"
        )


def swarm_finding(swarm: Mapping[str, Any]) -> Finding:
    """Return what is to be said of the `Swarm` section of `docker info`."""
    state = swarm.get("LocalNodeState", "inactive")
    if state == "locked":
        return failure("swarm", "this manager is locked", "`docker swarm unlock`, with the key that you keep")
    if state != "active":
        return failure("swarm", f"this daemon is in no swarm ({state})", "`docker swarm init` makes it a swarm of one")
    if swarm.get("Error"):
        remedy = (
            "start the other managers; to go on without them: `docker swarm init --force-new-cluster --advertise-addr"
            " <its address>`, then `bin/fondation up`"
        )
        return failure("swarm", f"the managers have no majority: {swarm['Error']}", remedy)
    if not swarm.get("ControlAvailable"):
        return failure("swarm", "this daemon is a worker node", "point DOCKER_HOST at a manager of the swarm")
    return ok("swarm", f"{swarm.get('Nodes')} nodes, {swarm.get('Managers')} managers")


def node_finding(nodes: Sequence[Mapping[str, Any]], placement: str) -> Finding:
    """Return what is to be said of the nodes that the placement allows."""
    down = sorted(node["Description"]["Hostname"] for node in nodes if node["Status"]["State"] != "ready")
    if down:
        return warning("nodes", f"not ready: {', '.join(down)}", "start their daemons, or `docker node rm` them")
    if len(nodes) > 1 and placement.replace(" ", "") != _PLACEMENT:
        return warning(
            "nodes",
            f"workers may run on any of {len(nodes)} nodes with {placement!r}, and no registry hands images out",
            "`docker save fondation-worker:latest | ssh <node> docker load` before each update",
        )
    return ok("nodes", f"{len(nodes)} ready; workers run where {placement or 'there is room'}")


def replica_finding(service: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> Finding:
    """Return what is to be said of a service and its tasks that are meant to run."""
    name, wanted = service["Spec"]["Name"], service["Spec"]["Mode"]["Replicated"]["Replicas"]
    running = sum(1 for task in tasks if task["Status"]["State"] == "running")
    state = (service.get("UpdateStatus") or {}).get("State", "")
    if running < wanted:
        return failure("replicas", f"{running} of {wanted} of {name} run", f"`docker service ps --no-trunc {name}`")
    if state.startswith("rollback") or was_rolled_back(service):
        return warning("replicas", f"{name} was rolled back by Swarm", "mend the release and deploy it again")
    return ok("replicas", f"{running} of {name} run")
