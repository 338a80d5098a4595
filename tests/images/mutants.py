"""What breaks each check of the audit: one line of a Dockerfile, or one field of a container.

An image's file mutants are built as the layers of one image, and each layer is laid on the clean image alone: twenty
mutants cost one build and one export.
"""

import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SECRET = "sk-ant-api03-" + "mutant" * 6
VENV = "/opt/fondation/venv"
SITE = f"{VENV}/lib/python3.11/site-packages"


@dataclass(frozen=True, kw_only=True)
class ImageMutant:
    """A line of a Dockerfile after `FROM`, and the checks that it breaks beside its own."""

    check: str
    line: str
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ContainerMutant:
    """Fields of the API's request to create a container, by path; `running` starts it, `then` is done to it after."""

    check: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    courier: bool = False
    running: bool = False
    then: str = ""
    also: frozenset[str] = frozenset()


CONFIGURATION_MUTANTS: Sequence[ImageMutant] = (
    ImageMutant(check="user", line="USER 0:0", also=frozenset({"user-shell"})),
    ImageMutant(check="user-number", line="USER fondation"),
    ImageMutant(check="user-shell", line="USER 4:65534"),
    ImageMutant(check="parent", line='LABEL org.opencontainers.image.base.digest="latest"'),
    ImageMutant(check="content-name", line=f'LABEL org.fondation.digest="sha256:{"0" * 64}"'),
    ImageMutant(check="healthcheck", line="HEALTHCHECK NONE"),
    ImageMutant(check="healthcheck-form", line="HEALTHCHECK CMD true"),
    ImageMutant(check="update-alone", line="RUN apt-get update || true"),
    ImageMutant(check="copy-not-add", line="ADD Dockerfile /opt/added"),
    ImageMutant(check="secret-in-history", line=f"RUN API_KEY={SECRET} true"),
    ImageMutant(check="secret-in-env", line=f"ENV SERVICE_TOKEN={SECRET}"),
    ImageMutant(check="secret-in-label", line=f'LABEL note="{SECRET}"'),
    ImageMutant(check="exposed-port", line="EXPOSE 443"),
    ImageMutant(check="volume", line="VOLUME /opt/data"),
    ImageMutant(check="onbuild", line="ONBUILD RUN true"),
    ImageMutant(check="entrypoint", line="ENTRYPOINT exec /opt/fondation/venv/bin/python -m worker"),
    ImageMutant(check="labels", line='LABEL org.opencontainers.image.title=""'),
    ImageMutant(check="search-path", line="ENV PATH=/tmp:/usr/bin"),
    ImageMutant(check="injection", line="ENV LD_PRELOAD=/tmp/x.so"),
)

FILE_MUTANTS: Sequence[ImageMutant] = (
    ImageMutant(check="package-manager", line="RUN ln /usr/bin/true /usr/bin/apt-get"),
    ImageMutant(check="compiler", line="RUN ln /usr/bin/true /usr/bin/gcc"),
    ImageMutant(check="network-tool", line="RUN ln /usr/bin/true /usr/local/bin/curl"),
    ImageMutant(check="privilege-tool", line="RUN ln /usr/bin/true /usr/bin/sudo"),
    ImageMutant(check="interpreter", line="RUN ln /usr/bin/true /usr/bin/perl"),
    ImageMutant(check="leftovers", line="RUN echo cached > /tmp/wheel"),
    ImageMutant(check="package-records", line="RUN rm /var/lib/dpkg/status"),
    ImageMutant(check="setuid", line="RUN chmod u+s /usr/bin/git"),
    ImageMutant(check="setgid", line="RUN chmod g+s /usr/bin/cat"),
    ImageMutant(check="file-capability", line="ADD capability.tar /opt/"),
    ImageMutant(check="credential-file", line="RUN echo > /opt/.netrc"),
    ImageMutant(check="secret-in-file", line=f"RUN echo {SECRET} > /etc/service.conf"),
    ImageMutant(check="package-content", line=f"RUN echo '# changed' >> {SITE}/markdown_it/__init__.py"),
    ImageMutant(check="unrecorded-module", line=f"RUN echo > {SITE}/stray.py"),
    ImageMutant(check="others-write", line="RUN chmod o+w /usr/bin/env"),
    ImageMutant(check="owner", line="RUN chown 10001 /opt/fondation/cli/dist"),
    ImageMutant(check="special-file", line="RUN mkfifo /opt/pipe"),
    ImageMutant(check="repository", line="RUN mkdir -p /opt/fondation/.git && echo > /opt/fondation/.git/HEAD"),
    ImageMutant(check="certificates", line="RUN echo > /etc/ssl/certs/ca-certificates.crt"),
    ImageMutant(check="licences", line="RUN rm -r /usr/share/doc/*"),
    ImageMutant(check="password", line="RUN echo 'guest::19700:0:99999:7:::' >> /etc/shadow"),
    ImageMutant(check="second-root", line="RUN echo 'toor:*:0:0::/:/usr/sbin/nologin' >> /etc/passwd"),
)

