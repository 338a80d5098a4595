"""How a container of a stack runs, asked from inside of it."""

from tests.images.image_cases import PYTHON
from tests.images.inside import CALLERS, IMAGES, SERVICES, Case, Inside, problem

KEY_FOLDER = "/run/fondation/backend-key"
TOKEN_FOLDER = "/run/fondation/web-token"
DATA = "/var/lib/fondation"
LOCAL_REPOSITORIES = "/srv/repositories"
PORTS = {"worker": {8080}, "web": {8000, 9464}, "backend": {3210}}
PROBES = {"worker": (8080, "/health/live"), "web": (8000, "/health"), "backend": (3210, "/health")}
DEVICES = {"full", "null", "ptmx", "random", "tty", "urandom", "zero", "console"}
"""Character devices that Docker gives every container."""
KERNEL_FILE_SYSTEMS = {"proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"}
PROCESSES_MAX = 1024
MEMORY_MAX = 4 << 30
_LISTENING = "0A"
_DOCKER_DNS = "0B00007F"
_ASK = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:%d%s').read().decode())"
_VISIT = """
import http.client
asked = http.client.HTTPConnection("127.0.0.1", 8000)
asked.request("GET", "/")
answer = asked.getresponse()
print(answer.status, answer.headers.get("Location", ""))
"""


def _read_only_root(seen: Inside) -> str | None:
    return None if "ro" in seen.mounts["/"] else "its root file system can be written"


def _confined(path: str) -> str:
    return f"`{path}` is memory, without programs, set-id files and devices"


def _memory_only(seen: Inside, path: str) -> str | None:
    _, kind, *options = seen.mounts.get(path, ("", "nothing"))
    missing = {"noexec", "nosuid", "nodev"} - set(options)
    return None if kind == "tmpfs" and not missing else f"{path} is {kind} without {', '.join(sorted(missing))}"


def _kernel_files(seen: Inside) -> str | None:
    return None if "ro" in seen.mounts.get("/proc/sys", ()) else "/proc/sys can be written"


def _writable(seen: Inside) -> str | None:
    mounts = {path: mount for path, mount in seen.mounts.items() if path != "/" and "rw" in mount}
    found = {path for path, (_, kind, *_) in mounts.items() if kind not in KERNEL_FILE_SYSTEMS}
    expected = {DATA} if seen.role != "web" else set()
    if seen.role == "worker" and not seen.is_production:
        expected.add(LOCAL_REPOSITORIES)
    return problem(sorted(found ^ expected), "volumes that can be written")


