"""What a container can reach: folders, sockets, ports, networks and namespaces; each function yields complaints."""

from collections.abc import Iterator
from typing import Final

from ops.audit.facts import ContainerFacts, section

_PRIVILEGED_PORTS: Final = 1024
_SENSITIVE: Final = (
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/var/lib/docker",
    "/run",
    "/var/run",
)
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - what is refused
_PORTS: Final = {"web": {"8000/tcp"}, "backend": {"3210/tcp"}, "monitoring": {"9090/tcp"}}


def mounts_nothing_sensitive(container: ContainerFacts) -> Iterator[str]:
    """Nothing of the host is mounted, and no mount hides a system folder."""
    for mount in container.mounts:
        source = str(mount.get("Source", ""))
        if mount.get("Type") == "bind" and "docker.sock" not in source:
            yield f"{source} of the host is mounted on {mount.get('Destination')}"
    for target in (str(mount.get("Destination", "")) for mount in container.mounts):
        if target in _SENSITIVE:
            yield f"a mount hides {target} of the image"


def mounts_no_socket(container: ContainerFacts) -> Iterator[str]:
    """The daemon's socket is not mounted."""
    if any("docker.sock" in f"{mount.get('Source')} {mount.get('Destination')}" for mount in container.mounts):
        yield "the daemon's socket is mounted: whoever uses it is root on the host"


def propagates_nothing(container: ContainerFacts) -> Iterator[str]:
    """No mount is shared with the host."""
    for mount in container.mounts:
        if "shared" in str(mount.get("Propagation", "")):
            yield f"mounts below {mount.get('Destination')} are shared with the host"


def publishes_high_ports(container: ContainerFacts) -> Iterator[str]:
    """Published ports need no privilege."""
    for binding in (one for bindings in container.published.values() for one in bindings):
        if 0 < int(binding.get("HostPort") or 0) < _PRIVILEGED_PORTS:
            yield f"it publishes the privileged port {binding['HostPort']}"


def publishes_its_own_ports(container: ContainerFacts) -> Iterator[str]:
    """Only ports that the role serves are published."""
    for port in set(container.published) - _PORTS.get(container.role, set()):
        yield f"it publishes {port}, which nobody needs"
    if container.host.get("PublishAllPorts"):
        yield "it publishes every exposed port"


def publishes_on_one_interface(container: ContainerFacts) -> Iterator[str]:
    """Published ports are on one interface of the host."""
    for port, bindings in container.published.items():
        for binding in bindings:
            if binding.get("HostIp", "") in _ANYWHERE:
                yield f"{port} is published on every interface"


def exposes_no_device(container: ContainerFacts) -> Iterator[str]:
    """No device of the host is within reach."""
    for device in container.host.get("Devices") or []:
        yield f"device {device.get('PathOnHost')} of the host is in it"


def avoids_the_default_bridge(container: ContainerFacts) -> Iterator[str]:
    """The container is not on the default bridge."""
    networks = set(section(section(container.inspect, "NetworkSettings"), "Networks"))
    if "bridge" in networks or container.host.get("NetworkMode") in {"bridge", "default", ""}:
        yield "it is on the default bridge, with every other container of the host"


def has_one_network(container: ContainerFacts) -> Iterator[str]:
    """The container joins no networks together."""
    networks = section(section(container.inspect, "NetworkSettings"), "Networks")
    if len(networks) > 1:
        yield f"it is on {len(networks)} networks and joins them: {', '.join(sorted(networks))}"


def shares_with_no_other(container: ContainerFacts) -> Iterator[str]:
    """No namespace, volume or name is shared with another container."""
    for key in ("PidMode", "IpcMode", "NetworkMode"):
        if str(container.host.get(key) or "").startswith("container:"):
            yield f"{key} shares a namespace with another container"
    for key in ("VolumesFrom", "Links"):
        if container.host.get(key):
            yield f"{key} ties it to another container"


def joins_no_group(container: ContainerFacts) -> Iterator[str]:
    """The process has no group beside its own."""
    for group in container.host.get("GroupAdd") or []:
        yield f"it joins the group {group}"


def has_no_network(container: ContainerFacts) -> Iterator[str]:
    """A courier has no network."""
    if container.host.get("NetworkMode") != "none":
        yield "a courier has a network"


def secrets_are_read_only(container: ContainerFacts) -> Iterator[str]:
    """Secrets are mounted read-only."""
    for mount in container.mounts:
        if str(mount.get("Destination", "")).startswith("/run/fondation/") and mount.get("RW"):
            yield f"the secret {mount['Destination']} is writable"
