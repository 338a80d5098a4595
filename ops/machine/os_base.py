"""Debian base images, made once per recipe (`images/os/` and a list of packages) and kept in the daemon.

From a pullable Debian image where a registry answers, else from Debian packages alone. Both roads end in one trimmed
layer, imported under the name that `components.os_base` gives the recipe. Nothing here decides what is in it.
"""

import shlex
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from docker import DockerClient
from docker.errors import BuildError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from components.os_base import OS, PACKAGES, base_recipe, needed_bases, os_image_name
from ops.context import Line
from ops.errors import CommandError, DaemonError, DownloadError, OperatorNeededError, StackError
from ops.machine import apt
from ops.machine.command import bounded, run
from ops.machine.docker_objects import docker_client
from ops.machine.facts import Machine, has_program, require_space

if TYPE_CHECKING:
    from components.configuration import StackKeys

SUITE: Final = "bookworm"
CONFIGURATION: Final = "config.txt"
DEFAULT_IMAGE: Final = "debian:bookworm-slim"
REGISTRY_TIMEOUT_S: Final = 20
NEEDED_BYTES: Final = 1024**3
# 2023-06-10, the day Debian 12 was released: a fixed time keeps two builds from the same packages equal.
_EPOCH: Final = "1686355200"
_MIRROR_FORMAT: Final = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"


def ensure_bases(root: Path, keys: "StackKeys", *, machine: Machine, cache: Path, note: Line) -> str:
    """Return a sentence about the bases that a stack needs, once the daemon has them all.

    Raises:
        OpsError: As `ensure_os_base` does.
    """
    image = keys.os_image or DEFAULT_IMAGE
    made = [
        ensure_os_base(root, base=base, image=image, machine=machine, cache=cache, note=note)
        for base in needed_bases(keys)
    ]
    return ", ".join(made)


def ensure_os_base(
    root: Path, *, base: str = OS, image: str = DEFAULT_IMAGE, machine: Machine, cache: Path, note: Line
) -> str:
    """Return a sentence about one base image once the daemon has it.

    Args:
        root: The checkout's root.
        base: Which, as `components.os_base` has it.
        image: The registry's image to start from, where a registry answers.
        machine: Where we are.
        cache: Folder for what is downloaded.
        note: Receives progress.

    Raises:
        OperatorNeededError: Neither road is open to this user; says what to do.
        SpaceError: The daemon's or the cache's disk is too full.
        DownloadError: Debian's mirror did not deliver.
        CommandError: apt failed.
        DaemonError: The daemon does not answer any more.
        StackError: The recipe does not build.
    """
    name = os_image_name(root, base)
    with docker_client(f"while {name} was made", timeout_s=600) as client:
        if size := _size(client, name):
            return f"{name} is there ({size})"
        require_space(Path(str(client.info()["DockerRootDir"])), purpose="Docker", needed_bytes=NEEDED_BYTES)
        with _staged(root, base, cache) as recipe:
            if _pull(client, image, note):
                _from_image(client, recipe, image, name, cache=cache, note=note)
                origin = image
            else:
                _from_packages(client, recipe, name, machine=machine, cache=cache, note=note)
                origin = "Debian packages"
        return f"{name} made from {origin} ({_size(client, name)})"


def mmdebstrap_argv(recipe: Path, target: Path, *, packages: Iterable[str], mirrors: Iterable[str]) -> list[str]:
    """Return the command that makes the base's file system as a tar.

    Args:
        recipe: The folder with the recipe's files.
        target: The tar to write.
        packages: Debian packages to add to the essential ones.
        mirrors: Lines of a sources.list; mmdebstrap's own choice when there is none.
    """
    excludes = [f"--dpkgopt={line}" for line in entries((recipe / "dpkg-excludes.cfg").read_text(encoding="utf-8"))]
    return [
        "mmdebstrap",
        "--variant=essential",
        "--format=tar",
        f"--include={','.join(packages)}",
        *excludes,
        f'--customize-hook=sh {shlex.quote(str(recipe / "finish.sh"))} "$1" {shlex.quote(str(recipe))}',
        # finish.sh has removed what these would clean, and they insist on finding it.
        "--skip=cleanup/apt,cleanup/mmdebstrap",
        SUITE,
        str(target),
        *mirrors,
    ]


def debian_mirrors(targets: str) -> list[str]:
    """Return sources.list lines for the mirrors that this machine itself gets Debian from, or none.

    Args:
        targets: Output of `apt-get indextargets` in our format, one index a line.
    """
    lines: list[str] = []
    for row in targets.splitlines():
        origin, _, rest = row.partition("|")
        codename, _, rest = rest.partition("|")
        address, _, rest = rest.partition("|")
        release, _, component = rest.partition("|")
        wanted = origin == "Debian" and component == "main" and codename.split("-")[0] == SUITE
        line = f"deb {address.rstrip('/')} {release} main"
        if wanted and "backports" not in codename and line not in lines:
            lines.append(line)
    return lines if any(line.endswith(f" {SUITE} main") for line in lines) else []