def _capabilities(seen: Inside) -> str | None:
    found = [name for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb") if int(seen.status[name], 16)]
    return problem(found, "capabilities")


def _no_new_privileges(seen: Inside) -> str | None:
    return None if seen.status["NoNewPrivs"] == "1" else "a program may gain privileges"


def _system_calls(seen: Inside) -> str | None:
    return None if seen.status["Seccomp"] == "2" else "no filter of system calls"


def _init(seen: Inside) -> str | None:
    return None if seen.status["Name"] == "docker-init" else f"the first process is {seen.status['Name']}"


def _owners(seen: Inside) -> str | None:
    # Processes come and go while they are listed; what starts a health check is root's until it has changed the user.
    command = "stat -c %u /proc/[0-9]* 2>/dev/null"
    found = set(seen.host.run(command).stdout.split()) & set(seen.host.run(f"sleep 0.5; {command}").stdout.split())
    return problem(sorted(found - {"10001"}), "processes of")


def _memory(seen: Inside) -> str | None:
    names = "/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes"
    limit = seen.host.run(f"cat {names} 2>/dev/null").stdout.strip()
    return None if limit.isdigit() and int(limit) <= MEMORY_MAX else f"the limit of its memory is {limit}"


def _cpu(seen: Inside) -> str | None:
    names = "/sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us"
    quota = seen.host.run(f"cat {names} 2>/dev/null").stdout.split(" ")[0].strip()
    return None if quota.isdigit() else f"the limit of its CPU is {quota}"


def _processes(seen: Inside) -> str | None:
    soft, hard = seen.host.check_output("grep '^Max processes' /proc/1/limits").split()[2:4]
    return None if hard.isdigit() and int(hard) <= PROCESSES_MAX else f"processes: {soft}, at most {hard}"


def _interfaces(seen: Inside) -> str | None:
    found = seen.host.file("/sys/class/net").listdir()
    return None if sorted(found) == ["eth0", "lo"] else f"interfaces: {', '.join(sorted(found))}"


def _devices(seen: Inside) -> str | None:
    found = seen.host.check_output("find /dev -type c -o -type b | xargs -n 1 basename").split()
    return problem([name for name in found if name not in DEVICES and not name.isdigit()], "devices")


def _docker_socket(seen: Inside) -> str | None:
    return "Docker's socket is inside" if seen.host.file("/var/run/docker.sock").exists else None


def _listens(seen: Inside) -> str | None:
    rows = [row.split() for row in seen.host.check_output("cat /proc/net/tcp /proc/net/tcp6").splitlines()]
    sockets = [row[1].rsplit(":") for row in rows if row[3] == _LISTENING and not row[1].startswith(_DOCKER_DNS)]
    found = {int(port, 16) for _, port in sockets}
    return None if found == PORTS[seen.role] else f"listens on {sorted(found)}"


def _answers_probe(seen: Inside) -> str | None:
    port, path = PROBES[seen.role]
    done = seen.host.run(f"{PYTHON} -IS /opt/fondation/app/course/probe.py {port} {path}")
    return None if done.rc == 0 else f"its health check exits {done.rc}"


def _metrics(seen: Inside) -> str | None:
    done = seen.host.run(f'{PYTHON} -c "{_ASK % (max(PORTS[seen.role]), "/metrics")}"')
    return None if "# HELP fondation_" in done.stdout else "no metrics"


def _kind(seen: Inside) -> str | None:
    found = seen.variables.get("NODE_ENV")
    return None if found == seen.environment else f"NODE_ENV is {found}"


def _backend(seen: Inside) -> str | None:
    url = seen.variables.get("CONVEX_URL", "")
    return None if url.startswith("https://" if seen.is_production else "http://fondation-") else f"calls {url}"


def _local_repositories(seen: Inside) -> str | None:
    found = seen.variables.get("FONDATION_LOCAL_REPOSITORIES")
    return None if found == (None if seen.is_production else LOCAL_REPOSITORIES) else f"local repositories: {found}"


def _secret_files(seen: Inside) -> str | None:
    wrong = [path for path, value in seen.secrets.items() if _content(seen, path) != value]
    return problem(wrong, "no secret, or another one")


def _content(seen: Inside, path: str) -> str:
    return str(seen.host.run("cat %s", path).stdout).strip()


def _secret_folders(seen: Inside) -> str | None:
    folders = " ".join(path.rpartition("/")[0] for path in seen.secrets)
    found = seen.host.run(f"stat -c '%n %a %u' {folders}").stdout.splitlines()
    return problem([line for line in found if not line.endswith(" 500 10001")], "open to others")


def _secret_mounts(seen: Inside) -> str | None:
    folders = [path.rpartition("/")[0] for path in seen.secrets]
    return problem([folder for folder in folders if "ro" not in seen.mounts.get(folder, ())], "can be written")


def _secrets_hidden(seen: Inside) -> str | None:
    # Processes come and go while they are read.
    shown = seen.host.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'").stdout
    return problem([path for path, value in seen.secrets.items() if value in shown], "shown by a process")


def _token_needed(seen: Inside) -> str | None:
    named = seen.variables.get("FONDATION_TOKEN_FILE")
    return None if named == (f"{TOKEN_FOLDER}/value" if seen.is_production else None) else f"the token is in {named}"


def _page(seen: Inside) -> str | None:
    found = seen.host.run(f"{PYTHON} -c '{_VISIT}'").stdout.strip()
    return None if found == ("303 /sign-in" if seen.is_production else "200") else f"the page answers {found}"


CONTAINER_CASES = (
    Case(name="read-only-root", says="its files cannot change", look=_read_only_root, roles=(*IMAGES, "backend")),
    Case(
        name="temporary-files",
        says=_confined("/tmp"),
        look=lambda seen: _memory_only(seen, "/tmp"),
        roles=(*IMAGES, "backend"),
    ),
    Case(
        name="shared-memory",
        says=_confined("/dev/shm"),
        look=lambda seen: _memory_only(seen, "/dev/shm"),
        roles=SERVICES,
    ),
    Case(name="kernel-files", says="the kernel's settings cannot change", look=_kernel_files, roles=SERVICES),
    Case(name="writable-volumes", says="no volume but its own can be written", look=_writable, roles=SERVICES),
    Case(name="capabilities", says="no capability", look=_capabilities, roles=SERVICES),
    Case(name="no-new-privileges", says="no privilege to gain", look=_no_new_privileges, roles=SERVICES),
    Case(name="system-calls", says="system calls are filtered", look=_system_calls, roles=SERVICES),
    Case(name="init", says="an init process reaps", look=_init, roles=SERVICES),
    Case(name="process-owners", says="every process is fondation's", look=_owners, roles=SERVICES),
    Case(name="memory", says="memory has a limit", look=_memory, roles=SERVICES),
    Case(name="cpu", says="CPU has a limit", look=_cpu, roles=SERVICES),
    Case(name="processes", says="processes have a limit", look=_processes, roles=SERVICES),
    Case(name="interfaces", says="one network", look=_interfaces, roles=SERVICES),
    Case(name="devices", says="no device", look=_devices, roles=SERVICES),
    Case(name="docker-socket", says="no way to Docker", look=_docker_socket, roles=SERVICES),
    Case(name="listens", says="listens on its own ports alone", look=_listens, roles=SERVICES),
    Case(name="probe", says="its health check passes", look=_answers_probe, roles=SERVICES),
    Case(name="metrics", says="it has metrics", look=_metrics, roles=CALLERS),
    Case(name="environment", says="it knows what the stack is for", look=_kind, roles=SERVICES),
    Case(name="backend-address", says="the backend is called over https in production", look=_backend, roles=CALLERS),
    Case(
        name="local-repositories",
        says="local repositories in development alone",
        look=_local_repositories,
        roles=CALLERS,
    ),
    Case(name="secret-files", says="its secrets are in files", look=_secret_files, roles=SERVICES),
    Case(name="secret-folders", says="only fondation reaches its secrets", look=_secret_folders, roles=SERVICES),
    Case(name="secret-mounts", says="its secrets cannot change", look=_secret_mounts, roles=SERVICES),
    Case(name="secrets-hidden", says="no secret in an environment or command", look=_secrets_hidden, roles=SERVICES),
    Case(
        name="token-file", says="an access token in production, none in development", look=_token_needed, roles=("web",)
    ),
    Case(name="access-token", says="the page asks for it in production", look=_page, roles=("web",)),
)
