"""Repositories of this machine, brought into a stack: a bare clone in the volume that the worker reads.

The volume is reached through the worker's container, which mounts it; nothing on this machine is mounted into a
container. A repository is swapped in whole, so a running clone never sees half of one.
"""

import io
import re
import secrets
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import docker
from docker.errors import NotFound as NoSuchThing
from docker.models.containers import Container

from components.stack_names import REPOSITORIES
from course.identity import USER_ID
from ops.errors import NotFoundError, StackError
from ops.jobs import git
from ops.machine.command import run
from ops.machine.docker_objects import docker_client
from ops.stack.containers import container_of

FOLDER: Final = REPOSITORIES
_TIMEOUT_S: Final = 600
ORIGIN_FILE: Final = "fondation-origin"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# A fixed script with positional arguments: no name ever becomes part of it.
_SWAP: Final = '{ [ ! -e "$2" ] || mv -- "$2" "$1/old"; } && mv -- "$1/repository" "$2" && rm -rf -- "$1"'


def repository_name(path: Path, wanted: str | None = None) -> str:
    """Return the name, without `.git`, that a repository gets in the volume.

    Raises:
        NotFoundError: Neither the wanted name nor the folder's makes a name.
    """
    if wanted is not None:
        if not _NAME.fullmatch(wanted):
            raise NotFoundError(
                f"--name is {wanted!r}: expected letters, digits, dots, hyphens and underscores, 100 at most"
            )
        return wanted
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name.removesuffix(".git")).strip("-._")[:100]
    if not slug:
        raise NotFoundError(f"the folder name of {path} makes no repository name: give one with --name")
    return slug


def local_url(name: str) -> str:
    """Return the URL under which the stack knows an imported repository."""
    return f"file://{FOLDER}/{name}.git"


def import_repository(path: Path, *, stack: str, name: str | None = None, replace: bool = False) -> str:
    """Copy a repository's commits into the stack's volume and return its URL there.

    Args:
        path: A folder with a git repository.
        stack: The stack whose worker is to read it.
        name: Name in the volume; the folder's by default.
        replace: Take the place of a repository that was imported from another folder.

    Raises:
        NotFoundError: The path is no git repository with a commit and all its files, or the stack has no worker.
        StackError: The stack takes no local repositories, or the name is another one's.
        DaemonError: Docker does not answer.
    """
    path = path.resolve()
    git.head_commit(path)
    git.require_whole(path)
    name = repository_name(path, name)
    with tempfile.TemporaryDirectory(prefix="fondation-import-") as temporary:
        bare = Path(temporary) / "repository"
        git.bare_clone(path, bare)
        (bare / ORIGIN_FILE).write_text(f"{path}\n", encoding="utf-8")
        archive = Path(temporary) / "repository.tar"
        incoming = f".incoming-{secrets.token_hex(8)}"
        pack(bare, archive, incoming)
        with docker_client(f"while {path} was imported", timeout_s=_TIMEOUT_S) as client:
            _deliver(client, archive, incoming, name, stack=stack, origin=None if replace else str(path))
    return local_url(name)


def export_repository(url: str, target: Path, *, stack: str) -> None:
    """Copy an imported repository out of the stack's volume into a new folder.

    Raises:
        NotFoundError: The volume has no such repository, or the stack no worker.
        DaemonError: Docker does not answer.
    """
    name = url.removeprefix(f"file://{FOLDER}/")
    with docker_client(f"while {url} was read", timeout_s=_TIMEOUT_S) as client:
        try:
            stream, _ = container_of(client, stack, "worker").get_archive(f"{FOLDER}/{name}")
        except NoSuchThing as error:
            raise NotFoundError(f"the stack {stack} has no repository {url} any more: import it again") from error
        archive = target.with_suffix(".tar")
        with archive.open("wb") as file:
            for chunk in stream:
                file.write(chunk)
    target.mkdir()
    run(["tar", "-x", "-f", str(archive), "-C", str(target), "--strip-components=1", "--no-same-owner"])
    archive.unlink()


def remove_repository(url: str, *, stack: str) -> bool:
    """Remove an imported repository from the stack's volume; whether it was one.

    Raises:
        NotFoundError: The stack has no worker.
        StackError: It could not be removed.
        DaemonError: Docker does not answer.
    """
    name = url.removeprefix(f"file://{FOLDER}/").removesuffix(".git")
    if url != local_url(name) or not _NAME.fullmatch(name):
        return False
    with docker_client(f"while {url} was removed", timeout_s=_TIMEOUT_S) as client:
        worker = container_of(client, stack, "worker")
        done = worker.exec_run(["rm", "-rf", "--", f"{FOLDER}/{name}.git"], user=str(USER_ID))
    if done.exit_code != 0:
        raise StackError(f"{url} could not be removed: {_text(done.output)}")
    return True


def pack(bare: Path, archive: Path, incoming: str) -> None:
    """Write a tar archive with a repository as `<incoming>/repository`, owned by the images' user."""

    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = USER_ID
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() else 0o644
        return member

    with tarfile.open(archive, "w") as tar:
        folder = tarfile.TarInfo(incoming)
        folder.type = tarfile.DIRTYPE
        tar.addfile(owned(folder))
        tar.add(bare, arcname=f"{incoming}/repository", filter=owned)


def _deliver(
    client: docker.DockerClient, archive: Path, incoming: str, name: str, *, stack: str, origin: str | None
) -> None:
    worker = container_of(client, stack, "worker")
    if all(mount["Destination"] != FOLDER for mount in worker.attrs["Mounts"]):
        raise StackError(
            f"the stack {stack} takes no local repositories: give an https URL, or in a development stack"
            f" `bin/pulumi config set fondation:localRepositories true --stack {stack}`"
        )
    target = f"{FOLDER}/{name}.git"
    if origin is not None and (there := _origin(worker, target)) not in {None, origin}:
        raise StackError(
            f"{name!r} was already imported from {there}: give this one another name with --name, or take its place"
            " with --replace"
        )
    with archive.open("rb") as stream:
        worker.put_archive(FOLDER, stream)
    done = worker.exec_run(["sh", "-c", _SWAP, "sh", f"{FOLDER}/{incoming}", target], user=str(USER_ID))
    if done.exit_code != 0:
        raise StackError(f"{target} could not be put in place: {_text(done.output)}")


def _origin(worker: Container, target: str) -> str | None:
    try:
        stream, _ = worker.get_archive(f"{target}/{ORIGIN_FILE}")
    except NoSuchThing:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        member = tar.extractfile(ORIGIN_FILE)
        return member.read().decode(errors="replace").strip() if member else None


def _text(output: bytes | Iterator[bytes]) -> str:
    return (output if isinstance(output, bytes) else b"".join(output)).decode(errors="replace").strip()