def entries(text: str) -> list[str]:
    """Return the lines of a list file without comments and blanks."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@contextmanager
def _staged(root: Path, base: str, cache: Path) -> Iterator[Path]:
    """Write a base's recipe to a folder of its own, which a build and mmdebstrap's hook can read."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=f".recipe-{base}-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # without root, mmdebstrap's hook runs as another user
        for name, content in base_recipe(root, base).items():
            (folder / name).write_bytes(content)
        yield folder


def _size(client: DockerClient, name: str) -> str | None:
    try:
        return f"{client.images.get(name).attrs['Size'] / 1e6:.0f} MB"
    except ImageNotFound:
        return None


def _pull(client: DockerClient, image: str, note: Line) -> bool:
    """Return whether the daemon has the image, pulling it when a registry answers in time."""
    if _size(client, image):
        return True
    note(f"asking a registry for {image}")
    try:
        with docker_client(timeout_s=REGISTRY_TIMEOUT_S) as quick:
            quick.images.get_registry_data(image)
        note(f"pulling {image}")
        client.images.pull(image)
    except (DaemonError, DockerException, RequestException):
        note(f"no registry gave {image}")
        return False
    return True


def _from_image(client: DockerClient, recipe: Path, image: str, name: str, *, cache: Path, note: Line) -> None:
    """Build on a pulled image, then flatten the result: what was removed must not stay in a lower layer."""
    note(f"adding packages to {image}")
    try:
        built, _ = client.images.build(path=str(recipe), buildargs={"BASE": image}, rm=True, forcerm=True, pull=False)
    except BuildError as error:
        log = "".join(str(part.get("stream", "")) for part in error.build_log)
        raise StackError(f"images/os/Dockerfile does not build on {image}: {error}\n{bounded(log)}") from error
    container = client.containers.create(str(built.id), command=["/bin/sh"])
    try:
        with tempfile.TemporaryFile(dir=cache) as tar:
            for chunk in container.export():
                tar.write(chunk)  # type: ignore[arg-type]  # the stubs say str, Docker sends bytes
            tar.seek(0)
            _import(client, tar, name, recipe=recipe, origin=image)
    finally:
        container.remove(v=True)
        client.images.remove(str(built.id), noprune=False)


def _from_packages(client: DockerClient, recipe: Path, name: str, *, machine: Machine, cache: Path, note: Line) -> None:
    _require_mmdebstrap(machine, note)
    folder = cache / "os"
    require_space(folder, purpose="the OS base", needed_bytes=NEEDED_BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        tar = Path(temporary) / "base.tar"
        argv = mmdebstrap_argv(
            recipe,
            tar,
            packages=entries((recipe / PACKAGES).read_text(encoding="utf-8")),
            mirrors=_mirrors(machine),
        )
        try:
            run(argv, env={"SOURCE_DATE_EPOCH": _EPOCH}, on_line=note)
        except CommandError as error:
            raise DownloadError(
                f"{name} could not be made from Debian packages: check the network and Debian's mirror\n{error}"
            ) from error
        note("importing it")
        with tar.open("rb") as stream:
            _import(client, stream, name, recipe=recipe, origin=f"debian:{SUITE}")


def _require_mmdebstrap(machine: Machine, note: Line) -> None:
    if has_program("mmdebstrap"):
        return
    purpose = "making the OS base without an image registry"
    if not machine.uses_apt:
        raise OperatorNeededError(
            f"no registry gave the OS image, and {purpose} needs mmdebstrap, which this system does not have: name an"
            " image that can be pulled with `bin/pulumi config set fondation:osImage <image>`"
        )
    apt.install(["mmdebstrap", "debian-archive-keyring"], machine=machine, purpose=purpose, on_line=note)


def _mirrors(machine: Machine) -> list[str]:
    if not machine.uses_apt:
        return []
    return debian_mirrors(
        run(["apt-get", "indextargets", "--format", _MIRROR_FORMAT, "Created-By: Packages"], timeout_s=60)
    )


def _import(client: DockerClient, tar: IO[bytes], name: str, *, recipe: Path, origin: str) -> None:
    repository, _, tag = name.partition(":")
    labels = {
        "org.opencontainers.image.title": "fondation-os",
        "org.opencontainers.image.base.name": origin,
        "org.opencontainers.image.version": tag,
    }
    configuration = entries((recipe / CONFIGURATION).read_text(encoding="utf-8"))
    changes = [*(f"LABEL {key}={value}" for key, value in labels.items()), *configuration]
    answer = client.api.import_image(src=tar, repository=repository, tag=tag, changes=changes)
    if _size(client, name) is None:
        raise StackError(f"Docker did not import {name}: {bounded(str(answer))}")