_BIND = {"Type": "bind", "Source": "/srv", "Target": "/data"}
_SLEEP = {"Entrypoint": ["/usr/bin/sleep", "60"], "Cmd": None}
_POSE = "import os; os.execv('/usr/bin/sleep', ['sshd', '60'])"
CONTAINER_MUTANTS: Sequence[ContainerMutant] = (
    ContainerMutant(check="runs-as-user", fields={"User": "0"}),
    ContainerMutant(check="image-id", fields={"Image": "{tag}"}),
    ContainerMutant(check="apparmor", fields={"HostConfig.SecurityOpt": ["no-new-privileges", "apparmor=unconfined"]}),
    ContainerMutant(check="selinux", fields={"HostConfig.SecurityOpt": ["no-new-privileges", "label=disable"]}),
    ContainerMutant(check="capability-added", fields={"HostConfig.CapAdd": ["NET_RAW"]}),
    ContainerMutant(check="capabilities-dropped", fields={"HostConfig.CapDrop": ["NET_RAW"]}),
    # What follows `also` here is the daemon's own doing: it switches the SELinux label off with them.
    ContainerMutant(check="privileged", fields={"HostConfig.Privileged": True}, also=frozenset({"selinux"})),
    ContainerMutant(check="host-folder", fields={"HostConfig.Mounts": [_BIND]}),
    ContainerMutant(
        check="sshd",
        fields={"Entrypoint": [f"{VENV}/bin/python", "-c", _POSE], "Cmd": None},
        running=True,
        then="wait until sshd runs",
    ),
    ContainerMutant(
        check="privileged-port",
        fields={"HostConfig.PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "81"}]}},
        also=frozenset({"needed-ports"}),
    ),
    ContainerMutant(
        check="needed-ports",
        fields={"HostConfig.PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8081"}]}},
    ),
    ContainerMutant(check="host-network", fields={"HostConfig.NetworkMode": "host"}),
    ContainerMutant(check="memory", fields={"HostConfig.Memory": 0, "HostConfig.MemorySwap": 0}),
    ContainerMutant(check="swap", fields={"HostConfig.MemorySwap": -1}),
    ContainerMutant(check="cpu", fields={"HostConfig.NanoCpus": 0}),
    ContainerMutant(check="read-only-root", fields={"HostConfig.ReadonlyRootfs": False}),
    ContainerMutant(
        check="one-interface",
        fields={"HostConfig.PortBindings": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8081"}]}},  # noqa: S104 - the mutant
        also=frozenset({"needed-ports"}),
    ),
    ContainerMutant(check="restart-policy", fields={"HostConfig.RestartPolicy": {"Name": "always"}}),
    ContainerMutant(check="host-processes", fields={"HostConfig.PidMode": "host"}, also=frozenset({"selinux"})),
    ContainerMutant(check="host-ipc", fields={"HostConfig.IpcMode": "host"}, also=frozenset({"selinux"})),
    ContainerMutant(
        check="device",
        fields={
            "HostConfig.Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "r"}]
        },
    ),
    ContainerMutant(
        check="mount-propagation",
        fields={"HostConfig.Mounts": [{**_BIND, "BindOptions": {"Propagation": "rshared"}}]},
        also=frozenset({"host-folder"}),
    ),
    ContainerMutant(check="host-uts", fields={"HostConfig.UTSMode": "host"}),
    ContainerMutant(check="seccomp", fields={"HostConfig.SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]}),
    ContainerMutant(check="privileged-exec", fields=_SLEEP, running=True, then="exec --privileged"),
    ContainerMutant(check="root-exec", fields=_SLEEP, running=True, then="exec --user 0"),
    ContainerMutant(check="cgroup", fields={"HostConfig.CgroupParent": "/elsewhere"}),
    ContainerMutant(check="no-new-privileges", fields={"HostConfig.SecurityOpt": []}),
    ContainerMutant(check="health-declared", fields={"Healthcheck": {"Test": ["NONE"]}}),
    ContainerMutant(
        check="healthy",
        fields={
            **_SLEEP,
            "Healthcheck": {"Test": ["CMD", "/usr/bin/false"], "Interval": 10**9, "StartPeriod": 10**6, "Retries": 1},
        },
        running=True,
        then="wait until unhealthy",
    ),
    ContainerMutant(check="current-image", fields={"Labels": {"org.fondation.digest": f"sha256:{'0' * 64}"}}),
    ContainerMutant(check="process-limit", fields={"HostConfig.Ulimits": []}),
    ContainerMutant(check="default-bridge", fields={"HostConfig.NetworkMode": "bridge"}),
    ContainerMutant(check="user-namespace", fields={"HostConfig.UsernsMode": "host"}),
    ContainerMutant(
        check="docker-socket",
        fields={"HostConfig.Mounts": [{**_BIND, "Source": "/var/run/docker.sock", "Target": "/data/docker.sock"}]},
    ),
    ContainerMutant(check="one-network", then="connect to a second network"),
    ContainerMutant(check="environment-secret", fields={"Env": ["PASSWORD=correct-horse"]}),
    ContainerMutant(check="argument-secret", fields={"Cmd": ["worker", f"--key={SECRET}"]}),
    ContainerMutant(
        check="secret-mount",
        fields={
            "HostConfig.Mounts": [
                {"Type": "volume", "Source": "{volume}", "Target": "/run/fondation/backend-key", "ReadOnly": False}
            ]
        },
    ),
    ContainerMutant(check="temporary-files", fields={"HostConfig.Tmpfs": {"/tmp": "rw,size=64m"}}),
    ContainerMutant(check="log-bound", fields={"HostConfig.LogConfig": {"Type": "json-file", "Config": {}}}),
    ContainerMutant(check="init", fields={"HostConfig.Init": False}),
    ContainerMutant(check="kernel-files", fields={"HostConfig.MaskedPaths": []}),
    ContainerMutant(check="group", fields={"HostConfig.GroupAdd": ["0"]}),
    ContainerMutant(check="shared-namespace", fields={"HostConfig.PidMode": "container:{container}"}),
    ContainerMutant(check="courier-started", courier=True, running=True),
    ContainerMutant(
        check="courier-restart", courier=True, fields={"HostConfig.RestartPolicy": {"Name": "unless-stopped"}}
    ),
    ContainerMutant(check="courier-network", courier=True, fields={"HostConfig.NetworkMode": "{network}"}),
)


def capability_tar() -> bytes:
    """Return an archive with a program that has CAP_NET_RAW, as setcap would have written it."""
    capability = bytes.fromhex("0100000200200000000000000000000000000000")
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("ping")
        entry.mode = 0o755
        entry.pax_headers = {"SCHILY.xattr.security.capability": capability.decode("utf-8", "surrogateescape")}
        archive.addfile(entry, io.BytesIO(b""))
    return stream.getvalue()
