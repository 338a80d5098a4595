"""What has to hold for a container: section 5 of the benchmark, and rules of our own."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from ops.audit import reach
from ops.audit.check import OURS, Check
from ops.audit.facts import ContainerFacts, Kind, section
from ops.audit.secrets import assignments_in, secrets_in

RESTARTS_MAX: Final = 5
_NEVER: Final = "0001-01-01T00:00:00Z"
_TMPFS: Final = ("noexec", "nosuid", "nodev", "size=")
_PROCESSES_MAX: Final = 4096
_Judge = Callable[[ContainerFacts], Iterator[str]]


def _equals(key: str, refused: object, complaint: str) -> _Judge:
    def judge(container: ContainerFacts) -> Iterator[str]:
        if container.host.get(key) == refused:
            yield complaint

    return judge


def _option(value: str, complaint: str) -> _Judge:
    def judge(container: ContainerFacts) -> Iterator[str]:
        options = [str(option).replace(":", "=") for option in container.host.get("SecurityOpt") or []]
        if value in options:
            yield complaint

    return judge


def _is_not_root(container: ContainerFacts) -> Iterator[str]:
    user = str(container.config.get("User") or "")
    if user.partition(":")[0] in {"", "0", "root"}:
        yield f"it runs as root (user is {user!r})"


def _has_a_profile(container: ContainerFacts) -> Iterator[str]:
    yield from _option("apparmor=unconfined", "its AppArmor profile is switched off")(container)
    started = container.inspect.get("AppArmorProfile") or container.kind is Kind.COURIER
    if any(option.startswith("name=apparmor") for option in container.security) and not started:
        yield "the daemon has AppArmor and it runs without a profile"


def _adds_no_capability(container: ContainerFacts) -> Iterator[str]:
    for added in container.host.get("CapAdd") or []:
        yield f"capability {added} is added"


def _drops_capabilities(container: ContainerFacts) -> Iterator[str]:
    if container.host.get("CapDrop") != ["ALL"]:
        yield f"it drops {container.host.get('CapDrop')}, not all capabilities"


def _runs_no_sshd(container: ContainerFacts) -> Iterator[str]:
    for process in container.processes:
        if process.split(" ")[0].rpartition("/")[2] in {"sshd", "sshd:", "dropbear"}:
            yield f"it runs {process.split(' ')[0]}"


def _memory_is_limited(container: ContainerFacts) -> Iterator[str]:
    if not container.host.get("Memory"):
        yield "its memory is not limited"


def _swap_is_limited(container: ContainerFacts) -> Iterator[str]:
    if container.host.get("Memory") and container.host.get("MemorySwap") != container.host.get("Memory"):
        yield "it may swap beyond its memory limit"


def _cpu_is_limited(container: ContainerFacts) -> Iterator[str]:
    if not any(container.host.get(key) for key in ("NanoCpus", "CpuQuota", "CpuShares")):
        yield "its share of the processor is not limited"


def _root_is_read_only(container: ContainerFacts) -> Iterator[str]:
    if not container.host.get("ReadonlyRootfs"):
        yield "its root file system is writable"


def _restarts_within_reason(container: ContainerFacts) -> Iterator[str]:
    policy = section(container.host, "RestartPolicy")
    name, count = policy.get("Name") or "no", int(policy.get("MaximumRetryCount") or 0)
    if name == "always" or (name == "on-failure" and not 0 < count <= RESTARTS_MAX):
        yield f"its restart policy is {name}{f':{count}' if count else ''}"


def _processes_are_limited(container: ContainerFacts) -> Iterator[str]:
    pids = int(container.host.get("PidsLimit") or 0)
    limits = {limit["Name"]: int(limit["Hard"]) for limit in container.host.get("Ulimits") or []}
    if pids <= 0 and not 0 < limits.get("nproc", 0) <= _PROCESSES_MAX:
        yield "neither a pids limit nor an nproc ulimit bounds its processes"


def _stays_in_its_cgroup(container: ContainerFacts) -> Iterator[str]:
    if container.host.get("CgroupParent"):
        yield f"it runs in the cgroup {container.host['CgroupParent']}, whose limits are not ours"


def _gains_no_privileges(container: ContainerFacts) -> Iterator[str]:
    options = [str(option) for option in container.host.get("SecurityOpt") or []]
    if not any(
        option in {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"} for option in options
    ):
        yield "a program in it may gain privileges"


def _has_a_probe(container: ContainerFacts) -> Iterator[str]:
    test = section(container.config, "Healthcheck").get("Test") or []
    if not test or test[0] == "NONE":
        yield "nothing checks its health"


def _is_healthy(container: ContainerFacts) -> Iterator[str]:
    health = section(section(container.inspect, "State"), "Health").get("Status")
    if health == "unhealthy":
        yield "it is unhealthy"


def _runs_an_image_by_id(container: ContainerFacts) -> Iterator[str]:
    if container.config.get("Image") != container.inspect.get("Image"):
        yield f"it was made from the name {container.config.get('Image')!r}, which may point elsewhere tomorrow"


def _says_which_content(container: ContainerFacts) -> Iterator[str]:
    label = section(container.config, "Labels").get("org.fondation.digest")
    if not label or label != container.image_labels.get("org.fondation.digest"):
        yield f"label org.fondation.digest is {label!r}, the image's is another"


def _no_privileged_exec(container: ContainerFacts) -> Iterator[str]:
    if any(section(record, "ProcessConfig").get("privileged") for record in container.execs):
        yield "a privileged command was started in it"


def _no_exec_as_root(container: ContainerFacts) -> Iterator[str]:
    users = {str(section(record, "ProcessConfig").get("user") or "") for record in container.execs}
    if any(user.partition(":")[0] in {"0", "root"} for user in users):
        yield "a command was started in it as root"


def _no_secret_in_environment(container: ContainerFacts) -> Iterator[str]:
    for variable in container.config.get("Env") or []:
        yield from (f"its environment: {found}" for found in (*secrets_in(variable), *assignments_in(variable)))


def _no_secret_in_arguments(container: ContainerFacts) -> Iterator[str]:
    arguments = [*(container.config.get("Entrypoint") or []), *(container.config.get("Cmd") or [])]
    for text in (" ".join(arguments), *container.processes):
        yield from (f"its command line: {found}" for found in (*secrets_in(text), *assignments_in(text)))


def _temporary_files_are_confined(container: ContainerFacts) -> Iterator[str]:
    for path, options in section(container.host, "Tmpfs").items():
        for option in (option for option in _TMPFS if option not in options):
            yield f"{path} lacks {option.rstrip('=')}"


def _log_is_bounded(container: ContainerFacts) -> Iterator[str]:
    log = section(container.host, "LogConfig")
    if log.get("Type") == "json-file" and not {"max-size", "max-file"} <= set(section(log, "Config")):
        yield "its log grows without bound"


def _has_an_init(container: ContainerFacts) -> Iterator[str]:
    # What reaps for itself says so: the sandbox's own process comes first.
    reaps = section(container.config, "Labels").get("org.fondation.init") == "own"
    if not container.host.get("Init") and not reaps:
        yield "nothing reaps its orphaned processes"


def _kernel_files_are_masked(container: ContainerFacts) -> Iterator[str]:
    if not container.host.get("MaskedPaths") or not container.host.get("ReadonlyPaths"):
        yield "files of the kernel in /proc and /sys are not masked"


def _was_never_started(container: ContainerFacts) -> Iterator[str]:
    state: dict[str, Any] = dict(section(container.inspect, "State"))
    if state.get("Running") or state.get("StartedAt", _NEVER) != _NEVER:
        yield "a courier was started"


def _cannot_come_up(container: ContainerFacts) -> Iterator[str]:
    if (section(container.host, "RestartPolicy").get("Name") or "no") != "no":
        yield "the daemon may start a courier"


_ALL: Final = frozenset({Kind.SERVICE, Kind.COURIER})
_RUNS: Final = frozenset({Kind.SERVICE})
_CARRIES: Final = frozenset({Kind.COURIER})
_TABLE: Final[Sequence[tuple[str, str, frozenset[Kind], _Judge]]] = (
    ("runs-as-user", "4.1", _ALL, _is_not_root),
    ("image-id", "4.5", _RUNS, _runs_an_image_by_id),
    ("apparmor", "5.2", _ALL, _has_a_profile),
    ("selinux", "5.3", _ALL, _option("label=disable", "its SELinux label is switched off")),
    ("capability-added", "5.4", _ALL, _adds_no_capability),
    ("capabilities-dropped", "5.4", _ALL, _drops_capabilities),
    ("privileged", "5.5", _ALL, _equals("Privileged", refused=True, complaint="it is privileged")),
    ("host-folder", "5.6", _ALL, reach.mounts_nothing_sensitive),
    ("sshd", "5.7", _RUNS, _runs_no_sshd),
    ("privileged-port", "5.8", _ALL, reach.publishes_high_ports),
    ("needed-ports", "5.9", _ALL, reach.publishes_its_own_ports),
    ("host-network", "5.10", _ALL, _equals("NetworkMode", refused="host", complaint="it is on the host's network")),
    ("memory", "5.11", _ALL, _memory_is_limited),
    ("swap", "5.11", _ALL, _swap_is_limited),
    ("cpu", "5.12", _ALL, _cpu_is_limited),
    ("read-only-root", "5.13", _RUNS, _root_is_read_only),
    ("one-interface", "5.14", _ALL, reach.publishes_on_one_interface),
    ("restart-policy", "5.15", _ALL, _restarts_within_reason),
    ("host-processes", "5.16", _ALL, _equals("PidMode", refused="host", complaint="it sees the host's processes")),
    ("host-ipc", "5.17", _ALL, _equals("IpcMode", refused="host", complaint="it shares the host's IPC")),
    ("device", "5.18", _ALL, reach.exposes_no_device),
    ("mount-propagation", "5.20", _ALL, reach.propagates_nothing),
    ("host-uts", "5.21", _ALL, _equals("UTSMode", refused="host", complaint="it may rename the host")),
    ("seccomp", "5.22", _ALL, _option("seccomp=unconfined", "its system call filter is switched off")),
    ("privileged-exec", "5.23", _RUNS, _no_privileged_exec),
    ("root-exec", "5.24", _RUNS, _no_exec_as_root),
    ("cgroup", "5.25", _ALL, _stays_in_its_cgroup),
    ("no-new-privileges", "5.26", _ALL, _gains_no_privileges),
    ("health-declared", "5.27", _RUNS, _has_a_probe),
    ("healthy", "5.27", _RUNS, _is_healthy),
    ("current-image", "5.28", _RUNS, _says_which_content),
    ("process-limit", "5.29", _ALL, _processes_are_limited),
    ("default-bridge", "5.30", _ALL, reach.avoids_the_default_bridge),
    ("user-namespace", "5.31", _ALL, _equals("UsernsMode", refused="host", complaint="it leaves the user namespace")),
    ("docker-socket", "5.32", _ALL, reach.mounts_no_socket),
    ("one-network", OURS, _ALL, reach.has_one_network),
    ("environment-secret", OURS, _ALL, _no_secret_in_environment),
    ("argument-secret", OURS, _ALL, _no_secret_in_arguments),
    ("secret-mount", OURS, _RUNS, reach.secrets_are_read_only),
    ("temporary-files", OURS, _ALL, _temporary_files_are_confined),
    ("log-bound", OURS, _RUNS, _log_is_bounded),
    ("init", OURS, _RUNS, _has_an_init),
    ("kernel-files", OURS, _ALL, _kernel_files_are_masked),
    ("group", OURS, _ALL, reach.joins_no_group),
    ("shared-namespace", OURS, _ALL, reach.shares_with_no_other),
    ("courier-started", OURS, _CARRIES, _was_never_started),
    ("courier-restart", OURS, _CARRIES, _cannot_come_up),
    ("courier-network", OURS, _CARRIES, reach.has_no_network),
)

CONTAINER_CHECKS: Final[Sequence[Check[ContainerFacts]]] = [
    Check(name=name, item=item, kinds=kinds, judge=judge) for name, item, kinds, judge in _TABLE
]
