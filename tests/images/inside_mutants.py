"""What breaks each case of `image_cases` and `container_cases`.

Three containers serve them all: one of an image with one more line of a Dockerfile per case, one that is started like a
careless `docker run`, and a page that is started wrongly. Each leaves out, adds or changes one thing per case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.images.container_cases import KEY_FOLDER
from tests.images.image_cases import CLI

ALTERED, CARELESS, OPEN_PAGE = "altered", "careless", "open page"
SITE = "/opt/fondation/venv/lib/python3.11/site-packages"
SECRET = "inside-mutant-0123456789"

HARDENED: Mapping[str, Sequence[str]] = {
    "--user": ("10001:10001",),
    "--init": (),
    "--read-only": (),
    "--cap-drop": ("ALL",),
    "--security-opt": ("no-new-privileges",),
    "--memory": ("256m",),
    "--cpus": ("1",),
    "--ulimit": ("nproc=512:512",),
    "--tmpfs": ("/tmp",),
}
"""How a mutant runs but for what it is there to break."""
SURROUNDINGS: Mapping[str, Sequence[str]] = {
    OPEN_PAGE: (
        *("--network", "{network}", "--volume", f"{{key}}:{KEY_FOLDER}:ro"),
        *("--env", f"FONDATION_BACKEND_KEY_FILE={KEY_FOLDER}/value"),
    )
}
"""What a mutant needs in order to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken thing.

    Attributes:
        case: The case that has to see it.
        container: Which of the three has it.
        says: Part of what the case then says.
        line: Line of a Dockerfile below the image's own, as root.
        omits: Option of `HARDENED`, or variable of a production page, that is left out.
        options: Options of `docker run` that are added.
    """

    case: str
    container: str
    says: str
    line: str = ""
    omits: str = ""
    options: Sequence[str] = ()

    @property
    def change(self) -> str:
        """The change as one reads it."""
        without = f"without `{self.omits}`" if self.omits else ""
        added = f"`{self.line or ' '.join(self.options)}`" if self.line or self.options else ""
        return ", ".join(part for part in (without, added) if part) or "`sleep` instead of the program"


MUTANTS: Sequence[Mutant] = (
    Mutant(case="user", container=CARELESS, omits="--user", options=("--user", "0"), says="runs as root"),
    Mutant(case="groups", container=CARELESS, options=("--group-add", "42"), says="42"),
    Mutant(
        case="shell",
        container=ALTERED,
        line="RUN sed -i '/^fondation:/s,/usr/sbin/nologin,/bin/sh,' /etc/passwd",
        says="logs in with /bin/sh",
    ),
    Mutant(case="accounts", container=ALTERED, line="RUN chmod 666 /etc/group", says="/etc/group"),
    Mutant(case="passwords", container=ALTERED, line="RUN echo 'guest::5:5::/:/bin/sh' >> /etc/passwd", says="guest"),
    Mutant(case="tools", container=ALTERED, line="RUN ln -s /usr/bin/true /usr/bin/curl", says="/usr/bin/curl"),
    Mutant(case="installer", container=ALTERED, line=f"RUN echo > {SITE}/pip.py", says="import pip"),
    Mutant(case="setuid", container=ALTERED, line="RUN chmod u+s /usr/bin/env", says="/usr/bin/env"),
    Mutant(case="leftovers", container=ALTERED, line="RUN mkdir -p /var/lib/apt/lists", says="/var/lib/apt/lists"),
    Mutant(case="foreign-code", container=ALTERED, line=f"RUN chown 10001 {CLI}", says=CLI),
    Mutant(case="others-write", container=ALTERED, line="RUN chmod o+w /usr/bin/git", says="/usr/bin/git"),
    Mutant(case="credential-files", container=ALTERED, line="RUN echo > /opt/.netrc", says="/opt/.netrc"),
    Mutant(case="repository", container=ALTERED, line="RUN mkdir /opt/fondation/.git", says="/opt/fondation/.git"),
    Mutant(case="special-files", container=ALTERED, line="RUN mkfifo /opt/pipe", says="/opt/pipe"),
    Mutant(
        case="certificates",
        container=ALTERED,
        line="RUN echo > /etc/ssl/certs/ca-certificates.crt",
        says="have 1 bytes",
    ),
    Mutant(case="package-records", container=ALTERED, line="RUN rm /var/lib/dpkg/status", says="no packages"),
    Mutant(case="licences", container=ALTERED, line="RUN rm -r /usr/share/doc/git", says="git's licence"),
    Mutant(
        case="system",
        container=ALTERED,
        line="RUN sed -i 's/bookworm/trixie/' /etc/os-release",
        says="it is trixie",
    ),
    Mutant(case="search-path", container=ALTERED, line="ENV PATH=/tmp:$PATH", says="PATH is /tmp:"),
    Mutant(case="injection", container=ALTERED, line="ENV PYTHONSTARTUP=/tmp/x.py", says="PYTHONSTARTUP"),
    Mutant(case="secret-variable", container=ALTERED, line="ENV SERVICE_TOKEN=x", says="SERVICE_TOKEN"),
    Mutant(case="cli", container=ALTERED, line=f"RUN chmod 000 {CLI}", says="--help exits 2"),
    Mutant(case="git-https", container=ALTERED, line="RUN rm /usr/lib/git-core/git-remote-https", says="no https"),
    Mutant(
        case="contract",
        container=CARELESS,
        options=("--env", "ANTHROPIC_API_KEY=x"),
        says="ANTHROPIC_API_KEY is set",
    ),
    Mutant(case="packages", container=ALTERED, line="RUN mkdir /opt/fondation/app/ops", says="ops"),
    Mutant(case="no-model", container=ALTERED, line="RUN mkdir /opt/claude", says="is inside"),
    Mutant(case="read-only-root", container=CARELESS, omits="--read-only", says="can be written"),
    Mutant(case="temporary-files", container=CARELESS, omits="--tmpfs", says="/tmp is nothing"),
    Mutant(
        case="shared-memory",
        container=CARELESS,
        options=("--tmpfs", "/dev/shm:exec"),
        says="without noexec",
    ),
    Mutant(
        case="kernel-files",
        container=CARELESS,
        options=("--security-opt", "systempaths=unconfined"),
        says="/proc/sys can be written",
    ),
    Mutant(case="writable-volumes", container=CARELESS, options=("--volume", "/opt/more"), says="/opt/more"),
    Mutant(case="capabilities", container=CARELESS, omits="--cap-drop", says="CapBnd"),
    Mutant(case="no-new-privileges", container=CARELESS, omits="--security-opt", says="may gain"),
    Mutant(
        case="system-calls",
        container=CARELESS,
        options=("--security-opt", "seccomp=unconfined"),
        says="no filter",
    ),
    Mutant(case="init", container=CARELESS, omits="--init", says="the first process is sleep"),
    Mutant(case="process-owners", container=CARELESS, omits="--user", options=("--user", "0"), says="processes of: 0"),
    Mutant(case="memory", container=CARELESS, omits="--memory", says="the limit of its memory is"),
    Mutant(case="cpu", container=CARELESS, omits="--cpus", says="the limit of its CPU is"),
    Mutant(case="processes", container=CARELESS, omits="--ulimit", says="at most"),
    Mutant(case="interfaces", container=CARELESS, options=("--network", "none"), says="interfaces: lo"),
    Mutant(case="devices", container=CARELESS, options=("--device", "/dev/null:/dev/extra"), says="extra"),
    Mutant(case="docker-socket", container=ALTERED, line="RUN mkfifo /run/docker.sock", says="Docker's socket"),
    Mutant(
        case="listens",
        container=OPEN_PAGE,
        options=("--env", "FONDATION_METRICS_PORT=9465"),
        says="[8000, 9465]",
    ),
    Mutant(case="probe", container=CARELESS, says="its health check exits 1"),
    Mutant(case="metrics", container=CARELESS, says="no metrics"),
    Mutant(
        case="environment",
        container=OPEN_PAGE,
        options=("--env", "NODE_ENV=development"),
        says="NODE_ENV is development",
    ),
    Mutant(
        case="backend-address",
        container=OPEN_PAGE,
        options=("--env", "CONVEX_URL=http://{backend}:3210"),
        says="calls http://",
    ),
    Mutant(
        case="local-repositories",
        container=OPEN_PAGE,
        options=("--env", "FONDATION_LOCAL_REPOSITORIES=/srv/elsewhere"),
        says="/srv/elsewhere",
    ),
    Mutant(case="secret-files", container=CARELESS, options=("--volume", KEY_FOLDER), says=f"{KEY_FOLDER}/value"),
    Mutant(case="secret-folders", container=CARELESS, options=("--volume", KEY_FOLDER), says=f"{KEY_FOLDER} 755 0"),
    Mutant(case="secret-mounts", container=CARELESS, options=("--volume", KEY_FOLDER), says="can be written"),
    Mutant(case="secrets-hidden", container=CARELESS, options=("--env", f"KEY={SECRET}"), says="shown by a process"),
    Mutant(case="token-file", container=OPEN_PAGE, omits="FONDATION_TOKEN_FILE", says="the token is in None"),
    Mutant(case="access-token", container=OPEN_PAGE, omits="FONDATION_TOKEN_FILE", says="the page answers 200"),
)
